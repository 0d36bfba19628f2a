import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 100

/**
 * Asks again every 100 ms until the answer is something, and returns it. An error counts as no answer yet.
 * @throws after `timeoutMs`, with the last error
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let last: unknown = ''
  while (performance.now() < deadline) {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      last = error
    }
    await sleep(PAUSE_MS)
  }
  throw new Error(`${what}: not within ${timeoutMs} ms. ${last}`)
}
