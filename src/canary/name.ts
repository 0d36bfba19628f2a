import { formatDuration } from '../shared/duration.ts'
import { call, failCall } from './call.ts'
import { fail, notice } from './notes.ts'
import { askOwner } from './ownership.ts'
import { saysNoQueue } from './queue.ts'
import type { NodeRecord, Run } from './run.ts'

/** A canary's queue that is older was left behind, in milliseconds; a run takes far less. */
export const LEFTOVER_MS = 600_000

/**
 * Checks that the name is free on every node. A leftover of an earlier canary is deleted; any other queue is not
 * touched.
 */
export async function checkName(run: Run): Promise<void> {
  const { queue: name } = run.options
  const found = await Promise.all(
    run.nodes.map(async (node) => {
      const answer = await call(run, node, 'GetQueueUrl', (queue, s) => queue.find(name, s))
      if (answer.kind === 'failed') failCall(run, node, answer.failure)
      return answer.kind === 'ok' && answer.value !== null ? [{ node, url: answer.value }] : []
    }),
  )
  const [existing] = found.flat()
  if (run.problems.length === 0 && existing !== undefined) {
    await clearName(run, existing.node, existing.url)
  }
}

async function clearName(run: Run, node: NodeRecord, url: string): Promise<void> {
  const { queue: name, clock } = run.options
  const owner = await askOwner(run, node, url)
  if (owner.kind === 'failed') return failCall(run, node, owner.failure)
  const { value } = owner
  if (value.kind === 'untagged') {
    return fail(run, 'untagged', {
      node: node.name,
      words: `the queue ${name} exists and has no tag of a canary`,
    })
  }
  const other = value.kind === 'another-run' ? `of the run "${value.run}"` : 'of another run'
  const description = await call(run, node, 'GetQueueAttributes', (queue, s) =>
    queue.describe(url, s),
  )
  const isGone =
    value.kind === 'gone' || (description.kind === 'failed' && saysNoQueue(description.failure))
  if (isGone) {
    const words = `the queue ${name} ${other} was there and is gone`
    return fail(run, 'another-canary', { node: node.name, words })
  }
  if (description.kind === 'failed') return failCall(run, node, description.failure)
  const { createdAt } = description.value
  const ageMs = createdAt === null ? null : clock() - createdAt
  if (ageMs === null || ageMs <= LEFTOVER_MS) {
    const age = ageMs === null ? 'of unknown age' : `${formatDuration(Math.max(0, ageMs))} old`
    const words = `the queue ${name} ${other} is there, ${age}`
    return fail(run, 'another-canary', { node: node.name, words })
  }
  const dropped = await call(run, node, 'DeleteQueue', (queue, s) => queue.drop(url, s))
  if (dropped.kind === 'failed') return failCall(run, node, dropped.failure)
  const words = `the queue ${name} ${other}, ${formatDuration(ageMs)} old, was deleted`
  notice(run, 'leftover', { node: node.name, words })
}
