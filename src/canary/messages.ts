import { showText } from '../shared/text.ts'
import { call, failCall } from './call.ts'
import type { Message } from './queue.ts'
import { fail, type NodeRecord, type PartitionRecord, type Run } from './run.ts'

/** The pause after a turn in which no message arrived, in milliseconds. */
const PAUSE_MS = 100
/**
 * How long a step that has already failed goes on without a new message, in milliseconds: to learn which nodes fail, and
 * what still arrives.
 */
const QUIET_MS = 3_000
const MAX_QUOTED = 120

/** The text of a message, which no other run has. */
const bodyOf = (group: string, place: number): string => `${group}/${place}`

/**
 * Sends the messages of all groups, groups side by side and those of a group one after the other, each through the next
 * node. A group ends at its first failure, because order would mean nothing after it.
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

/**
 * Receives through every node in turn, and deletes each message through the node after the one that gave it, until all
 * have arrived or the time is over. Messages of other runs are left alone.
 */
export async function receiveAll(run: Run): Promise<void> {
  const { now, pause } = run.options
  const isComplete = () =>
    run.partitions.every(({ sent, received }) => received.length === sent.length)
  let progressAt = now()
  while (!isComplete() && !run.stop.aborted) {
    const before = countReceived(run)
    const held = run.problems.length === 0
    await takeTurn(run, isComplete)
    if (countReceived(run) > before || (held && run.problems.length > 0)) progressAt = now()
    if (run.problems.length > 0 && now() - progressAt > QUIET_MS) break
    if (countReceived(run) === before) await pause(PAUSE_MS, run.stop)
  }
  noteMissing(run)
}

/** Checks that no node has anything more to give; whatever comes now is of another run, or comes a second time. */
export async function checkEmpty(run: Run): Promise<void> {
  await Promise.all(
    run.nodes.map(async (node) => {
      for (const message of await receiveThrough(run, node)) takeMessage(run, node, message)
    }),
  )
}

/** Asks each node once for messages, and deletes what is of this run. */
async function takeTurn(run: Run, isComplete: () => boolean): Promise<void> {
  for (const [index, node] of run.nodes.entries()) {
    if (run.stop.aborted || isComplete()) return
    const next = run.nodes[(index + 1) % run.nodes.length] ?? node
    const messages = await receiveThrough(run, node)
    const removals = messages.map(async (message) => {
      const partition = takeMessage(run, node, message)
      if (partition !== null) await remove(run, next, message, partition.index)
    })
    await Promise.all(removals)
  }
}

async function receiveThrough(run: Run, node: NodeRecord): Promise<readonly Message[]> {
  const url = node.queueUrl ?? ''
  const answer = await call(run, node, 'ReceiveMessage', (queue, s) => queue.receive(url, s))
  if (answer.kind === 'ok') return answer.value
  failCall(run, node, answer.failure)
  return []
}

async function remove(run: Run, node: NodeRecord, message: Message, partition: number) {
  const url = node.queueUrl ?? ''
  const answer = await call(run, node, 'DeleteMessage', (queue, s) => queue.remove(url, message, s))
  if (answer.kind === 'failed') failCall(run, node, answer.failure, partition)
}

/** Notes a message; returns its partition if it is one of this run that was due, otherwise null. */
function takeMessage(run: Run, node: NodeRecord, message: Message): PartitionRecord | null {
  const found = findPlace(run, message)
  if (found === null) {
    const words = `found a message that this run did not send: "${showText(message.body, MAX_QUOTED)}"`
    fail(run, 'foreign-message', { node: node.name, words })
    return null
  }
  const { partition, place } = found
  const { index, messageGroup, received } = partition
  const where = { node: node.name, partition: index }
  if (message.group !== null && message.group !== messageGroup) {
    const words = `message ${place} of group ${messageGroup} arrived as one of group "${showText(message.group, MAX_QUOTED)}"`
    fail(run, 'foreign-message', { ...where, words })
  }
  if (received.some((one) => one.place === place)) {
    fail(run, 'twice', {
      ...where,
      words: `message ${place} of group ${messageGroup} arrived again`,
    })
    return null
  }
  if (place !== received.length) {
    const words = `message ${place} of group ${messageGroup} arrived where message ${received.length} was due`
    fail(run, 'out-of-order', { ...where, words })
  }
  received.push({ place, node: node.name, at: run.options.now() })
  node.received++
  return partition
}

/** Which message of this run it is; null if it is none. */
function findPlace({ partitions }: Run, { body }: Message) {
  const partition = partitions.find(({ messageGroup }) => body.startsWith(`${messageGroup}/`))
  const found = partition?.sent.find(({ place }) => body === bodyOf(partition.messageGroup, place))
  return partition === undefined || found === undefined ? null : { partition, place: found.place }
}

function noteMissing(run: Run): void {
  // Of a run that was cancelled, nothing is missing yet.
  if (run.options.signal.aborted) return
  for (const { index, messageGroup, sent, received } of run.partitions) {
    const missing = sent.filter(({ place }) => !received.some((one) => one.place === place))
    const [first] = missing
    if (first === undefined) continue
    const words = `${missing.length} of ${sent.length} messages of group ${messageGroup} did not arrive; the first is message ${first.place}, sent through ${first.node}`
    fail(run, 'missing', { partition: index, words })
  }
}

const countReceived = ({ partitions }: Run): number =>
  partitions.reduce((sum, { received }) => sum + received.length, 0)
