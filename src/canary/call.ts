import { formatDuration } from '../shared/duration.ts'
import { type Answer, type Failure, failed, type Queue } from './queue.ts'
import { reasonOf } from './reason.ts'
import { fail, type NodeRecord, type Run } from './run.ts'

/** How long a call that writes is waited for when the run is cancelled, so that it is known what it did. In milliseconds. */
export const GRACE_MS = 250

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
  if (signal.aborted && graceMs === 0) return Promise.resolve(ended('unsent'))
  const { promise, resolve, reject } = Promise.withResolvers<Answer<T>>()
  const startedAt = now()
  const call = new AbortController()
  const stop = (answer: Answer<T>) => {
    resolve(answer)
    call.abort()
  }
  const deadline = setTimeout(() => stop(late(timeoutMs)), timeoutMs)
  let grace: NodeJS.Timeout | undefined
  const onAbort = () => {
    if (graceMs === 0) stop(ended('unknown'))
    else grace = setTimeout(() => stop(ended('unknown')), graceMs)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  start(call.signal).then(
    (answer) => resolve(now() - startedAt > timeoutMs ? late(timeoutMs) : answer),
    reject,
  )
  return promise.finally(() => {
    clearTimeout(deadline)
    clearTimeout(grace)
    signal.removeEventListener('abort', onAbort)
  })
}

/** A call without an answer. */
const unanswered = (code: string, words: string, fate: Failure['fate']): Answer<never> =>
  failed({ code, httpStatus: null, words, fate })

const late = (timeoutMs: number) =>
  unanswered('timeout', `no complete answer within ${formatDuration(timeoutMs)}`, 'unknown')

const ended = (fate: Failure['fate']) => unanswered('ended', 'the run ended', fate)

/** Whether a call ended because the run did, so that its failure says nothing about the node. */
const endedWithRun = ({ fate, code }: Failure): boolean => fate !== 'refused' && code === 'ended'

/**
 * Makes one call to a node, once, within the time limit. The failure's words name the operation, and the node's row keeps
 * the first of them.
 */
export async function call<T>(
  run: Run,
  node: NodeRecord,
  operation: string,
  start: (queue: Queue, signal: AbortSignal) => Promise<Answer<T>>,
  bounds: Partial<Bounds> = {},
): Promise<Answer<T>> {
  const { timeoutMs, now, redact } = run.options
  const answer = await ask((signal) => start(node.queue, signal), {
    ...{ timeoutMs, now, signal: run.stop },
    ...bounds,
  })
  if (answer.kind === 'ok') return answer
  const { failure } = answer
  const { fate, httpStatus, code } = failure
  if (endedWithRun(failure)) {
    node.owes ||= fate === 'unknown'
    return answer
  }
  const how = fate === 'refused' ? ` was refused with ${httpStatus} ${code}` : ''
  const words = redact(`${operation}${how}: ${failure.words}`)
  node.error ||= words
  return failed({ ...failure, words })
}

/** Notes a call that failed, unless the run ended it, which the run reports itself. */
export function failCall(run: Run, node: NodeRecord, failure: Failure, partition?: number): void {
  if (endedWithRun(failure)) return
  fail(run, reasonOf(run.step, failure), { node: node.name, partition, words: failure.words })
}
