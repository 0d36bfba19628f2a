import { DEFAULT_CAPABILITY } from './inputs/inputs.ts'
import { crash, type Verdict } from './rounds/rounds.ts'

/** What a crash takes to be told. Any of it may be what is broken. */
export interface CrashSteps {
  /** Hides secrets. */
  readonly redact: (text: string) => string
  /** Sets the outputs of a closed gate. */
  readonly setOutputs: (verdict: Verdict) => void
  readonly annotate: (verdict: Verdict) => void
  /** Annotates with a text that is safe as it is; used where the above fails. */
  readonly annotatePlainly: (text: string) => void
  readonly summarize: (verdict: Verdict) => unknown
  /** Tells the stack, without secrets. */
  readonly debug: (stack: string) => void
}

/**
 * Tells of a crash as of a closed gate, with the reason if it can be had without secrets. Each step stands for itself,
 * so whatever else is broken, the rest is told. Never throws.
 */
export function tellCrash(error: unknown, steps: CrashSteps): void {
  const { redact, setOutputs, annotate, annotatePlainly, summarize } = steps
  const reason = attempt(() => redact(describe(error))) ?? 'the reason cannot be told'
  const verdict = crash(reason, DEFAULT_CAPABILITY)
  attempt(() => setOutputs(verdict))
  const annotated = attempt(() => {
    annotate(verdict)
    return true
  })
  if (!annotated) attempt(() => annotatePlainly('the gate itself failed, and cannot tell why.'))
  attempt(() => summarize(verdict))
  tellStack(error, steps)
}

/** Tells the stack of an error in the debug log, if it can be had without secrets. Never throws. */
export function tellStack(error: unknown, { redact, debug }: Pick<CrashSteps, 'redact' | 'debug'>) {
  attempt(() => error instanceof Error && debug(redact(error.stack ?? '')))
}

const describe = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : `Error: ${String(error)}`

/** What a step returns, or undefined if it throws. */
function attempt<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}
