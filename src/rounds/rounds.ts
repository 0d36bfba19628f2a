import { setTimeout as pause } from 'node:timers/promises'
import { makeResolver, makeTrust, startExchange } from '../exchange/exchange.ts'
import type { Inputs, Peer, Route } from '../inputs/inputs.ts'
import { loadQuestion } from '../membership/membership.ts'
import { judgeCensus, takeCensus } from './census.ts'
import { type Course, watch } from './course.ts'
import type { RoundNote } from './note.ts'
import { pollRound } from './round.ts'

export type { Course, Round } from './course.ts'
export { countGroup, type Group, groupOf, inGroups } from './groups.ts'
export { describeMember, isHtFifo, unlistedMembers } from './headline.ts'
export type { Change, RoundNote } from './note.ts'
export { type AddressResult, advertises, type PeerResult } from './result.ts'
export { blockingPeers, crash, fillHeadline, judge, refuse, type Verdict } from './verdict.ts'

/** What a run tells while it goes on, and what can end it. */
export interface RunOptions {
  readonly signal: AbortSignal
  /** Hides secrets that a peer may echo. */
  readonly redact: (text: string) => string
  readonly onRound: (note: RoundNote) => void
  /** Told of what goes wrong with a connection after its exchange has ended; may hold secrets. */
  readonly onLateError: (url: string, error: unknown) => void
}

/** Polls the peers, round after round where the inputs ask for it, until there is something to judge. */
export async function run(inputs: Inputs, options: RunOptions): Promise<Course> {
  const { timeoutMs, raftPorts } = inputs
  const { signal, onRound, onLateError } = options
  const resolver = makeResolver(findHosts(inputs), timeoutMs)
  const network = { resolver, secure: makeTrust(inputs.tls) }
  const start = ({ url }: Peer) =>
    startExchange(new URL(url), {
      ...inputs,
      route: routeOf(inputs, url),
      network,
      onLateError: (error) => onLateError(url, error),
    })
  const question = raftPorts.length === 0 ? null : await loadQuestion()
  const decode = question?.makeDecoder()
  const askAll = async () => {
    if (question === null || decode === undefined) return null
    const ask = (address: string) =>
      question.askMembers(address, {
        timeoutMs,
        network,
        decode,
        onLateError: (error) => onLateError(address, error),
      })
    return await takeCensus(inputs.peers, { ...options, ask })
  }
  signal.addEventListener('abort', resolver.end)
  if (signal.aborted) resolver.end()
  try {
    return await watch({
      ...inputs,
      signal,
      onRound,
      now: () => performance.now(),
      pause: (ms) => pause(ms, undefined, { signal }).catch(() => undefined),
      async poll() {
        await resolver.ready()
        const before = await askAll()
        const results = await pollRound(inputs.peers, { ...inputs, ...options, start })
        const after = await askAll()
        const membership =
          before === null || after === null
            ? null
            : judgeCensus(results, before, after, options.redact)
        return { results, membership, checkedAt: new Date().toISOString() }
      },
    })
  } finally {
    resolver.end()
  }
}

const routeOf = ({ routes }: Inputs, url: string): Route => routes.get(url) ?? { kind: 'direct' }

/** Every host that a run connects to. */
function findHosts(inputs: Inputs): readonly string[] {
  return inputs.peers.flatMap(({ url, raftAddresses }) => {
    const route = routeOf(inputs, url)
    const first = route.kind === 'direct' ? new URL(url) : route.proxy
    return [first, ...raftAddresses.map((address) => new URL(`http://${address}`))].map(
      ({ hostname }) => hostname,
    )
  })
}
