import { randomUUID } from 'node:crypto'
import { accessSync, appendFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@actions/core'
import { blockingPeers, type Verdict } from '../rounds/rounds.ts'
import { logText } from '../shared/text.ts'
import { encodeReport, makeReport } from './json.ts'
import { annotation, headlineText } from './lines.ts'
import { encodeBlocking, encodeUnlisted, membershipState } from './outputs.ts'
import { renderSummary, type SummaryContext } from './summary.ts'

export { roundLine } from './lines.ts'
export { logFindings, logStart, logWarnings } from './log.ts'
export { renderSummary, type SummaryContext } from './summary.ts'
export { warnOf } from './warnings.ts'

/** A verdict in the forms in which it is written. */
export interface Pages {
  /** All outputs but `all-advertise` and `report-path`. */
  readonly outputs: Readonly<Record<string, string | number>>
  /** The whole report, as JSON. */
  readonly reportFile: string
  /** Markdown. */
  readonly summary: string
}

/** Renders a verdict, which takes its time with thousands of peers. Pure. */
export function render(verdict: Verdict, context: SummaryContext): Pages {
  const { results, rounds } = verdict
  const report = makeReport(verdict, context.checkedAt, context.durationMs)
  return {
    outputs: {
      'peer-count': results.length,
      'advertising-count': results.length - blockingPeers(verdict).length,
      'blocking-peers': encodeBlocking(verdict),
      membership: membershipState(verdict),
      'unlisted-members': encodeUnlisted(verdict),
      rounds,
      'checked-at': context.checkedAt ?? '',
      report: encodeReport(report),
    },
    reportFile: `${JSON.stringify(report, null, 2)}\n`,
    summary: renderSummary(verdict, context),
  }
}

/**
 * Writes the report file and sets all outputs but `all-advertise`. Throws if the outputs cannot be written; a report
 * file that cannot be written is a warning.
 */
export function writeOutputs({ outputs, reportFile }: Pages): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
  core.setOutput('report-path', writeReport(reportFile))
}

/** Writes the job summary; where that is not possible, warns. */
export function writeSummary(markdown: string): void {
  const path = process.env['GITHUB_STEP_SUMMARY'] ?? ''
  try {
    // Without the toolkit, whose summary builder escapes nothing and wakes a pool of threads. The file must be there.
    if (path !== '') accessSync(path)
    if (path !== '') appendFileSync(path, markdown)
    else core.warning('The job summary could not be written: GITHUB_STEP_SUMMARY is not set')
  } catch (error) {
    warn('job summary', path, error, 'GITHUB_STEP_SUMMARY')
  }
}

/** The annotation of a verdict: a notice if the gate is open, otherwise the one error. */
export function annotate(verdict: Verdict): void {
  if (verdict.open) core.notice(headlineText(verdict))
  else core.error(annotation(verdict))
}

function writeReport(json: string): string {
  const folder = process.env['RUNNER_TEMP'] || tmpdir()
  try {
    const path = join(folder, `htfifo-gate-${randomUUID()}.json`)
    writeFileSync(path, json)
    return path
  } catch (error) {
    warn('report file', folder, error, 'RUNNER_TEMP')
    return ''
  }
}

/** Tells the code of an error only, since nothing here hides secrets. */
function warn(what: string, path: string, error: unknown, variable: string): void {
  const { code } = Object(error) as { code?: unknown }
  const reason = typeof code === 'string' ? code : 'an unknown error'
  core.warning(`The ${what} could not be written: ${reason} at ${logText(path)} (${variable})`)
}
