import type { Membership } from '../membership/membership.ts'
import type { Status } from '../shared/status.ts'
import { advertises, type PeerResult } from './result.ts'
import { isOpen, type Round } from './round.ts'

/** Only so many rounds with changes are kept for the summary; the rest are counted. */
const MAX_ENTRIES = 50

/** A peer whose status changed between two rounds; `from` is null in the first. */
export interface Change {
  readonly name: string
  readonly from: Status | null
  readonly to: Status
}

/** A round as the log, and the timeline of the summary, show it. */
export interface TimelineEntry {
  /** 1 for the first. */
  readonly round: number
  /** When the round ended, in milliseconds since the first began. */
  readonly atMs: number
  readonly advertising: number
  readonly total: number
  /** Those that are not ready first, as only some are shown. */
  readonly changes: readonly Change[]
  /** What the cluster said of the list; null where it was not asked. */
  readonly membership: Membership['state'] | null
  /** How much of `wait` is left, in milliseconds. */
  readonly leftMs: number
}

/** How the rounds of a run went. Nothing but the last round and the streak that it ends counts for the verdict. */
export interface Run extends Round {
  readonly rounds: number
  /** How many rounds in a row, up to the last, were open. */
  readonly streak: number
  /** Rounds in which a peer changed, oldest first, the first round included. */
  readonly timeline: readonly TimelineEntry[]
  readonly timelineOmitted: number
}

export interface LoopOptions {
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
  readonly onRound: (entry: TimelineEntry) => void
}

/** Polls whole rounds until `stableRounds` in a row were open, the wait is over, or the run is cancelled. */
export async function pollLoop(options: LoopOptions): Promise<Run> {
  const { waitMs, intervalMs, stableRounds, signal, now } = options
  const startedAt = now()
  const timeline: TimelineEntry[] = []
  let timelineOmitted = 0
  let last: Round | null = null
  let streak = 0
  for (let round = 1; ; round++) {
    const before: Round | null = last
    last = await options.poll()
    const { results } = last
    const open = isOpen(last)
    streak = open ? streak + 1 : 0
    const atMs = now() - startedAt
    const leftMs = Math.max(0, waitMs - atMs)
    const entry: TimelineEntry = {
      round,
      atMs,
      advertising: results.filter(advertises).length,
      total: results.length,
      changes: compareRounds(before?.results ?? [], results),
      membership: last.membership?.state ?? null,
      leftMs,
    }
    options.onRound(entry)
    const changed =
      entry.changes.length > 0 || entry.membership !== (before?.membership?.state ?? null)
    if (changed && timeline.push(entry) > MAX_ENTRIES) {
      timeline.splice(1, 1)
      timelineOmitted++
    }
    const fits = stableRounds === 1 ? leftMs > 0 : leftMs >= intervalMs
    const mayGoOn = waitMs === 0 ? open : fits
    const goesOn = mayGoOn && streak < stableRounds && !signal.aborted
    if (goesOn) await options.pause(stableRounds === 1 ? Math.min(intervalMs, leftMs) : intervalMs)
    if (!goesOn || signal.aborted) {
      return { ...last, rounds: round, streak, timeline, timelineOmitted }
    }
  }
}

function compareRounds(before: readonly PeerResult[], after: readonly PeerResult[]): Change[] {
  const changes = after.flatMap(({ peer, status }, index) => {
    const from = before[index]?.status ?? null
    return from === status ? [] : [{ name: peer.name, from, to: status }]
  })
  return changes.sort(
    (one, other) =>
      Number(advertises({ status: one.to })) - Number(advertises({ status: other.to })),
  )
}
