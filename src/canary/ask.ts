import { formatDuration } from '../shared/duration.ts'
import { type Answer, failed } from './queue.ts'

/** What an aborted signal has as its reason where the time for all steps is over; any other reason is a cancelled run. */
export const LIMIT_REACHED = 'limit'

export interface Bounds {
  /** The hard limit of the call, in milliseconds. */
  readonly timeoutMs: number
  /** Ends the call early. */
  readonly signal: AbortSignal
  /** How long an answer is still waited for once the signal is aborted, in milliseconds; by default not at all. */
  readonly graceMs?: number
  /** Monotonic, in milliseconds. */
  readonly now: () => number
}

/**
 * Makes one call under a hard limit: it resolves in time whatever the call does, and an answer that is read after the
 * deadline is a failure. Rejects only where the call itself does, which is a defect.
 */
export function ask<T>(
  start: (signal: AbortSignal) => Promise<Answer<T>>,
  { timeoutMs, signal, graceMs = 0, now }: Bounds,
): Promise<Answer<T>> {
  if (signal.aborted && graceMs === 0) return Promise.resolve(ended(signal, 'unsent'))
  const { promise, resolve, reject } = Promise.withResolvers<Answer<T>>()
  const startedAt = now()
  const call = new AbortController()
  const late = (): Answer<never> =>
    failed({
      code: 'timeout',
      httpStatus: null,
      words: `no complete answer within ${formatDuration(timeoutMs)}`,
      fate: 'unknown',
    })
  const stop = (answer: Answer<T>) => {
    resolve(answer)
    call.abort()
  }
  const deadline = setTimeout(() => stop(late()), timeoutMs)
  let grace: NodeJS.Timeout | undefined
  const onAbort = () => {
    if (graceMs === 0) stop(ended(signal, 'unknown'))
    else grace = setTimeout(() => stop(ended(signal, 'unknown')), graceMs)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  start(call.signal).then(
    (answer) => resolve(now() - startedAt > timeoutMs ? late() : answer),
    reject,
  )
  return promise.finally(() => {
    clearTimeout(deadline)
    clearTimeout(grace)
    signal.removeEventListener('abort', onAbort)
  })
}

/** The failure of a call that the run did not wait for. */
function ended(signal: AbortSignal, fate: 'unknown' | 'unsent'): Answer<never> {
  const isLimit = signal.reason === LIMIT_REACHED
  const words = isLimit ? 'the time for all steps was over' : 'the run was cancelled'
  return failed({ code: isLimit ? 'limit' : 'cancelled', httpStatus: null, words, fate })
}

/** Whether a call ended because the run did, so that its failure says nothing about the node. */
export const endedWithRun = ({ kind, ...rest }: Answer<unknown>): boolean => {
  if (kind === 'ok' || !('failure' in rest)) return false
  const { fate, code } = rest.failure
  return fate !== 'refused' && (code === 'limit' || code === 'cancelled')
}
