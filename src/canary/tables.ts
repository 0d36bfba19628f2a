import { table } from '../report/report.ts'
import { formatDuration } from '../shared/duration.ts'
import { cellText } from '../shared/text.ts'
import type { Findings, PartitionFinding } from './findings.ts'
import { followGroups, hasMoved, type Member } from './placement.ts'
import { latencyOf, orderOf } from './transfers.ts'

/** How many names of nodes a cell holds, and how many rows a table of nodes or groups. */
const MAX_NAMES = 5
const MAX_ROWS = 100
const MAX_TEXT = 200

const ORDERS = { kept: 'in order', broken: '❌ out of order', unknown: '' }

/** A row for each partition. */
export function partitionTable({ partitions, messages }: Findings): string {
  const rows = partitions.map((partition) => {
    const { index, raftGroup, messageGroup, sent, received } = partition
    const isWhole = sent.length === messages && received.length === messages
    const latency = latencyOf(partition)
    return [
      `${isWhole && orderOf(partition) === 'kept' ? '✅' : '❌'}&nbsp;${index}`,
      raftGroup === null ? '' : cellText(raftGroup),
      cellText(messageGroup),
      `${sent.length} of ${messages}`,
      names(sent),
      `${received.length} of ${messages}`,
      names(received),
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

function names(transfers: PartitionFinding['sent']): string {
  const all = [...new Set(transfers.map(({ node }) => node))]
  const shown = all.slice(0, MAX_NAMES).map((name) => cellText(name, 60))
  const more = all.length > shown.length ? [`and ${all.length - shown.length} more`] : []
  return [...shown, ...more].join(', ')
}

const SEEN = { true: 'yes', false: '❌ no', null: 'not asked' }

/** A row for each node, those with an error first. */
export function nodeTable({ nodes }: Findings): string {
  const sorted = nodes.toSorted(
    (one, other) => Number(one.error === '') - Number(other.error === ''),
  )
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
  const header = ['Node', 'Address', 'Sees the queue', 'Took', 'Gave', 'First error']
  return `### Nodes\n\n${table(header, rows)}${more(nodes.length)}`
}

/** A row for each Raft group; empty where it was not asked who leads. */
export function groupTable({ leaders }: Findings): string {
  const groups = followGroups(leaders.before, leaders.after)
  if (groups.length === 0) return ''
  const rows = groups.slice(0, MAX_ROWS).map((group) => {
    const { raftAddresses, before, after } = group
    const shown = raftAddresses.slice(0, MAX_NAMES).map((address) => cellText(address, MAX_TEXT))
    const rest = raftAddresses.length - shown.length
    return [
      [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', '),
      leaderText(before),
      leaders.after === null ? 'not asked' : `${hasMoved(group) ? '⚠️ ' : ''}${leaderText(after)}`,
    ]
  })
  const header = ['Raft group of', 'Leader before', 'Leader after']
  return `### Who leads\n\n${table(header, rows)}${more(groups.length)}`
}

function leaderText(leader: Member | null): string {
  if (leader === null) return 'not known'
  const { id, address } = leader
  return id === ''
    ? cellText(address, MAX_TEXT)
    : `${cellText(id, MAX_TEXT)} at ${cellText(address, MAX_TEXT)}`
}

const more = (count: number): string =>
  count > MAX_ROWS ? `\n\nAnd ${count - MAX_ROWS} more; the report file holds all of them.` : ''

/** How long each step took, in one line. */
export function durationLine({ durations, run }: Findings): string {
  const steps = Object.entries(durations).map(([step, ms]) => `${step} ${formatDuration(ms)}`)
  return `Run ${cellText(run)}. Steps: ${steps.join(', ')}.`
}
