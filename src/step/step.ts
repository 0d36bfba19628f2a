import { type CrashTelling, tellCrash, tellStack } from './crash.ts'
import { endStep } from './end.ts'
import type { Step } from './startup.ts'

export type { CrashTelling } from './crash.ts'
export { beginStep, type Step } from './startup.ts'
export { type Telling, tellVerdict } from './tell.ts'

/**
 * Runs an action to its end. Any crash is a failure, told like any other; what breaks after a verdict was told changes
 * nothing.
 */
export async function runStep<Verdict, Pages>(
  step: Step,
  main: () => Promise<void>,
  telling: CrashTelling<Verdict, Pages>,
): Promise<never> {
  const crashed = (error: unknown): Promise<never> => {
    if (step.told === null) tellCrash(error, step, telling)
    else tellStack(error, telling)
    step.told ??= 'failure'
    return endStep(step)
  }
  process.on('uncaughtException', crashed)
  await main().catch(crashed)
  return await endStep(step)
}
