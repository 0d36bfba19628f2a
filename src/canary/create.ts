import { plural } from '../shared/text.ts'
import { call, failCall, GRACE_MS } from './call.ts'
import { askOwner, describeQueue, findQueue, TAG } from './owner.ts'
import type { Failure } from './queue.ts'
import { reasonOf } from './reason.ts'
import { fail, type NodeRecord, type Run, warn } from './run.ts'

/**
 * Creates the queue, tagged, through the first node that takes it. A creation without an answer ends the step: it may
 * have been carried out.
 */
export async function createQueue(run: Run): Promise<void> {
  const { queue: name, partitions, run: id } = run.options
  const settings = { name, partitions, tags: { [TAG]: id } }
  const refusals: { node: NodeRecord; failure: Failure }[] = []
  for (const node of run.nodes) {
    if (run.stop.aborted) return
    const before = run.created
    run.created = 'unanswered'
    const answer = await call(run, node, 'CreateQueue', (queue, s) => queue.create(settings, s), {
      graceMs: GRACE_MS,
    })
    if (answer.kind === 'ok') {
      run.created = 'yes'
      for (const { node: other, failure } of refusals) {
        warn(run, 'create-elsewhere', { node: other.name, words: failure.words })
      }
      return await checkOwner(run, node, answer.value)
    }
    const { failure } = answer
    if (reasonOf(run.step, failure) === 'timeout') {
      return fail(run, 'create-timeout', { node: node.name, words: failure.words })
    }
    if (failure.fate === 'unknown') return failCall(run, node, failure)
    // A server that failed may have created it all the same; one that answers 4xx has not.
    if (failure.fate === 'unsent' || (failure.httpStatus ?? 0) < 500) run.created = before
    refusals.push({ node, failure })
  }
  for (const { node, failure } of refusals) failCall(run, node, failure)
}

/** CreateQueue also succeeds where a queue with the same attributes exists, so this may be somebody else's. */
async function checkOwner(run: Run, node: NodeRecord, url: string): Promise<void> {
  const owner = await askOwner(run, node, url)
  if (owner.kind === 'failed') return failCall(run, node, owner.failure)
  const { value } = owner
  if (value.kind === 'this-run') {
    node.queueUrl = url
    return
  }
  const name = run.options.queue
  if (value.kind === 'untagged') {
    const words = `CreateQueue for ${name} succeeded, but the queue does not have the tag of this run: it belongs to somebody else, or the server does not keep tags`
    return fail(run, 'untagged', { node: node.name, words })
  }
  if (value.kind === 'gone') {
    const words = `ListQueueTags: ${name} was created, but the same node does not know it`
    return fail(run, 'queue-missing', { node: node.name, words })
  }
  run.created = 'no'
  const words = `the queue ${name} of the run "${value.run}" appeared in the meantime`
  fail(run, 'another-canary', { node: node.name, words })
}

/** Checks that every node reports the queue and its number of partitions. */
export async function checkSeen(run: Run): Promise<void> {
  await Promise.all(run.nodes.map((node) => checkNode(run, node)))
}

async function checkNode(run: Run, node: NodeRecord): Promise<void> {
  const { queue: name, partitions } = run.options
  const found = await findQueue(run, node)
  if (found.kind === 'failed') return failCall(run, node, found.failure)
  node.seen = false
  const url = found.value
  if (url === null) {
    node.error ||= `GetQueueUrl: the queue ${name} does not exist`
    return fail(run, 'queue-missing', { node: node.name, words: node.error })
  }
  const described = await describeQueue(run, node, url)
  if (described.kind === 'failed') return failCall(run, node, described.failure)
  const { partitions: count } = described.value
  if (count !== partitions) {
    const words = `found ${count ?? 'no'} ${plural(count ?? 0, 'partition')}, expected ${partitions}`
    node.error ||= words
    return fail(run, 'other-partitions', { node: node.name, words })
  }
  node.queueUrl = url
  node.seen = true
}
