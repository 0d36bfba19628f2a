import { setTimeout as pause } from 'node:timers/promises'
import type { Step } from './startup.ts'

/** How long a reader may take for the rest of the log, in milliseconds; one that takes longer reads no more. */
const PATIENCE_MS = 30_000
/** The same in a run that is cancelled, which has to end within a second. */
const CANCELLED_PATIENCE_MS = 500

/**
 * Ends the process with the exit status of what was told, once its log is read. Never returns: left to itself, Node.js
 * takes down its signal handlers first, and a signal would then kill it.
 */
export async function endStep({ signal }: Step): Promise<never> {
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
