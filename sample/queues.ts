import { createHash, randomUUID } from 'node:crypto'

/** A message that was sent and not yet deleted. */
export interface Message {
  readonly id: string
  readonly body: string
  readonly md5: string
  readonly groupId: string
  readonly deduplicationId: string
  readonly partition: number
  /** Counts the messages of a queue, from 1 on. */
  readonly sequence: number
  readonly sentMs: number
  /** Hidden until then, in milliseconds since 1970; 0 before it is received for the first time. */
  visibleMs: number
  /** How often it was received. */
  receives: number
  /** What deletes it: that of its last receipt. */
  receipt: string | null
}

/** A FIFO queue of the sample cluster. */
export interface Queue {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly partitions: number
  readonly tags: Readonly<Record<string, string>>
  /** Milliseconds since 1970; a test may make it older. */
  createdMs: number
  /** In the order in which they were sent. */
  messages: Message[]
  /** All that were sent, so that a repeated one is not taken twice. */
  readonly sent: Map<string, Message>
  /** How often it was received from; each time, another partition comes first. */
  turn: number
}

/** The queues of a cluster by name; all of its nodes share them. */
export type Queues = Map<string, Queue>

export function makeQueue(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  tags: Readonly<Record<string, string>> = {},
): Queue {
  const partitions = Number(attributes['PartitionCount'] ?? 1)
  const created = { createdMs: Date.now(), messages: [], sent: new Map(), turn: 0 }
  return { name, attributes, partitions, tags, ...created }
}

/** The partition of a message group: FNV-1a, 32 bit, of its UTF-8 bytes, masked. */
export function partitionOf(groupId: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(groupId)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash & (partitions - 1)) >>> 0
}

/** Puts a message at the end of its group; one whose deduplication id the group knows is the message of before. */
export function send(
  queue: Queue,
  body: string,
  groupId: string,
  deduplicationId: string,
  id: string = randomUUID(),
): Message {
  const key = JSON.stringify([groupId, deduplicationId])
  const before = queue.sent.get(key)
  if (before !== undefined) return before
  const message: Message = {
    id,
    body,
    md5: createHash('md5').update(body).digest('hex'),
    groupId,
    deduplicationId,
    partition: partitionOf(groupId, queue.partitions),
    sequence: queue.sent.size + 1,
    sentMs: Date.now(),
    visibleMs: 0,
    receives: 0,
    receipt: null,
  }
  queue.sent.set(key, message)
  queue.messages.push(message)
  return message
}

/** Takes the oldest message of each group, where it is not in flight, which locks its group. */
export function receive(queue: Queue, max: number, visibilityMs: number): readonly Message[] {
  const now = Date.now()
  const start = ++queue.turn
  const heads = new Map<string, Message>()
  for (const message of queue.messages) {
    if (!heads.has(message.groupId)) heads.set(message.groupId, message)
  }
  const distance = ({ partition }: Message) =>
    (partition - start + queue.partitions * start) % queue.partitions
  const taken = [...heads.values()]
    .filter(({ visibleMs }) => visibleMs <= now)
    .sort((one, other) => distance(one) - distance(other))
    .slice(0, max)
  for (const message of taken) {
    message.visibleMs = now + visibilityMs
    message.receives++
    message.receipt = randomUUID()
  }
  return taken
}

/** Deletes the message of this receipt; one that is stale or gone changes nothing. */
export function remove(queue: Queue, receipt: string): void {
  queue.messages = queue.messages.filter((message) => message.receipt !== receipt)
}
