import { randomUUID } from 'node:crypto'
import { accessSync, appendFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@actions/core'
import { blockingPeers, type Verdict } from '../rounds/rounds.ts'
import { logText } from '../shared/text.ts'
import { encodeReport, makeReport, type Report } from './json.ts'
import { logFindings } from './lines.ts'
import { annotation, headlineText } from './log.ts'
import { encodeBlocking, encodeUnlisted, membershipState } from './outputs.ts'
import { renderSummary, type SummaryContext } from './summary.ts'

export { logStart } from './lines.ts'
export { annotation, turnLine } from './log.ts'
export type { SummaryContext } from './summary.ts'
export { warnOf } from './warnings.ts'

/** GitHub keeps ten annotations of a kind. */
const MAX_WARNINGS = 10

/**
 * Tells a verdict to everyone who waits for it: log, report file, outputs, job summary. Does not touch
 * `all-advertise` or the exit status. Throws if the outputs cannot be written; a summary or a report file that
 * cannot be written is a warning.
 */
export function publish(verdict: Verdict, context: SummaryContext): void {
  const { results } = verdict
  for (const warning of limitWarnings(context.warnings)) core.warning(logText(warning, 1_000))
  logFindings(verdict)

  const report = makeReport(verdict, context.checkedAt, context.durationMs)
  core.setOutput('peer-count', results.length)
  core.setOutput('advertising-count', results.length - blockingPeers(verdict).length)
  core.setOutput('blocking-peers', encodeBlocking(verdict))
  core.setOutput('membership', membershipState(verdict))
  core.setOutput('unlisted-members', encodeUnlisted(verdict))
  core.setOutput('rounds', verdict.rounds)
  core.setOutput('checked-at', context.checkedAt ?? '')
  core.setOutput('report', encodeReport(report))
  core.setOutput('report-path', writeReport(report))
  writeSummary(verdict, context)
  if (verdict.open) core.info(headlineText(verdict))
  else core.setFailed(annotation(verdict))
}

/** Writes the job summary; where that is not possible, warns. */
export function writeSummary(verdict: Verdict, context: SummaryContext): void {
  try {
    // Without the toolkit, whose summary builder escapes nothing and wakes a pool of threads. The file must be there.
    const path = process.env['GITHUB_STEP_SUMMARY'] ?? ''
    accessSync(path)
    appendFileSync(path, renderSummary(verdict, context))
  } catch (error) {
    core.warning(`The job summary could not be written: ${logText(String(error))}`)
  }
}

function limitWarnings(warnings: readonly string[]): readonly string[] {
  const more = warnings.length - MAX_WARNINGS
  return more > 0 ? [...warnings.slice(0, MAX_WARNINGS - 1), `and ${more + 1} more`] : warnings
}

function writeReport(report: Report): string {
  try {
    const folder = process.env['RUNNER_TEMP'] || tmpdir()
    const path = join(folder, `htfifo-gate-${randomUUID()}.json`)
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`)
    return path
  } catch (error) {
    core.warning(`The report file could not be written: ${logText(String(error))}`)
    return ''
  }
}
