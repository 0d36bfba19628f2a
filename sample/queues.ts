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
  const partitions = Number(attributes['PartitionCount'] ?? 1) || 1
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

/**
 * Where the Raft group of a partition is led: `default` for the group in which queues without a map are, `beside` for
 * another one that the same node leads, `apart` for one that another node leads.
 */
export type Placement = 'default' | 'beside' | 'apart'

/**
 * Takes messages that are not in flight, partition by partition, and hides them, as nodes at d9a031d0 were seen to do: one
 * message of each group in a call. Between calls, a message in flight locks its group in the default group only. In a
 * partition that is led apart, a second message of a group fails the call; what it took stays hidden.
 *
 * @returns null if the call fails
 */
export function receive(
  queue: Queue,
  max: number,
  visibilityMs: number,
  placementOf: (partition: number) => Placement,
): readonly Message[] | null {
  const now = Date.now()
  const start = ++queue.turn
  const taken: Message[] = []
  const locked = new Set(
    queue.messages
      .filter(({ partition, visibleMs }) => visibleMs > now && placementOf(partition) === 'default')
      .map(({ groupId }) => groupId),
  )
  for (let step = 0; step < queue.partitions; step++) {
    const partition = (start + step) % queue.partitions
    const visible = queue.messages.filter(
      (message) => message.partition === partition && message.visibleMs <= now,
    )
    for (const message of visible) {
      if (taken.length === max) return taken
      if (locked.has(message.groupId)) {
        if (placementOf(partition) === 'apart') return null
        continue
      }
      locked.add(message.groupId)
      message.visibleMs = now + visibilityMs
      message.receives++
      message.receipt = randomUUID()
      taken.push(message)
    }
  }
  return taken
}

/** Deletes the message of this receipt; one that is stale or gone changes nothing. */
export function remove(queue: Queue, receipt: string): void {
  queue.messages = queue.messages.filter((message) => message.receipt !== receipt)
}
