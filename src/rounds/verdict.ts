import type { Membership } from '../membership/membership.ts'
import { plural } from '../shared/text.ts'
import { type Course, isOpen } from './course.ts'
import { advertises, type PeerResult } from './result.ts'

/** Where the capability, which is foreign text, goes in a headline. */
const CAPABILITY = '{capability}'

/** The decision about the whole list, and what it rests on. */
export interface Verdict {
  readonly open: boolean
  /** The verdict in one sentence, with a place for the capability; see {@link fillHeadline}. */
  readonly headline: string
  readonly capability: string
  /** What was wrong with the inputs or the gate itself; nothing was polled then. */
  readonly problems: readonly string[]
  /** The last round, in the order of the input. */
  readonly results: readonly PeerResult[]
  readonly rounds: number
  /** What the cluster says of the list in the last round; null where it was not asked. */
  readonly membership: Membership | null
}

/**
 * The verdict of a run: open only if it was not cancelled and its last `stableRounds` rounds were complete and
 * all-advertising. Pure.
 */
export function judge(course: Course, capability: string, stableRounds: number): Verdict {
  const { results, rounds, streak, cancelled } = course
  const total = results.length
  const missing = blockingPeers(course).length
  const open = isOpen(results) && streak >= stableRounds && !cancelled
  const base = { open, capability, problems: [], results, rounds, membership: null }
  const all = total === 1 ? 'the only node advertises' : `all ${total} nodes advertise`
  if (open) return { ...base, headline: `OPEN: ${all} ${CAPABILITY}.` }
  if (cancelled) {
    return { ...base, headline: 'CLOSED: the run was cancelled before the gate could open.' }
  }
  if (missing > 0) {
    const some =
      total === 1
        ? 'the only node does not'
        : `${missing} of ${total} nodes ${missing === 1 ? 'does' : 'do'} not`
    return { ...base, headline: `CLOSED: ${some} advertise ${CAPABILITY}.` }
  }
  return {
    ...base,
    headline: `CLOSED: ${all} ${CAPABILITY}, but only for ${streak} of ${stableRounds} rounds in a row.`,
  }
}

/** The verdict where nothing was polled. */
export function refuse(problems: readonly string[], capability: string): Verdict {
  const headline = `CLOSED: nothing was polled, ${problems.length} ${plural(problems.length, 'problem')} with the inputs.`
  return { open: false, headline, capability, problems, results: [], rounds: 0, membership: null }
}

/** The verdict where the gate itself failed, for a reason that holds no secrets. */
export function crash(reason: string, capability: string): Verdict {
  const headline = 'CLOSED: the gate itself failed.'
  const problems = [`the gate failed: ${reason}`]
  return { open: false, headline, capability, problems, results: [], rounds: 0, membership: null }
}

/** The peers that keep the gate closed, in the order of the input. */
export const blockingPeers = ({ results }: Pick<Verdict, 'results'>): readonly PeerResult[] =>
  results.filter((result) => !advertises(result))

/** The verdict in one sentence, for a release manager, with the capability as `show` makes it safe. */
export const fillHeadline = (
  { headline, capability }: Verdict,
  show: (text: string) => string,
): string => headline.replace(CAPABILITY, () => show(capability))
