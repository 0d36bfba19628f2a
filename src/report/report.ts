import * as core from '@actions/core'
import { blockingPeers, type Verdict } from '../rounds/rounds.ts'
import { writeReport } from './files.ts'
import { unlistedMembers } from './findings.ts'
import {
  encodeNames,
  encodeReport,
  MAX_BLOCKING_BYTES,
  MAX_UNLISTED_BYTES,
  makeReport,
  shortReport,
} from './json.ts'
import { renderSummary, type SummaryContext } from './summary.ts'

export { makeSummaryWriter } from './files.ts'
export { encodeReport, makeReport, type Report, shortReport } from './json.ts'
export { headlineLine } from './lines.ts'
export { annotate, logDebug, logRound, logStart, logVerdict, logWarnings } from './log.ts'
export { table } from './markdown.ts'
export { renderSummary, type SummaryContext } from './summary.ts'

/** The context of a run that polled nothing. */
export const NOTHING_POLLED: SummaryContext = { checkedAt: null, timeline: null, queues: [] }

/** A verdict in the forms in which it is written. */
export interface Pages {
  /** All outputs but the one that says success and `report-path`. */
  readonly outputs: Readonly<Record<string, string | number>>
  /** The whole report, as JSON. */
  readonly reportFile: string
  /** Markdown. */
  readonly summary: string
}

/** Renders a verdict, which takes its time with thousands of peers. Pure. */
export function render(verdict: Verdict, context: SummaryContext, durationMs: number): Pages {
  const { results, rounds, membership } = verdict
  const { checkedAt } = context
  const report = makeReport(verdict, checkedAt, durationMs)
  const blocking = blockingPeers(verdict)
  const unlisted = new Set(unlistedMembers(membership).map(({ id }) => id))
  return {
    outputs: {
      'peer-count': results.length,
      'advertising-count': results.length - blocking.length,
      'blocking-peers': encodeNames(
        blocking.map(({ peer }) => peer.name),
        MAX_BLOCKING_BYTES,
      ),
      membership: membership?.state ?? 'not-checked',
      'unlisted-members': encodeNames([...unlisted], MAX_UNLISTED_BYTES),
      rounds,
      'checked-at': checkedAt ?? '',
      report: encodeReport(report, shortReport(report)),
    },
    reportFile: `${JSON.stringify(report, null, 2)}\n`,
    summary: renderSummary(verdict, context, durationMs),
  }
}

/**
 * Sets all outputs. Throws if they cannot be set; a report file that cannot be written is a warning.
 *
 * @param success the output that says success, which is set to false
 * @param fileName how the name of the report file begins
 */
export function setOutputs({ outputs, reportFile }: Pages, success: string, fileName: string) {
  core.setOutput(success, false)
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
  core.setOutput('report-path', writeReport(fileName, reportFile))
}
