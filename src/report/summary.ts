import type { QueuePartitions } from '../inputs/inputs.ts'
import {
  type AddressResult,
  blockingFirst,
  blocks,
  type PeerResult,
  type Run,
  type TimelineEntry,
  type Verdict,
} from '../rounds/rounds.ts'
import { formatDuration } from '../shared/duration.ts'
import { cellText, plural, showFirst } from '../shared/text.ts'
import { findingsTable, reasonAdvice } from './findings.ts'
import { basis, consequence, headline } from './headline.ts'
import { problemsOf } from './json.ts'
import { list, mark, statusWords, table } from './markdown.ts'
import { adviceOn, detailOf, forgivenDetail, STATUSES } from './statuses.ts'

/** GitHub drops a summary over 1 MiB whole. In bytes. */
const MAX_SUMMARY_BYTES = 1_000_000
/** More rows than this have the blocking ones first. */
const MAX_UNSORTED = 20
const MAX_CAPABILITIES = 8
/** How many changes of one round are shown. */
const MAX_CHANGES = 20
const MAX_QUEUES = 100

/** What the summary tells besides the verdict. */
export interface SummaryContext {
  readonly checkedAt: string | null
  /** The rounds in which something changed; null where nothing was polled. */
  readonly timeline: Pick<Run, 'timeline' | 'timelineOmitted'> | null
  readonly queues: readonly QueuePartitions[]
}

/** The job summary, in GitHub-flavoured Markdown, under 1 MiB. Foreign text is in code spans only. */
export function renderSummary(
  verdict: Verdict,
  { checkedAt, timeline, queues }: SummaryContext,
  durationMs: number,
): string {
  const before = [
    `## ${verdict.open ? '✅' : '⛔'} htfifo gate ${headline(verdict, cellText)}`,
    [consequence(verdict, cellText), verdict.open ? basis(verdict) : ''].join(' ').trim(),
    list(problemsOf(verdict)),
    list(verdict.warnings, '⚠️ '),
    findingsTable(verdict.membership),
  ]
  const after = [
    adviceList(verdict),
    timeline !== null && verdict.rounds > 1 ? timelineTable(timeline) : '',
    partitionTable(queues),
    checkedAt === null ? '' : footer(verdict, checkedAt, durationMs),
  ]
  // All but the table of the nodes takes less than that, whatever is in it.
  const room = MAX_SUMMARY_BYTES - Buffer.byteLength([...before, ...after].join('\n\n'))
  const sections = [...before, peerTable(verdict, room), ...after]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

/** The table of the peers that fit into so many bytes; under a peer with several addresses, those that block. */
function peerTable({ results }: Verdict, room: number): string {
  if (results.length === 0) return ''
  const rows: (readonly string[])[] = []
  let left = room
  let omitted = results.length
  for (const result of results.length > MAX_UNSORTED ? blockingFirst(results) : results) {
    const blocking = result.addresses.filter(blocks)
    const own = [peerRow(result, blocking.length), ...blocking.map(addressRow)]
    left -= own.reduce((sum, row) => sum + Buffer.byteLength(row.join(' | ')) + 5, 0)
    if (left <= 0) break
    rows.push(...own)
    omitted--
  }
  const header = ['Node', 'Address', 'Status', 'Capabilities', 'Latency', 'Detail']
  return table(header, rows, omitted)
}

function peerRow(result: PeerResult, blocking: number): readonly string[] {
  const { peer, status, capabilities, latencyMs, error, addresses } = result
  const shown = showFirst(capabilities ?? [], MAX_CAPABILITIES, (name) => cellText(name, 60))
  return [
    cellText(peer.name),
    cellText(peer.address),
    statusWords(status),
    capabilities?.length === 0 ? 'none' : shown.join(', '),
    formatDuration(latencyMs),
    blocking > 0
      ? `${blocking} of ${addresses.length} addresses not ready`
      : cellText(detailOf(status, error) || forgivenDetail(result)),
  ]
}

const addressRow = ({ address, status, error }: AddressResult): readonly string[] => [
  '↳',
  cellText(address),
  statusWords(status),
  '',
  '',
  cellText(detailOf(status, error)),
]

/** What to do about each reason that occurred, old nodes first. */
function adviceList({ results, capability, membership }: Verdict): string {
  // Of a name with several addresses each may have a reason of its own; a node counts once for each reason.
  const statuses = blockingFirst(results)
    .flatMap(({ status, addresses }) => [
      ...new Set([status, ...addresses.filter(blocks).map((one) => one.status)]),
    ])
    .filter((status) => status !== 'advertises')
  const items = [...new Set(statuses)].map((status) => {
    const count = statuses.filter((other) => other === status).length
    const about = `**${STATUSES[status].words}** (\`${status}\`, ${count} ${plural(count, 'node')})`
    return `${about}: ${adviceOn(status, capability)}`
  })
  const all = [...items, ...reasonAdvice(membership)].map((item) => `- ${item}`)
  return all.length === 0 ? '' : ['### What to do', '', ...all].join('\n')
}

/** How many peers advertised when, and when each came up or fell back. */
function timelineTable({
  timeline,
  timelineOmitted,
}: Pick<Run, 'timeline' | 'timelineOmitted'>): string {
  const rows = timeline.map((entry, index) => [
    String(entry.round),
    formatDuration(entry.atMs),
    `${entry.advertising} of ${entry.total}`,
    changesCell(entry, timeline[index - 1]?.membership ?? null),
  ])
  const more =
    timelineOmitted > 0 ? `\n\n${timelineOmitted} more rounds with changes are not shown.` : ''
  const head = '### Timeline\n\nRounds in which something changed:\n\n'
  return head + table(['Round', 'After', 'Advertise', 'Changed'], rows) + more
}

function changesCell(
  { changes, membership }: TimelineEntry,
  membershipBefore: TimelineEntry['membership'],
): string {
  // At the start every peer is new; who advertises already is not worth a word.
  const told = changes.filter(({ from, to }) => from !== null || to !== 'advertises')
  const shown = showFirst(told, MAX_CHANGES, ({ name, from, to }) => {
    const before = from === null ? '' : `${STATUSES[from].words} → `
    return `${mark(to)}&nbsp;${cellText(name, 60)} ${before}${STATUSES[to].words}`
  })
  if (membership !== membershipBefore) shown.push(`membership ${membership}`)
  return shown.join('<br>')
}

function partitionTable(queues: readonly QueuePartitions[]): string {
  if (queues.length === 0) return ''
  const rows = queues
    .slice(0, MAX_QUEUES)
    .map(({ queue, groups }) => [
      cellText(queue),
      String(groups.length),
      cellText(groups.join(', '), 1_000),
    ])
  const more =
    queues.length > rows.length ? `And ${queues.length - rows.length} more queues.\n\n` : ''
  const covered = new Set(queues.flatMap(({ groups }) => groups)).size
  return [
    `### Partition map\n\n${table(['Queue', 'Partitions', 'Raft groups'], rows)}`,
    `${more}The map names ${covered} Raft ${plural(covered, 'group')}. Groups that it does not name are not protected from a leader with an older binary. The gate cannot know whether the cluster has these groups: compare them with its \`--raftGroups\`.`,
  ].join('\n\n')
}

function footer(verdict: Verdict, checkedAt: string, durationMs: number): string {
  const when = `${checkedAt.slice(0, 10)} ${checkedAt.slice(11, 19)} UTC`
  const polled = verdict.rounds > 1 ? `${verdict.rounds} rounds ` : ''
  return [
    `Checked at ${when}, ${polled}in ${formatDuration(durationMs)}.`,
    verdict.open ? '' : basis(verdict),
    'This is a snapshot: a node with an old binary may still join later.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}
