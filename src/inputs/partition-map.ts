import { plural, quote, showText } from '../shared/text.ts'

/** One queue of the partition map; the place of a group in the list is the number of its partition. */
export interface QueuePartitions {
  readonly queue: string
  /** Raft group ids, unsigned 64-bit decimal numbers without leading zeros. */
  readonly groups: readonly string[]
}

/** What the server takes for the name of a FIFO queue: at most 80 characters. */
export const QUEUE_NAME = /^[A-Za-z0-9_-]{1,75}\.fifo$/
/** The most partitions that a queue can have: htfifoMaxPartitions in the server. */
const MAX_PARTITIONS = 32
const MAX_GROUP = 2n ** 64n - 1n

/**
 * Reads a `--sqsFifoPartitionMap` value, `queue.fifo:N=g0,…,gN-1` separated by `;`, by the rules of the server
 * (parseSQSFifoPartitionMap in shard_config.go, and what is checked after it: group 0 is reserved), and only with names
 * that a FIFO queue can have. Whether the cluster has the groups cannot be known here. Null is no map, without queues.
 */
export function parsePartitionMap(text: string | null): {
  readonly queues: readonly QueuePartitions[]
  readonly problems: readonly string[]
} {
  if (text === null) return { queues: [], problems: [] }
  const problems: string[] = []
  const queues = new Map<string, QueuePartitions>()
  const entries = text.split(';').map((entry) => entry.trim())
  for (const entry of entries) {
    if (entry === '') continue
    const read = parseEntry(entry)
    const problem =
      typeof read === 'string'
        ? read
        : queues.has(read.queue) && 'found the queue a second time, expected it once'
    if (problem) problems.push(`partition-map: entry ${quote(entry)}: ${problem}`)
    else if (typeof read === 'object') queues.set(read.queue, read)
  }
  if (entries.every((entry) => entry === '')) {
    problems.push('partition-map: found no entry, expected queue.fifo:N=g0,…,gN-1')
  }
  return { queues: [...queues.values()], problems }
}

/** Reads one entry; returns what is wrong with it as text. */
function parseEntry(entry: string): QueuePartitions | string {
  const [, queue = '', countText = '', groupText] =
    /^([^:=]*):([^=]*)=(.*)$/s.exec(entry)?.map((part) => part.trim()) ?? []
  if (groupText === undefined) return 'expected queue.fifo:N=g0,…,gN-1'
  if (!QUEUE_NAME.test(queue)) {
    return `found queue "${showText(queue, 40)}", expected 1 to 75 letters, digits, "-" or "_" and ".fifo"`
  }
  const count = /^\d+$/.test(countText) ? Number(countText) : 0
  if (count < 1 || count > MAX_PARTITIONS || (count & (count - 1)) !== 0) {
    return `found ${showText(countText, 20) || 'no'} partitions, expected a power of two from 1 to ${MAX_PARTITIONS}`
  }
  const groups = groupText.split(',').map((group) => group.trim())
  const wrong = groups.find((group) => !isGroup(group))
  if (wrong !== undefined) {
    return `found group "${showText(wrong, 30)}", expected a number from 1 to ${MAX_GROUP}`
  }
  if (groups.length !== count) {
    return `found ${groups.length} ${plural(groups.length, 'group')}, expected ${count}, one for each partition`
  }
  return { queue, groups: groups.map((group) => BigInt(group).toString()) }
}

function isGroup(text: string): boolean {
  if (!/^\d+$/.test(text)) return false
  const id = BigInt(text)
  return id > 0n && id <= MAX_GROUP
}
