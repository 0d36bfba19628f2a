import { table } from '../report/report.ts'
import { formatDuration } from '../shared/duration.ts'
import { cellText, showFirst } from '../shared/text.ts'
import type { Findings, Member, Transfer } from './findings.ts'
import { isWhole, latencyOf, orderOf } from './partition.ts'
import { followGroups, hasMoved } from './placement.ts'

/** How many names of nodes a cell holds, and how many rows a table of nodes or groups. */
const MAX_NAMES = 5
const MAX_ROWS = 100
const MAX_TEXT = 200
const MAX_NODE = 60

const ORDERS = { kept: 'in order', broken: '❌ out of order', unknown: '' }
const SEEN = { true: 'yes', false: '❌ no', null: 'not asked' }

/** A row for each partition. */
export function partitionTable({ partitions, messages }: Findings): string {
  const rows = partitions.map((partition) => {
    const { index, raftGroup, messageGroup, sent, received } = partition
    const latency = latencyOf(partition)
    return [
      `${isWhole(partition, messages) ? '✅' : '❌'}&nbsp;${index}`,
      cellText(raftGroup ?? ''),
      cellText(messageGroup),
      `${sent.length} of ${messages}`,
      nodesOf(sent),
      `${received.length} of ${messages}`,
      nodesOf(received),
      ORDERS[orderOf(partition)],
      latency === null ? '' : formatDuration(latency),
    ]
  })
  const header = [
    ...['Partition', 'Raft group', 'Message group', 'Sent', 'through', 'Received', 'through'],
    ...['Order', 'Send to receipt'],
  ]
  return `### Partitions\n\n${table(header, rows)}`
}

const nodesOf = (transfers: readonly Transfer[]): string =>
  someOf([...new Set(transfers.map(({ node }) => node))], MAX_NODE)

const someOf = (texts: readonly string[], max: number): string =>
  showFirst(texts, MAX_NAMES, (text) => cellText(text, max)).join(', ')

/** A row for each node, those with an error first. */
export function nodeTable({ nodes }: Findings): string {
  const failed = nodes.filter(({ error }) => error !== '')
  const sorted = [...failed, ...nodes.filter(({ error }) => error === '')]
  const rows = sorted
    .slice(0, MAX_ROWS)
    .map(({ name, url, seen, sent, received, error }) => [
      `${error === '' ? '✅' : '❌'}&nbsp;${cellText(name, MAX_TEXT)}`,
      cellText(url, MAX_TEXT),
      SEEN[`${seen}`],
      String(sent),
      String(received),
      cellText(error),
    ])
  const header = ['Node', 'Address', 'Sees the queue', 'Accepted', 'Delivered', 'First error']
  return `### Nodes\n\n${table(header, rows, nodes.length - rows.length)}`
}

/** A row for each Raft group; empty where it was not asked who leads. */
export function groupTable({ leaders }: Findings): string {
  const groups = followGroups(leaders)
  if (groups.length === 0) return ''
  const rows = groups.slice(0, MAX_ROWS).map((group) => {
    const { raftAddresses, before, after } = group
    const mark = hasMoved(group) ? '⚠️ ' : ''
    return [
      someOf(raftAddresses, MAX_TEXT),
      leaderText(before),
      leaders.after === null ? 'not asked' : mark + leaderText(after),
    ]
  })
  const header = ['Raft group of', 'Leader before', 'Leader after']
  return `### Who leads\n\n${table(header, rows, groups.length - rows.length)}`
}

const leaderText = (leader: Member | null): string =>
  leader === null
    ? 'not known'
    : [leader.id, leader.address]
        .filter((text) => text !== '')
        .map((text) => cellText(text, MAX_TEXT))
        .join(' at ')

/** How long each step took, in one line. */
export function durationLine({ durations, run }: Findings): string {
  const steps = Object.entries(durations).map(([step, ms]) => `${step} ${formatDuration(ms)}`)
  return `Run ${cellText(run)}. Steps: ${steps.join(', ')}.`
}
