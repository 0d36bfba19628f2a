import { setTimeout as pause } from 'node:timers/promises'
import { makeResolver, makeTrust, startExchange } from '../exchange/exchange.ts'
import type { Inputs, Route } from '../inputs/inputs.ts'
import { type Course, type Turn, watch } from './course.ts'
import { pollRound } from './round.ts'

export type { Change, Course, Turn } from './course.ts'
export { countGroup, type Group, groupOf, inGroups } from './groups.ts'
export { describeMember, isHtFifo, unlistedMembers } from './headline.ts'
export { type AddressResult, advertises, type PeerResult } from './result.ts'
export { blockingPeers, crash, fillHeadline, judge, refuse, type Verdict } from './verdict.ts'

/** What a run tells while it goes on, and what can end it. */
export interface RunOptions {
  readonly signal: AbortSignal
  /** Hides secrets that a peer may echo. */
  readonly redact: (text: string) => string
  readonly onTurn: (turn: Turn) => void
  /** Told of what goes wrong with a connection after its exchange has ended; may hold secrets. */
  readonly onLateError: (url: string, error: unknown) => void
}

/** Polls the peers, round after round where the inputs ask for it, until there is something to judge. */
export async function run(inputs: Inputs, options: RunOptions): Promise<Course> {
  const { peers, routes, capability, timeoutMs, headers } = inputs
  const { signal, redact, onTurn, onLateError } = options
  const routeTo = (url: string): Route => routes.get(url) ?? { kind: 'direct' }
  const hosts = peers.map(({ url }) => {
    const route = routeTo(url)
    return (route.kind === 'direct' ? new URL(url) : route.proxy).hostname
  })
  const resolver = makeResolver(hosts, timeoutMs)
  signal.addEventListener('abort', resolver.end)
  const network = { resolver, secure: makeTrust(inputs.tls) }
  try {
    return await watch({
      ...inputs,
      signal,
      onTurn,
      now: () => performance.now(),
      pause: (ms) => pause(ms, undefined, { signal }).catch(() => undefined),
      async poll() {
        await resolver.ready()
        return pollRound(peers, {
          capability,
          redact,
          signal,
          start: ({ url }) =>
            startExchange(new URL(url), {
              route: routeTo(url),
              timeoutMs,
              headers,
              network,
              onLateError: (error) => onLateError(url, error),
            }),
        })
      },
    })
  } finally {
    resolver.end()
  }
}
