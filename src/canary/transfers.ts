import type { PartitionFinding } from './findings.ts'

/** Whether what came is in order and without a gap; unknown where nothing came. */
export type Order = 'kept' | 'broken' | 'unknown'

/** Whether the messages of a partition came in order, as far as they came. */
export function orderOf({ received }: PartitionFinding): Order {
  if (received.length === 0) return 'unknown'
  return received.every(({ place }, index) => place === index) ? 'kept' : 'broken'
}

/** The longest time from the send of a message of a partition to its receipt, in whole milliseconds. */
export function latencyOf({ sent, received }: PartitionFinding): number | null {
  const began = new Map(sent.map(({ place, at }) => [place, at]))
  const times = received.map(({ place, at }) => at - (began.get(place) ?? at))
  return times.length === 0 ? null : Math.round(Math.max(...times))
}
