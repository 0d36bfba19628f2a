import { call, failCall } from './call.ts'
import type { PartitionRecord, Run } from './run.ts'

/** The text of a message, which no other run has. */
export const bodyOf = (group: string, place: number): string => `${group}/${place}`

/**
 * Sends the messages of all groups, groups side by side and those of a group one after the other, each through the next
 * node. A group ends at its first failure, because order would mean nothing behind it.
 */
export async function sendAll(run: Run): Promise<void> {
  await Promise.all(run.partitions.map((partition) => sendGroup(run, partition)))
}

async function sendGroup(run: Run, partition: PartitionRecord): Promise<void> {
  const { messages, now } = run.options
  const { index, messageGroup: group, sent } = partition
  for (let place = 0; place < messages; place++) {
    const node = run.nodes[(index + place) % run.nodes.length]
    const url = node?.queueUrl
    if (run.stop.aborted || node === undefined || !url) return
    const at = now()
    const body = bodyOf(group, place)
    const answer = await call(run, node, 'SendMessage', (queue, s) =>
      queue.send(url, { group, id: `${group}-${place}`, body }, s),
    )
    if (answer.kind === 'failed') return failCall(run, node, answer.failure, index)
    sent.push({ place, node: node.name, at })
    node.sent++
  }
}
