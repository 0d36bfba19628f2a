import { call, failCall } from './call.ts'
import { fail } from './notes.ts'
import { askOwner } from './ownership.ts'
import { saysNoQueue } from './queue.ts'
import type { NodeRecord, Run } from './run.ts'

/** How long a deletion under way is waited for when the run is cancelled, in milliseconds. */
export const GRACE_MS = 250

/** Deletes the queue, and checks that every node says that it does not exist. */
export async function deleteQueue(run: Run): Promise<void> {
  const [first] = run.nodes
  const url = first?.queueUrl
  if (first === undefined || !url) return
  const owner = await askOwner(run, first, url)
  if (owner.kind === 'failed') return failCall(run, first, owner.failure)
  if (owner.value.kind !== 'this-run') {
    const words = 'the queue of this run is gone before it was deleted'
    return fail(run, 'queue-missing', { node: first.name, words })
  }
  const dropped = await call(run, first, 'DeleteQueue', (queue, s) => queue.drop(url, s), {
    graceMs: GRACE_MS,
  })
  if (dropped.kind === 'failed') return failCall(run, first, dropped.failure)
  const gone = await Promise.all(run.nodes.map((node) => checkGone(run, node)))
  if (gone.every(Boolean)) run.created = 'no'
}

/** Checks that a node does not tell this run's queue any more. Another canary may have made its own by now. */
async function checkGone(run: Run, node: NodeRecord): Promise<boolean> {
  const { queue: name } = run.options
  const found = await call(run, node, 'GetQueueUrl', (queue, s) => queue.find(name, s))
  if (found.kind === 'failed') {
    failCall(run, node, found.failure)
    return false
  }
  const url = found.value
  if (url === null) return true
  const owner = await askOwner(run, node, url)
  if (owner.kind === 'failed' && !saysNoQueue(owner.failure)) {
    failCall(run, node, owner.failure)
    return false
  }
  if (owner.kind === 'ok' && owner.value.kind !== 'this-run') return true
  node.error ||= `GetQueueUrl: the queue ${name} is still there`
  fail(run, 'still-there', { node: node.name, words: node.error })
  return false
}
