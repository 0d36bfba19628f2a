/** Milliseconds in one unit, as in Go's time.ParseDuration (https://pkg.go.dev/time#ParseDuration). */
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}
const TERM = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/gy

/** Reads a duration as Go writes it, without sign (`500ms`, `3s`, `1m30s`). Returns milliseconds, or null if it is none. */
export function parseDuration(text: string): number | null {
  let total = 0
  let end = 0
  for (const [term, amount, unit] of text.matchAll(TERM)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN)
    end += term.length
  }
  return end > 0 && end === text.length ? total : null
}

/** Writes milliseconds the way the inputs are written: `500ms`, `3s`, `1m30s`, `2h`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1_000) return `${Math.round(ms)}ms`
  const tenths = Math.round(ms / 100)
  const hours = Math.floor(tenths / 36_000)
  const minutes = Math.floor((tenths % 36_000) / 600)
  const seconds = (tenths % 600) / 10
  const parts = [hours > 0 ? `${hours}h` : '', minutes > 0 ? `${minutes}m` : '']
  if (seconds > 0) parts.push(`${seconds}s`)
  return parts.join('')
}
