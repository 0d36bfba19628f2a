import type { Step } from './startup.ts'
import type { Telling } from './tell.ts'

/** How an action tells of a crash. Any of it may be what is broken. */
export interface CrashTelling<Verdict, Pages>
  extends Pick<Telling<Verdict, Pages>, 'render' | 'summarize' | 'setOutputs' | 'annotate'> {
  /** The verdict for a reason that holds no secrets. */
  readonly crash: (reason: string) => Verdict
  /** Hides secrets. */
  readonly redact: (text: string) => string
  readonly debug: (text: string) => void
}

/**
 * Tells of a crash as of any failure, with the reason if it can be had without secrets. Each part stands for itself, so
 * whatever else is broken, the rest is told. Never throws.
 */
export function tellCrash<Verdict, Pages>(
  error: unknown,
  step: Step,
  telling: CrashTelling<Verdict, Pages>,
): void {
  let annotated = false
  const reason = attempt(() => telling.redact(describe(error))) ?? 'the reason cannot be shown'
  attempt(() => {
    const verdict = telling.crash(reason)
    const pages = attempt(() => telling.render(verdict))
    if (pages !== undefined) {
      attempt(() => telling.setOutputs(pages))
      attempt(() => telling.summarize(pages))
    }
    telling.annotate(verdict)
    annotated = true
  })
  if (!annotated) step.annotatePlainly('it failed, and cannot say why.')
  tellStack(error, telling)
}

/** Tells the stack of an error in the debug log, if it can be had without secrets. Never throws. */
export function tellStack<Verdict, Pages>(
  error: unknown,
  { redact, debug }: Pick<CrashTelling<Verdict, Pages>, 'redact' | 'debug'>,
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
