import { ask, type Bounds } from './ask.ts'
import { fail } from './notes.ts'
import { type Answer, type Failure, failed, type Queue } from './queue.ts'
import { reasonOf } from './reason.ts'
import type { NodeRecord, Run } from './run.ts'

/**
 * Makes one call of a node, once, within the time limit. The failure's words name the operation, and the node's row keeps
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
  const how = fate === 'refused' ? ` was refused with ${httpStatus} ${code}` : ''
  const words = redact(`${operation}${how}: ${failure.words}`)
  const reason = reasonOf(run.step, failure)
  if (reason === 'limit' || reason === 'cancelled') node.owes ||= fate === 'unknown'
  else if (node.error === '') node.error = words
  return failed({ ...failure, words })
}

/** Notes a call that failed. One that ended with the run says nothing of the node: the run tells that itself. */
export function failCall(run: Run, node: NodeRecord, failure: Failure, partition?: number): void {
  const reason = reasonOf(run.step, failure)
  if (reason === 'limit' || reason === 'cancelled') return
  fail(run, reason, { node: node.name, partition, words: failure.words })
}
