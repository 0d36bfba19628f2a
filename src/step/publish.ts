import { setImmediate as turn } from 'node:timers/promises'
import type { Step } from './startup.ts'

/** How an action publishes a verdict. `Pages` is the verdict in the forms in which it is written. */
export interface Publisher<Verdict, Pages> {
  /** The verdict as of now: a signal that has come makes it a failure. */
  readonly decide: () => Verdict
  readonly isSuccess: (verdict: Verdict) => boolean
  readonly log: (verdict: Verdict) => void
  readonly render: (verdict: Verdict) => Pages
  /** Writes the job summary, in place of what an earlier call wrote. */
  readonly summarize: (pages: Pages) => void
  /** Sets the outputs, with the one that says success as false. Throws if they cannot be set. */
  readonly setOutputs: (pages: Pages) => void
  readonly setSuccess: () => void
  readonly annotate: (verdict: Verdict) => void
}

/** Publishes the verdict: log, summary, outputs, annotation. Only what succeeded before and after everything that takes time is a success. */
export async function publishVerdict<Verdict, Pages>(
  step: Step,
  publisher: Publisher<Verdict, Pages>,
): Promise<void> {
  const { decide, isSuccess, render, summarize } = publisher
  let verdict = decide()
  let pages = render(verdict)
  publisher.log(verdict)
  summarize(pages)
  // Node.js hears of a signal between two turns of its event loop, and the first of these may be half over.
  await turn()
  await turn()
  if (isSuccess(verdict) && step.signal.aborted) {
    verdict = decide()
    pages = render(verdict)
    summarize(pages)
  }
  // From here on nothing waits: a signal that comes now is later than the verdict.
  if (step.published !== null) return
  publisher.setOutputs(pages)
  if (isSuccess(verdict)) {
    publisher.setSuccess()
    step.published = 'success'
    publisher.annotate(verdict)
  } else {
    publisher.annotate(verdict)
    step.published = 'failure'
  }
}
