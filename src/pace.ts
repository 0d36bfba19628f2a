/** How many fresh exchanges there may be at first, and at least. */
const FIRST_WINDOW = 64
const MIN_WINDOW = 32
/** How long an exchange without an answer counts as fresh, at least, in milliseconds. */
const MIN_PATIENCE_MS = 10
/** A peer that takes more than this part of its time is a sign that the gate, or the way to the peers, is busy. */
const BUSY_SHARE = 1 / 8

/** Decides when the next exchange of a round may start. */
export interface Pace {
  /** Resolves as soon as one more exchange may start. */
  turn(): Promise<void>
  /** Told when an exchange starts; returns what is to be called when it has ended. */
  begin(): () => void
}

/**
 * Keeps a gate with thousands of peers from starving their clocks by its own load, without ever waiting for a slow
 * peer. Only so many exchanges may be fresh at a time. Quick answers widen that window, and slow ones narrow it; a
 * peer that stays silent for longer than the others need leaves it, and its exchange goes on outside.
 *
 * @param timeoutMs the time limit of one exchange, in milliseconds
 */
export function makePace(timeoutMs: number): Pace {
  /** When the fresh exchanges started, oldest first; the map is by number of the exchange. */
  const fresh = new Map<number, number>()
  let window = FIRST_WINDOW
  let patience = MIN_PATIENCE_MS
  let count = 0
  let wake = () => {}

  function dropSilent(now: number): void {
    for (const [number, startedAt] of fresh) {
      if (now - startedAt < patience) return
      fresh.delete(number)
    }
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
        if (fresh.size >= window) dropSilent(performance.now())
        if (fresh.size < window) return
        await freed()
      }
    },
    begin() {
      const number = count++
      const startedAt = performance.now()
      fresh.set(number, startedAt)
      return () => {
        if (!fresh.delete(number)) return
        const tookMs = performance.now() - startedAt
        patience = Math.max(MIN_PATIENCE_MS, 2 * tookMs)
        window = tookMs < timeoutMs * BUSY_SHARE ? window + 1 : Math.max(MIN_WINDOW, window - 1)
        wake()
      }
    },
  }
}
