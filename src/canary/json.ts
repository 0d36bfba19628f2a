import { outputJson } from '../shared/text.ts'
import type { NodeFinding, PartitionFinding, ProofStep } from './findings.ts'
import { latencyOf, orderOf } from './partition.ts'
import { followGroups, type GroupCourse } from './placement.ts'
import type { Verdict } from './verdict.ts'

/** The most that the `report` output takes, in bytes: all outputs of a job have to stay below 512 Ki characters. */
export const MAX_REPORT_BYTES = 320 * 1_024
/** How many problems and warnings are kept where the report has to be cut. */
const MAX_KEPT = 10
/** The lists of the report that an output may lack. */
const LISTS = ['problems', 'warnings', 'partitions', 'nodes', 'groups'] as const

/** The report, version 1, as docs/canary-report.schema.json describes it. Fields are only ever added. */
export interface Report
  extends Pick<Verdict, 'step' | 'problems' | 'warnings' | 'queueLeft' | 'placement'> {
  readonly version: 1
  readonly verdict: 'proven' | 'not-proven'
  /** The report of the gate; null where it was not run. */
  readonly gate: unknown
  readonly queue: string | null
  /** The id of the run, which the queue is tagged with; null where no queue was to be created. */
  readonly run: string | null
  readonly partitions: readonly ReturnType<typeof toRow>[]
  readonly nodes: readonly NodeFinding[]
  readonly groups: readonly ReturnType<typeof toGroup>[]
  readonly durationsMs: Readonly<Partial<Record<ProofStep, number>>>
  /** What was left out of the output to keep it small; 0 each in the file. */
  readonly omitted: Readonly<Record<(typeof LISTS)[number], number>>
}

/** Builds the whole report. */
export function makeReport(verdict: Verdict, queue: string | null, gate: unknown): Report {
  const { proven, step, problems, warnings, placement, queueLeft, findings } = verdict
  const { run = null, partitions = [], nodes = [], durations = {} } = findings ?? {}
  const groups = findings === null ? [] : followGroups(findings.leaders)
  const rounded = Object.entries(durations).map(([name, ms]) => [name, Math.round(ms)])
  return {
    version: 1,
    verdict: proven ? 'proven' : 'not-proven',
    ...{ step, problems, warnings, gate, queue, queueLeft, run, placement },
    partitions: partitions.map(toRow),
    nodes,
    groups: groups.map(toGroup),
    durationsMs: Object.fromEntries(rounded),
    omitted: { problems: 0, warnings: 0, partitions: 0, nodes: 0, groups: 0 },
  }
}

const toGroup = ({ raftAddresses, ...leader }: GroupCourse) => ({ raftAddresses, leader })

function toRow(partition: PartitionFinding) {
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

/**
 * Serializes the report for the `report` output: valid JSON of at most 320 KiB, safe to paste into a shell. What does not
 * fit is left out in whole parts, those first that the file is more useful for, and counted.
 *
 * @param shortGate the report of the gate without its peers and members
 */
export function encodeReport(report: Report, shortGate: unknown): string {
  const [problems, warnings] = [report.problems, report.warnings].map((all) =>
    all.slice(0, MAX_KEPT),
  )
  const cuts: readonly Partial<Report>[] = [
    { gate: shortGate },
    { partitions: [] },
    { nodes: [] },
    { groups: [] },
    { problems: problems ?? [], warnings: warnings ?? [] },
    { gate: null },
  ]
  let kept = report
  for (const cut of cuts) {
    // Escapes only lengthen, and take their time in a large report.
    const json = JSON.stringify(kept).length > MAX_REPORT_BYTES ? null : outputJson(kept)
    if (json !== null && json.length <= MAX_REPORT_BYTES) return json
    const cutReport = { ...kept, ...cut }
    const omitted = LISTS.map((list) => [list, report[list].length - cutReport[list].length])
    kept = { ...cutReport, omitted: Object.fromEntries(omitted) }
  }
  return outputJson(kept)
}
