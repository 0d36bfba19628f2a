import type { Step } from '../../sample/runner.ts'
import type { Report } from '../../src/report/json.ts'

/** The report of a step, from its output. */
export const reportOf = ({ outputs }: Step): Report => JSON.parse(outputs['report'] ?? '')

/** The error annotations of a step. */
export const annotationsOf = ({ stdout }: Step): string[] =>
  stdout.split('\n').filter((line) => line.startsWith('::error'))

/** All that a step tells, in one text, but for what it asks the runner to mask. */
export const toldBy = ({ stdout, stderr, outputs, summary }: Step): string =>
  [stdout.replace(/^::add-mask::.*$/gm, ''), stderr, ...Object.values(outputs), summary].join('\n')
