import * as core from '@actions/core'
import {
  encodeReport,
  logWarnings,
  type Pages,
  type Report,
  shortReport,
} from '../report/report.ts'
import { cutReport, makeReport } from './json.ts'
import { annotation, headlineText, problemLine } from './lines.ts'
import { renderSummary } from './summary.ts'
import type { Verdict } from './verdict.ts'

export { proveCluster } from './cluster.ts'
export type { Findings } from './findings.ts'
export { stepLine } from './lines.ts'
export { crash, judge, refuse, type Verdict } from './verdict.ts'

/** What came before the proof. */
export interface Context {
  /** The name of the canary's queue; null where the inputs are wrong. */
  readonly queue: string | null
  /** The report of the gate; null where it was not run. */
  readonly gate: Report | null
  /** The summary of a gate that is closed, in Markdown. */
  readonly gateSummary: string
}

/** Renders a verdict. Pure. */
export function render(verdict: Verdict, { queue, gate, gateSummary }: Context): Pages {
  const { step, queueLeft, placement } = verdict
  const report = makeReport(verdict, queue, gate)
  return {
    outputs: {
      step,
      'queue-left': String(queueLeft),
      placement,
      report: encodeReport(report, cutReport(report, gate && shortReport(gate))),
    },
    reportFile: `${JSON.stringify(report, null, 2)}\n`,
    summary: renderSummary(verdict) + gateSummary,
  }
}

/** Logs the warnings and the problems of a verdict. */
export function logVerdict({ warnings, problems }: Verdict): void {
  logWarnings(warnings.map((warning) => problemLine(warning)))
  for (const problem of problems) core.info(`✗ ${problemLine(problem)}`)
}

/** The annotation of a verdict: a notice if it is proven, otherwise the one error. */
export function annotate(verdict: Verdict): void {
  if (verdict.proven) core.notice(headlineText(verdict))
  else core.error(annotation(verdict))
}
