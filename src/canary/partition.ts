import type { PartitionFinding } from './findings.ts'

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/**
 * The partition that a message group hashes to: FNV-1a, 32 bit, of its UTF-8 bytes, masked with the number of partitions
 * less one (partitionFor in the server).
 *
 * @param partitions a power of two
 */
export function partitionOf(group: string, partitions: number): number {
  let hash = FNV_OFFSET
  for (const byte of Buffer.from(group)) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return (hash & (partitions - 1)) >>> 0
}

/** Finds a message group for each partition, in the order of the partitions. Each name starts with the run's own. */
export function nameGroups(run: string, partitions: number): readonly string[] {
  const groups = new Map<number, string>()
  for (let next = 0; groups.size < partitions; next++) {
    const name = `${run}-${next}`
    const partition = partitionOf(name, partitions)
    if (!groups.has(partition)) groups.set(partition, name)
  }
  return Array.from({ length: partitions }, (_, index) => groups.get(index) ?? '')
}

/** Whether what arrived is in order and without a gap; unknown where nothing arrived. */
type Order = 'kept' | 'broken' | 'unknown'

/** Whether the messages of a partition arrived in order, as far as they arrived. */
export function orderOf({ received }: PartitionFinding): Order {
  if (received.length === 0) return 'unknown'
  return received.every(({ place }, index) => place === index) ? 'kept' : 'broken'
}

/** Whether so many messages of a partition were accepted, and all arrived, in order and each once. */
export const isWhole = (partition: PartitionFinding, messages: number): boolean =>
  partition.sent.length === messages &&
  partition.received.length === messages &&
  orderOf(partition) === 'kept'

/** The longest time from the send of a message of a partition to its receipt, in whole milliseconds. */
export function latencyOf({ sent, received }: PartitionFinding): number | null {
  const began = new Map(sent.map(({ place, at }) => [place, at]))
  const times = received.map(({ place, at }) => at - (began.get(place) ?? at))
  return times.length === 0 ? null : Math.round(Math.max(...times))
}
