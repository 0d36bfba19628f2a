import type { Run } from './loop.ts'
import { advertises, type PeerResult } from './result.ts'
import { isOpen } from './round.ts'

/** The decision about the whole list, and what it rests on. */
export interface Verdict
  extends Pick<Run, 'results' | 'membership' | 'warnings' | 'rounds' | 'streak'> {
  readonly open: boolean
  readonly capability: string
  /** What was wrong with the inputs; nothing was polled then. */
  readonly problems: readonly string[]
  /** Why the gate itself failed; null where it did not. */
  readonly crash: string | null
  /** Whether the run was cancelled before the gate could open. */
  readonly cancelled: boolean
  /** How many rounds in a row have to be open. */
  readonly stableRounds: number
}

/**
 * The verdict of a run: open only if it was not cancelled, its last `stableRounds` rounds were complete, and all nodes
 * advertised in each of them. Pure.
 */
export function judge(
  run: Run,
  { capability, stableRounds }: { readonly capability: string; readonly stableRounds: number },
  cancelled: boolean,
): Verdict {
  const { results, membership, warnings, rounds, streak } = run
  const open = isOpen(run) && streak >= stableRounds && !cancelled
  return {
    ...NOTHING_POLLED,
    open,
    capability,
    cancelled,
    results,
    membership,
    warnings,
    rounds,
    streak,
    stableRounds,
  }
}

/** The verdict where the inputs have problems, and nothing was polled. */
export const refuse = (problems: readonly string[], capability: string): Verdict => ({
  ...NOTHING_POLLED,
  capability,
  problems,
})

/** The verdict where the gate itself failed, for a reason that holds no secrets. */
export const crash = (reason: string, capability: string): Verdict => ({
  ...NOTHING_POLLED,
  capability,
  crash: reason,
})

const NOTHING_POLLED = {
  open: false,
  problems: [],
  crash: null,
  cancelled: false,
  results: [],
  membership: null,
  warnings: [],
  rounds: 0,
  streak: 0,
  stableRounds: 1,
} as const

/** The peers that keep the gate closed, in the order of the input. */
export const blockingPeers = ({ results }: Pick<Verdict, 'results'>): readonly PeerResult[] =>
  results.filter((result) => !advertises(result))
