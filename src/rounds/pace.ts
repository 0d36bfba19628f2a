/** How many exchanges may be fresh at first, and at least. */
const MIN_WINDOW = 64
/** How long nothing may end until exchanges count as silent, in milliseconds: as long as the last took, within bounds. */
const FIRST_PATIENCE_MS = 50
const MIN_PATIENCE_MS = 10
const MAX_PATIENCE_MS = 100
/** How much more than the quickest peer an answer may take before the gate counts as busy, in milliseconds. */
const MAX_LAG_MS = 50
/** The same as a part of the time limit; the smaller of the two counts. */
const MAX_LAG_SHARE = 1 / 8

/** Decides when the next exchange of a round may start. */
export interface Pace {
  /** Resolves as soon as one more exchange may start. */
  turn(): Promise<void>
  /** Told when an exchange starts; returns what is to be called when it has ended. */
  begin(): () => void
}

/**
 * Keeps a gate with thousands of peers from starving their clocks by its own load, without ever waiting for a slow
 * peer. Only so many exchanges may be fresh at a time. Answers about as quick as the quickest widen that window, and
 * slower ones narrow it. An exchange that a whole window of later ones has overtaken, or that is left where nothing ends
 * any more, counts as silent: it leaves the window, and goes on outside.
 *
 * @param timeoutMs the time limit of one exchange, in milliseconds
 * @param now a monotonic clock in milliseconds
 */
export function makePace(timeoutMs: number, now = () => performance.now()): Pace {
  const maxLag = Math.min(MAX_LAG_MS, timeoutMs * MAX_LAG_SHARE)
  /** When each fresh exchange started, by its number, the oldest first. */
  const fresh = new Map<number, number>()
  let window = MIN_WINDOW
  let quickest = Number.POSITIVE_INFINITY
  let patience = FIRST_PATIENCE_MS
  let lastEnd = 0
  let count = 0
  let wake = () => {}

  function dropOvertaken(number: number): void {
    for (const other of fresh.keys()) {
      if (other >= number - window) return
      fresh.delete(other)
    }
  }

  function dropSilent(): void {
    const before = fresh.size
    for (const [number, startedAt] of fresh) {
      if (now() - Math.max(startedAt, lastEnd) < patience) break
      fresh.delete(number)
    }
    // The more of them in a row are silent, the less the others have to wait.
    if (fresh.size < before) patience = Math.max(MIN_PATIENCE_MS, patience / 2)
  }

  function freed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, patience)
    wake = () => {
      clearTimeout(timer)
      resolve()
    }
    return promise
  }

  return {
    async turn() {
      for (;;) {
        if (fresh.size >= window) dropSilent()
        if (fresh.size < window) return
        await freed()
      }
    },
    begin() {
      const number = count++
      const startedAt = now()
      fresh.set(number, startedAt)
      return () => {
        lastEnd = now()
        if (!fresh.delete(number)) return
        const tookMs = lastEnd - startedAt
        quickest = Math.min(quickest, tookMs)
        patience = Math.min(MAX_PATIENCE_MS, Math.max(MIN_PATIENCE_MS, tookMs))
        window = tookMs - quickest < maxLag ? window + 1 : Math.max(MIN_WINDOW, window - 1)
        dropOvertaken(number)
        wake()
      }
    },
  }
}
