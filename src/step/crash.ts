import type { Publisher } from './publish.ts'
import type { Step } from './startup.ts'

/** How an action publishes a crash. Any of it may be what is broken. */
export interface CrashPublisher<Verdict, Pages>
  extends Pick<Publisher<Verdict, Pages>, 'render' | 'summarize' | 'setOutputs' | 'annotate'> {
  /** The verdict for a reason that holds no secrets. */
  readonly crash: (reason: string) => Verdict
  /** Hides secrets. */
  readonly redact: (text: string) => string
  readonly debug: (text: string) => void
}

/**
 * Publishes a crash as a failure like any other, with the reason if it can be had without secrets. The parts do not depend
 * on each other: whatever is broken, the rest is done. Never throws.
 */
export function publishCrash<Verdict, Pages>(
  error: unknown,
  step: Step,
  publisher: CrashPublisher<Verdict, Pages>,
): void {
  let annotated = false
  const reason = attempt(() => publisher.redact(describe(error))) ?? 'the reason cannot be shown'
  attempt(() => {
    const verdict = publisher.crash(reason)
    const pages = attempt(() => publisher.render(verdict))
    if (pages !== undefined) {
      attempt(() => publisher.setOutputs(pages))
      attempt(() => publisher.summarize(pages))
    }
    publisher.annotate(verdict)
    annotated = true
  })
  if (!annotated) step.annotatePlainly('it failed, and cannot say why.')
  logStack(error, publisher)
}

/** Writes the stack of an error to the debug log, if it can be had without secrets. Never throws. */
export function logStack<Verdict, Pages>(
  error: unknown,
  { redact, debug }: Pick<CrashPublisher<Verdict, Pages>, 'redact' | 'debug'>,
): void {
  attempt(() => {
    if (error instanceof Error) debug(redact(error.stack ?? ''))
  })
}

const describe = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : `Error: ${String(error)}`

/** What a part returns, or undefined if it throws. */
function attempt<T>(part: () => T): T | undefined {
  try {
    return part()
  } catch {
    return undefined
  }
}
