import type { QueuePartitions } from '../inputs/inputs.ts'
import { blockingPeers, type Course, fillHeadline, type Verdict } from '../rounds/rounds.ts'
import { formatDuration } from '../shared/duration.ts'
import { cellText } from '../shared/text.ts'
import { STATUSES } from './advice.ts'
import { list, table } from './markdown.ts'
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
    consequence(verdict),
    list(verdict.problems),
    list(warnings, '⚠️ '),
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

function consequence(verdict: Verdict): string {
  const { open, problems } = verdict
  if (open) {
    return 'Every node runs a binary that knows the partitioned layout. The release may go out now.'
  }
  if (problems.length > 0) {
    return 'The release must not go out: nothing is known about the nodes. Correct what is listed here, then run the gate again.'
  }
  return blockingPeers(verdict).length > 0
    ? 'The release must not go out: one node with an old binary can lose messages.'
    : 'The release must not go out yet: run the gate again, with a longer `wait` or fewer `stable-rounds` if it ran out of time.'
}

function footer({ rounds }: Verdict, checkedAt: string | null, durationMs: number): string {
  if (checkedAt === null) return ''
  const when = `${checkedAt.slice(0, 10)} ${checkedAt.slice(11, 19)} UTC`
  const polled = rounds > 1 ? `${rounds} rounds ` : ''
  return `Checked at ${when}, ${polled}in ${formatDuration(durationMs)}. A gate cannot fence: an old binary may join a second later.`
}

function adviceList({ results }: Verdict): string {
  const occurred = new Set(results.map(({ status }) => status))
  const items = [...occurred]
    .filter((status) => status !== 'advertises')
    .map((status) => `- **${STATUSES[status].words}** (\`${status}\`): ${STATUSES[status].advice}`)
  return items.length === 0 ? '' : ['### What to do', '', ...items].join('\n')
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
    `The map names ${covered} Raft groups. Groups that it does not name have no guard against a downgraded leader, and whether the cluster has these groups is for its \`--raftGroups\` to say; the gate cannot know.`,
  ].join('\n\n')
}
