import { call, failCall } from './call.ts'
import { fail } from './notes.ts'
import type { NodeRecord, Run } from './run.ts'

/** Checks that every node tells the queue and its number of partitions. */
export async function checkSeen(run: Run): Promise<void> {
  await Promise.all(run.nodes.map((node) => checkNode(run, node)))
}

async function checkNode(run: Run, node: NodeRecord): Promise<void> {
  const { queue: name, partitions } = run.options
  const found = await call(run, node, 'GetQueueUrl', (queue, s) => queue.find(name, s))
  if (found.kind === 'failed') return failCall(run, node, found.failure)
  node.seen = false
  const url = found.value
  if (url === null) {
    node.error ||= `GetQueueUrl: the queue ${name} does not exist`
    return fail(run, 'queue-missing', { node: node.name, words: node.error })
  }
  const told = await call(run, node, 'GetQueueAttributes', (queue, s) => queue.describe(url, s))
  if (told.kind === 'failed') return failCall(run, node, told.failure)
  if (told.value.partitions !== partitions) {
    const words = `found ${told.value.partitions ?? 'no'} partitions, expected ${partitions}`
    node.error ||= words
    return fail(run, 'other-partitions', { node: node.name, words })
  }
  node.queueUrl = url
  node.seen = true
}
