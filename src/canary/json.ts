import { cutText } from '../shared/text.ts'
import type { PartitionFinding, Problem } from './findings.ts'
import { latencyOf, orderOf } from './partition.ts'
import { followGroups, type GroupCourse } from './placement.ts'
import type { Verdict } from './verdict.ts'

/** How many problems and warnings a short report has, and the most characters of a text in them. */
const MAX_KEPT = 10
const MAX_TEXT = 500

/** The report, version 1, as docs/canary-report.schema.json describes it. Fields are only ever added. */
export type Report = ReturnType<typeof makeReport>

/**
 * Builds the whole report.
 *
 * @param queue null where the inputs are wrong
 * @param gate the report of the gate; null where it was not run
 */
export function makeReport(verdict: Verdict, queue: string | null, gate: object | null) {
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
    durationsMs: Object.fromEntries(rounded) as typeof durations,
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
 * A report without partitions, nodes and groups, and with the first problems and warnings only. It counts what it lacks.
 *
 * @param gate the report of the gate without its peers and members
 */
export function cutReport(report: Report, gate: object | null): Report {
  const [problems, warnings] = [cutProblems(report.problems), cutProblems(report.warnings)]
  return {
    ...report,
    ...{ gate, problems, warnings, partitions: [], nodes: [], groups: [] },
    omitted: {
      problems: report.problems.length - problems.length,
      warnings: report.warnings.length - warnings.length,
      partitions: report.partitions.length,
      nodes: report.nodes.length,
      groups: report.groups.length,
    },
  }
}

const cutProblems = (problems: readonly Problem[]): readonly Problem[] =>
  problems.slice(0, MAX_KEPT).map(({ node, words, ...problem }) => {
    return { ...problem, node: node && cutText(node, MAX_TEXT), words: cutText(words, MAX_TEXT) }
  })
