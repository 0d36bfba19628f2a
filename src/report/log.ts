import * as core from '@actions/core'
import type { Inputs } from '../inputs/inputs.ts'
import type { Verdict } from '../rounds/rounds.ts'
import { logText } from '../shared/text.ts'
import { membershipLines, nodeLines, peerLine, startLine } from './lines.ts'
import { basis } from './membership-table.ts'

/** More lines than this are folded into a group of the log. */
const MAX_UNFOLDED = 20
/** GitHub keeps ten annotations of a kind. */
const MAX_WARNINGS = 10

/** Logs what the run is about to do, and every node that it asks. */
export function logStart(inputs: Inputs): void {
  core.info(startLine(inputs))
  logLines('nodes to ask', nodeLines(inputs))
}

/** Warns, in the log and as annotations, as often as GitHub shows. */
export function logWarnings(warnings: readonly string[]): void {
  const more = warnings.length - MAX_WARNINGS
  const shown =
    more > 0 ? [...warnings.slice(0, MAX_WARNINGS - 1), `and ${more + 1} more`] : warnings
  for (const warning of shown) core.warning(logText(warning, 1_000))
}

/** Logs what led to a verdict: problems, how each node answered, and what the cluster says of the list. */
export function logFindings(verdict: Verdict): void {
  const problems = verdict.problems.map((problem) => `✗ ${logText(problem, 1_000)}`)
  logLines('problems', problems)
  logLines('nodes', verdict.results.map(peerLine))
  const members = membershipLines(verdict).map((line) => `✗ ${line}`)
  logLines('findings on the membership', members)
  if (basis(verdict) !== '') core.info(basis(verdict))
}

function logLines(what: string, lines: readonly string[]): void {
  if (lines.length > MAX_UNFOLDED) core.startGroup(`All ${lines.length} ${what}`)
  for (const line of lines) core.info(line)
  if (lines.length > MAX_UNFOLDED) core.endGroup()
}
