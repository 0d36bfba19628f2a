import type { Membership } from '../membership/membership.ts'
import { plural } from '../shared/text.ts'
import type { Course, Round } from './course.ts'
import { type Sentence, tellAll, tellMembership, tellUnready } from './headline.ts'
import { advertises, type PeerResult } from './result.ts'

/** The decision about the whole list, and what it rests on. */
export interface Verdict {
  readonly open: boolean
  /** The verdict in one sentence; see {@link fillHeadline}. */
  readonly headline: Sentence
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
 * The decision about one round: there are peers, all advertise, and the cluster, where it was asked, confirmed that the
 * list holds all of its members.
 */
export const isOpen = ({ results, membership }: Omit<Round, 'checkedAt'>): boolean =>
  results.length > 0 &&
  results.every(advertises) &&
  (membership === null || membership.state === 'complete')

/** How a run went, and whether it was cancelled, which it may have been after its last round. */
interface Run extends Course {
  readonly cancelled: boolean
}

/**
 * The verdict of a run: open only if it was not cancelled, its last `stableRounds` rounds were complete and
 * all-advertising, and the cluster, where it was asked, confirmed the list. Pure.
 */
export function judge(course: Run, capability: string, stableRounds: number): Verdict {
  const { results, rounds, streak, cancelled, membership } = course
  const open = isOpen(course) && streak >= stableRounds && !cancelled
  const headline = open
    ? ['OPEN: ', ...tellAll(results.length, capability), '.']
    : ['CLOSED: ', ...explain(course, capability, stableRounds), '.']
  return { open, headline, capability, problems: [], results, rounds, membership }
}

function explain(course: Run, capability: string, stableRounds: number): Sentence {
  const { results, streak, cancelled, membership } = course
  if (cancelled) return ['the run was cancelled before the gate could open']
  if (results.length === 0) return ['no node was asked']
  if (blockingPeers(course).length > 0) {
    const unready = tellUnready(results, capability)
    // What is unknown of the members follows from what is unknown of the nodes.
    if (membership?.state !== 'incomplete') return unready
    return [...unready, '; and ', ...tellMembership(membership)]
  }
  const all = tellAll(results.length, capability)
  if (membership !== null && membership.state !== 'complete') {
    return [...all, ', but ', ...tellMembership(membership)]
  }
  return [...all, `, but only for ${streak} of ${stableRounds} rounds in a row`]
}

/** The verdict where nothing was polled. */
export function refuse(problems: readonly string[], capability: string): Verdict {
  const count = `${problems.length} ${plural(problems.length, 'problem')}`
  return notPolled(`nothing was polled, ${count} with the inputs`, problems, capability)
}

/** The verdict where the gate itself failed, for a reason that holds no secrets. */
export const crash = (reason: string, capability: string): Verdict =>
  notPolled('the gate itself failed', [`the gate failed: ${reason}`], capability)

const notPolled = (why: string, problems: readonly string[], capability: string): Verdict => ({
  open: false,
  headline: [`CLOSED: ${why}.`],
  capability,
  problems,
  results: [],
  rounds: 0,
  membership: null,
})

/** The peers that keep the gate closed, in the order of the input. */
export const blockingPeers = ({ results }: Pick<Verdict, 'results'>): readonly PeerResult[] =>
  results.filter((result) => !advertises(result))

/** The verdict in one sentence, for a release manager, with foreign text as `show` makes it safe. */
export const fillHeadline = ({ headline }: Verdict, show: (text: string) => string): string =>
  headline.map((part) => (typeof part === 'string' ? part : show(part.foreign))).join('')
