import { outputJson } from '../shared/text.ts'
import type { Report } from './json.ts'

/** The most that the `report` output takes, in bytes: all outputs of a job have to stay below 512 Ki characters. */
export const MAX_REPORT_BYTES = 320 * 1_024
/** How many problems and warnings are kept where the report has to be cut. */
const MAX_KEPT = 10

/**
 * Serializes the report for the `report` output: valid JSON of at most 320 KiB, safe to paste into a shell. What does not
 * fit is left out in whole parts, those first that the file is more useful for, and counted.
 *
 * @param shortGate the report of the gate without its peers and members
 */
export function encodeReport(report: Report, shortGate: unknown): string {
  const { partitions, nodes, groups, problems, warnings } = report
  const cuts: readonly ((cut: Report) => Report)[] = [
    (cut) => ({ ...cut, gate: shortGate ?? null }),
    (cut) => ({
      ...cut,
      partitions: [],
      omitted: { ...cut.omitted, partitions: partitions.length },
    }),
    (cut) => ({ ...cut, nodes: [], omitted: { ...cut.omitted, nodes: nodes.length } }),
    (cut) => ({ ...cut, groups: [], omitted: { ...cut.omitted, groups: groups.length } }),
    (cut) => ({
      ...cut,
      problems: problems.slice(0, MAX_KEPT),
      warnings: warnings.slice(0, MAX_KEPT),
      omitted: {
        ...cut.omitted,
        problems: Math.max(0, problems.length - MAX_KEPT),
        warnings: Math.max(0, warnings.length - MAX_KEPT),
      },
    }),
    (cut) => ({ ...cut, gate: null }),
  ]
  let kept = report
  let text = outputJson(kept)
  for (const cut of cuts) {
    if (text.length <= MAX_REPORT_BYTES) break
    kept = cut(kept)
    text = outputJson(kept)
  }
  return text
}
