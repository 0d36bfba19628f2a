import type { PartitionFinding, Problem, ProofStep, Step } from './findings.ts'
import { followGroups, type Member, type Placement } from './placement.ts'
import { latencyOf, type Order, orderOf } from './transfers.ts'
import type { Verdict } from './verdict.ts'

/** The report, version 1, as docs/canary-report.schema.json describes it. Fields are only ever added. */
export interface Report {
  readonly version: 1
  readonly verdict: 'proven' | 'not-proven'
  readonly step: Step | 'done'
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
  /** The report of the gate; null where it was not run. */
  readonly gate: unknown
  readonly queue: string | null
  readonly queueLeft: boolean
  /** The id of the run, which the queue is tagged with; null where no queue was to be created. */
  readonly run: string | null
  readonly placement: Placement
  readonly partitions: readonly PartitionRow[]
  readonly nodes: readonly NodeRow[]
  readonly groups: readonly GroupRow[]
  readonly durationsMs: Readonly<Partial<Record<ProofStep, number>>>
  /** What was left out of the output to keep it small; 0 each in the file. */
  readonly omitted: {
    readonly problems: number
    readonly warnings: number
    readonly partitions: number
    readonly nodes: number
    readonly groups: number
  }
}

interface PartitionRow {
  readonly index: number
  /** The Raft group that the partition map names; null without one. */
  readonly group: string | null
  readonly messageGroup: string
  /** The names of the nodes that took its messages, each once. */
  readonly sentThrough: readonly string[]
  readonly receivedThrough: readonly string[]
  readonly sent: number
  /** How many of its messages came. */
  readonly count: number
  readonly order: Order
  /** The longest time from the send of a message to its receipt; null where none came. */
  readonly latencyMs: number | null
}

interface NodeRow {
  readonly name: string
  readonly url: string
  readonly seen: boolean | null
  readonly sent: number
  readonly received: number
  readonly error: string
}

interface GroupRow {
  readonly raftAddresses: readonly string[]
  readonly leader: { readonly before: Member | null; readonly after: Member | null }
}

/** Builds the whole report. */
export function makeReport(verdict: Verdict, queue: string | null, gate: unknown): Report {
  const { proven, step, problems, warnings, placement, queueLeft, findings } = verdict
  const { before = null, after = null } = findings?.leaders ?? {}
  const durations = Object.entries(findings?.durations ?? {})
  return {
    version: 1,
    verdict: proven ? 'proven' : 'not-proven',
    step,
    problems,
    warnings,
    gate: gate ?? null,
    queue,
    queueLeft,
    run: findings?.run ?? null,
    placement,
    partitions: (findings?.partitions ?? []).map(toRow),
    nodes: findings?.nodes ?? [],
    groups: followGroups(before, after).map(({ raftAddresses, ...leader }) => {
      return { raftAddresses, leader }
    }),
    durationsMs: Object.fromEntries(durations.map(([name, ms]) => [name, Math.round(ms)])),
    omitted: { problems: 0, warnings: 0, partitions: 0, nodes: 0, groups: 0 },
  }
}

function toRow(partition: PartitionFinding): PartitionRow {
  const { index, raftGroup, messageGroup, sent, received } = partition
  return {
    index,
    group: raftGroup,
    messageGroup,
    sentThrough: [...new Set(sent.map(({ node }) => node))],
    receivedThrough: [...new Set(received.map(({ node }) => node))],
    sent: sent.length,
    count: received.length,
    order: orderOf(partition),
    latencyMs: latencyOf(partition),
  }
}
