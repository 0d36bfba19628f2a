import * as core from '@actions/core'
import type { Inputs } from '../inputs/inputs.ts'
import type { TimelineEntry, Verdict } from '../rounds/rounds.ts'
import { logText, showFirst } from '../shared/text.ts'
import { VERSION } from '../shared/version.ts'
import { basis } from './headline.ts'
import {
  annotationText,
  findingLines,
  headlineLine,
  nodeLines,
  peerLine,
  roundLine,
  startLine,
} from './lines.ts'

/** More lines than this are folded into a group of the log. */
const MAX_UNFOLDED = 20
/** GitHub keeps ten annotations of a kind. */
const MAX_WARNINGS = 10
const MAX_LINE = 1_000
const MAX_STACK = 4_000

/** Logs what the run is about to do, and every node that it asks. */
export function logStart(inputs: Inputs): void {
  core.info(startLine(inputs))
  logLines(`All ${inputs.peers.length} nodes to ask`, nodeLines(inputs))
}

/** Logs a round, as it ends. */
export const logRound = (entry: TimelineEntry): void => core.info(roundLine(entry))

/** Logs what led to a verdict: warnings, problems, how each node answered, and what the cluster says of the list. */
export function logVerdict(verdict: Verdict): void {
  logWarnings(verdict.warnings)
  if (verdict.problems.length > 0) core.info(`htfifo-gate ${VERSION}: nothing was polled`)
  logLines(
    `All ${verdict.problems.length} problems`,
    verdict.problems.map((problem) => `✗ ${logText(problem, MAX_LINE)}`),
  )
  logLines(`All ${verdict.results.length} nodes`, verdict.results.map(peerLine))
  logLines(
    'What keeps the list from being confirmed',
    findingLines(verdict).map((line) => `✗ ${line}`),
  )
  if (basis(verdict) !== '') core.info(basis(verdict))
}

/** The annotation of a verdict: a notice if the gate is open, otherwise the one error. */
export function annotate(verdict: Verdict): void {
  if (verdict.open) core.notice(headlineLine(verdict))
  else core.error(annotationText(verdict))
}

/** Warns, in the log and as annotations, as often as GitHub shows. */
export function logWarnings(warnings: readonly string[]): void {
  const max = warnings.length > MAX_WARNINGS ? MAX_WARNINGS - 1 : MAX_WARNINGS
  const lines = showFirst(warnings, max, (warning) => logText(warning, MAX_LINE))
  for (const line of lines) core.warning(line)
}

/** Writes a text, which must hold no secret, to the debug log. */
export const logDebug = (text: string): void => core.debug(logText(text, MAX_STACK))

function logLines(title: string, lines: readonly string[]): void {
  if (lines.length > MAX_UNFOLDED) core.startGroup(title)
  for (const line of lines) core.info(line)
  if (lines.length > MAX_UNFOLDED) core.endGroup()
}
