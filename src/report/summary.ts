import type { QueuePartitions } from '../inputs/inputs.ts'
import { type Course, fillHeadline, inGroups, type Verdict } from '../rounds/rounds.ts'
import { formatDuration } from '../shared/duration.ts'
import { cellText, plural } from '../shared/text.ts'
import { adviceOn, STATUSES } from './advice.ts'
import { consequence } from './consequence.ts'
import { REASONS, reasonsOf } from './findings.ts'
import { list, table } from './markdown.ts'
import { basis, membershipTable } from './membership-table.ts'
import { peerTable } from './peer-table.ts'
import { courseTable } from './progress.ts'

/** GitHub drops a summary over 1 MiB whole. In bytes. */
const MAX_SUMMARY_BYTES = 1_000_000

/** What the summary tells besides the verdict. */
export interface SummaryContext {
  readonly checkedAt: string | null
  readonly durationMs: number
  readonly warnings: readonly string[]
  readonly course: Course | null
  readonly queues: readonly QueuePartitions[]
}

/** The job summary, in GitHub-flavoured Markdown, under 1 MiB. Foreign text stands in code spans only. */
export function renderSummary(verdict: Verdict, context: SummaryContext): string {
  const { checkedAt, durationMs, warnings, course, queues } = context
  const before = [
    `## ${verdict.open ? '✅' : '⛔'} htfifo gate ${fillHeadline(verdict, cellText)}`,
    verdict.open ? `${consequence(verdict)} ${basis(verdict)}` : consequence(verdict),
    list(verdict.problems),
    list(warnings, '⚠️ '),
    membershipTable(verdict),
  ]
  const after = [
    adviceList(verdict),
    course !== null && course.rounds > 1 ? courseTable(course) : '',
    partitionTable(queues),
    footer(verdict, checkedAt, durationMs),
  ]
  const room = MAX_SUMMARY_BYTES - Buffer.byteLength([...before, ...after].join('\n\n'))
  const sections = [...before, peerTable(verdict, room), ...after]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function footer(verdict: Verdict, checkedAt: string | null, durationMs: number): string {
  if (checkedAt === null) return ''
  const when = `${checkedAt.slice(0, 10)} ${checkedAt.slice(11, 19)} UTC`
  const polled = verdict.rounds > 1 ? `${verdict.rounds} rounds ` : ''
  return [
    `Checked at ${when}, ${polled}in ${formatDuration(durationMs)}.`,
    verdict.open ? '' : basis(verdict),
    'The gate saw one moment: a node with an old binary may still join later.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

/** What to do about each reason that occurred, old nodes first. */
function adviceList({ results, capability, membership }: Verdict): string {
  // Of a name with several addresses each may have a reason of its own; a node counts once for each reason.
  const statuses = inGroups(results)
    .flatMap(({ status, addresses }) => [
      ...new Set([status, ...addresses.map((one) => one.status)]),
    ])
    .filter((status) => status !== 'advertises')
  const reasons = reasonsOf(membership).map(
    (reason) => `- **${REASONS[reason].words}** (\`${reason}\`): ${REASONS[reason].advice}`,
  )
  const items = [...new Set(statuses)].map((status) => {
    const count = statuses.filter((other) => other === status).length
    const about = `**${STATUSES[status].words}** (\`${status}\`, ${count} ${plural(count, 'node')})`
    return `- ${about}: ${adviceOn(status, capability)}`
  })
  const all = [...items, ...reasons]
  return all.length === 0 ? '' : ['### What to do', '', ...all].join('\n')
}

function partitionTable(queues: readonly QueuePartitions[]): string {
  if (queues.length === 0) return ''
  const rows = queues.map(({ queue, groups }) => [
    cellText(queue),
    String(groups.length),
    cellText(groups.join(', '), 1_000),
  ])
  const covered = new Set(queues.flatMap(({ groups }) => groups)).size
  return [
    `### Partition map\n\n${table(['Queue', 'Partitions', 'Raft groups'], rows)}`,
    `The map names ${covered} Raft groups. Groups that it does not name are not protected from a leader with an older binary. The gate cannot know whether the cluster has these groups: compare them with its \`--raftGroups\`.`,
  ].join('\n\n')
}
