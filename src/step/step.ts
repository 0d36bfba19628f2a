import { setTimeout as pause } from 'node:timers/promises'
import { type CrashPublisher, logStack, publishCrash } from './crash.ts'
import type { Step } from './startup.ts'

export type { CrashPublisher } from './crash.ts'
export { type Publisher, publishVerdict } from './publish.ts'
export { beginStep, type Step } from './startup.ts'

/** How long a reader may take for the rest of the log, in milliseconds; one that takes longer reads no more. */
const PATIENCE_MS = 30_000
/** The same in a run that is cancelled, which has to end within a second. */
const CANCELLED_PATIENCE_MS = 500

/**
 * Runs an action to its end. Any crash is a failure, published like any other; what breaks after that changes
 * nothing.
 */
export async function runStep<Verdict, Pages>(
  step: Step,
  main: () => Promise<void>,
  publisher: CrashPublisher<Verdict, Pages>,
): Promise<never> {
  const crashed = (error: unknown): Promise<never> => {
    if (step.published === null) publishCrash(error, step, publisher)
    else logStack(error, publisher)
    step.published ??= 'failure'
    return endStep(step)
  }
  process.on('uncaughtException', crashed)
  await main().catch(crashed)
  return await endStep(step)
}

/**
 * Ends the process with the exit status of what was published, once its log is read. Never returns: left to itself, Node.js
 * takes down its signal handlers first, and a signal would then kill it.
 */
async function endStep({ signal }: Step): Promise<never> {
  const patience = pause(PATIENCE_MS, undefined, { signal }).catch(() =>
    pause(CANCELLED_PATIENCE_MS),
  )
  try {
    await Promise.race([Promise.all([process.stdout, process.stderr].map(flush)), patience])
  } finally {
    process.exit()
  }
}

/** Resolves when all that was written is read, or cannot be read any more. */
async function flush(stream: NodeJS.WriteStream): Promise<void> {
  // Who does not read is no error any more.
  stream.on('error', () => undefined)
  if (stream.writableLength === 0) return
  await new Promise((resolve) => stream.write('', resolve))
}
