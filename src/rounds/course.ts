import type { Membership } from '../membership/membership.ts'
import { compare, type RoundNote } from './note.ts'
import { advertises, type PeerResult } from './result.ts'
import { isOpen } from './verdict.ts'

/** Only so many rounds with changes are kept for the summary; the rest are counted. */
const MAX_NOTES = 50

/** What one round found out. */
export interface Round {
  /** One for each peer, in the order of the list. */
  readonly results: readonly PeerResult[]
  /** What the cluster says of the list; null where it was not asked. */
  readonly membership: Membership | null
  /** When it ended, ISO 8601 UTC. */
  readonly checkedAt: string
}

/** How the rounds of a run went. Nothing but the last round and the streak that it ends counts for the verdict. */
export interface Course extends Round {
  readonly rounds: number
  /** How many rounds in a row, up to the last, were open. */
  readonly streak: number
  /** Rounds in which a peer changed, oldest first, the first round included. */
  readonly notes: readonly RoundNote[]
  readonly notesOmitted: number
}

export interface WatchOptions {
  /** How long to keep polling for an open gate, in milliseconds; 0 ends the run with the first closed round. */
  readonly waitMs: number
  /**
   * The pause between rounds, in milliseconds. The last one is shortened to end with the wait, where one round is enough;
   * rounds that must be stable are a whole interval apart.
   */
  readonly intervalMs: number
  readonly stableRounds: number
  readonly signal: AbortSignal
  /** Polls one whole round. */
  readonly poll: () => Promise<Round>
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  readonly pause: (ms: number) => Promise<void>
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
  readonly onRound: (note: RoundNote) => void
}

/**
 * Polls whole rounds until `stableRounds` in a row were open, or the wait is over, or the run is
 * cancelled. Every round asks every peer again.
 */
export async function watch(options: WatchOptions): Promise<Course> {
  const { waitMs, intervalMs, stableRounds, signal, now } = options
  const startedAt = now()
  const notes: RoundNote[] = []
  let notesOmitted = 0
  let last: Round = { results: [], membership: null, checkedAt: '' }
  let streak = 0
  for (let round = 1; ; round++) {
    const before = last
    last = await options.poll()
    const { results } = last
    const open = isOpen(last)
    streak = open ? streak + 1 : 0
    const atMs = now() - startedAt
    const leftMs = Math.max(0, waitMs - atMs)
    const advertising = results.filter(advertises).length
    const changes = compare(before.results, results)
    const membership = last.membership?.state ?? null
    const total = results.length
    const note: RoundNote = { round, atMs, advertising, total, changes, membership, leftMs }
    options.onRound(note)
    const changed = changes.length > 0 || membership !== (before.membership?.state ?? null)
    if (changed && notes.push(note) > MAX_NOTES) {
      notes.splice(1, 1)
      notesOmitted++
    }
    const fits = stableRounds === 1 ? leftMs > 0 : leftMs >= intervalMs
    const mayGoOn = waitMs === 0 ? open : fits
    const goesOn = mayGoOn && streak < stableRounds && !signal.aborted
    if (goesOn) await options.pause(stableRounds === 1 ? Math.min(intervalMs, leftMs) : intervalMs)
    if (!goesOn || signal.aborted) {
      return { ...last, rounds: round, streak, notes, notesOmitted }
    }
  }
}
