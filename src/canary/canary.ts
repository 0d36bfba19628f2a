import type { SqsQueue } from './sqs.ts'
import type { SqsOptions } from './sqs-client.ts'

export { REASONS, type Reason } from './advice.ts'
export { deleteCommand } from './command.ts'
export type { Findings, Problem, ProofStep, Step } from './findings.ts'
export { makeReport, type Report } from './json.ts'
export { annotation, headlineText, problemLine, stepLine } from './lines.ts'
export { toListeners } from './listeners.ts'
export type { Node, ProofOptions } from './options.ts'
export type { Listener, Member, Placement } from './placement.ts'
export { CrashError, prove } from './proof.ts'
export type { Queue } from './queue.ts'
export { encodeReport } from './report-output.ts'
export type { SqsQueue } from './sqs.ts'
export type { SqsOptions } from './sqs-client.ts'
export { renderSummary } from './summary.ts'
export { crash, judge, refuse, type Verdict } from './verdict.ts'

/** Loads the SQS library, which takes about 75 ms, and returns what opens the queue service of a node; see sqs.ts. */
export async function loadSqs(): Promise<(base: string, options: SqsOptions) => SqsQueue> {
  const { openSqs } = await import('./sqs.ts')
  return openSqs
}
