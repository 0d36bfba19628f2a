import { formatDuration } from '../shared/duration.ts'
import { failCall } from './call.ts'
import { askOwner, describeQueue, dropQueue, findQueue } from './owner.ts'
import { saysNoQueue } from './queue.ts'
import { fail, type NodeRecord, type Run, warn } from './run.ts'

/** A canary's queue that is older was left behind, in milliseconds; a run takes far less. */
const LEFTOVER_MS = 600_000

/**
 * Checks that the name is free on every node. A leftover of an earlier canary is deleted; any other queue is not
 * touched.
 */
export async function checkName(run: Run): Promise<void> {
  const found = await Promise.all(
    run.nodes.map(async (node) => {
      const answer = await findQueue(run, node)
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
    const words = `the queue ${name} exists and does not have the tag of a canary`
    return fail(run, 'untagged', { node: node.name, words })
  }
  const other = value.kind === 'another-run' ? `of the run "${value.run}"` : 'of another run'
  const failBusy = (state: string) =>
    fail(run, 'another-canary', { node: node.name, words: `the queue ${name} ${other} ${state}` })
  if (value.kind === 'gone') return failBusy('was there and is gone')
  const described = await describeQueue(run, node, url)
  if (described.kind === 'failed') {
    if (saysNoQueue(described.failure)) return failBusy('was there and is gone')
    return failCall(run, node, described.failure)
  }
  const { createdAt } = described.value
  if (createdAt === null) return failBusy('is there, of unknown age')
  const ageMs = clock() - createdAt
  if (ageMs <= LEFTOVER_MS) {
    return failBusy(`is there, ${formatDuration(Math.max(0, ageMs))} old`)
  }
  const dropped = await dropQueue(run, node, url)
  if (dropped.kind === 'failed') return failCall(run, node, dropped.failure)
  const words = `the queue ${name} ${other}, ${formatDuration(ageMs)} old, was deleted`
  warn(run, 'leftover', { node: node.name, words })
}
