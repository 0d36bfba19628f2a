import { setTimeout as pause } from 'node:timers/promises'
import type { SecureContext } from 'node:tls'
import { makeSecureContext, startExchange } from '../exchange/exchange.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { type Course, type Turn, watch } from './course.ts'
import { pollRound } from './round.ts'

export type { Change, Course, Turn } from './course.ts'
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
export function run(inputs: Inputs, options: RunOptions): Promise<Course> {
  const { peers, routes, capability, timeoutMs, headers } = inputs
  const { signal, redact, onTurn, onLateError } = options
  let context: SecureContext | undefined
  const secure = () => {
    context ??= makeSecureContext(inputs.tls)
    return context
  }
  return watch({
    ...inputs,
    signal,
    onTurn,
    now: () => performance.now(),
    pause: (ms) => pause(ms, undefined, { signal }).catch(() => undefined),
    poll: () =>
      pollRound(peers, {
        capability,
        timeoutMs,
        redact,
        signal,
        start: ({ url }) =>
          startExchange(new URL(url), {
            route: routes.get(url) ?? { kind: 'direct' },
            timeoutMs,
            headers,
            secure,
            onLateError: (error) => onLateError(url, error),
          }),
      }),
  })
}
