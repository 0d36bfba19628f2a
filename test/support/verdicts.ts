import type { Member, Membership } from '../../src/membership/membership.ts'
import type { SummaryContext } from '../../src/report/summary.ts'
import type { PeerResult, TimelineEntry } from '../../src/rounds/rounds.ts'
import type { Verdict } from '../../src/rounds/verdict.ts'
import { makePeer, makeResult } from './rounds.ts'

/** The verdict on a single round, with overrides; open if it may be. */
export function makeVerdict(results: readonly PeerResult[], rest: Partial<Verdict> = {}): Verdict {
  const verdict = {
    capability: 'htfifo',
    problems: [],
    crash: null,
    cancelled: false,
    results,
    membership: null,
    warnings: [],
    rounds: 1,
    streak: 1,
    stableRounds: 1,
    ...rest,
  }
  const ready = results.length > 0 && results.every(({ status }) => status === 'advertises')
  const known = verdict.membership === null || verdict.membership.state === 'complete'
  return { ...verdict, open: rest.open ?? (ready && known) }
}

/** A member at port 50051 of its id, with overrides. */
export const makeMember = (id: string, rest: Partial<Member> = {}): Member => ({
  id,
  address: `${id}:50051`,
  suffrage: 'voter',
  ...rest,
})

/** A member that n1 knows and that is not in the list, with overrides. */
export const makeUnlisted = (id: string, rest: Partial<Membership['members'][number]> = {}) => ({
  ...makeMember(id),
  groups: [1],
  listed: false,
  knownBy: ['n1'],
  ...rest,
})

/** What a cluster of two says that confirms the list, with overrides. */
export const makeMembership = (rest: Partial<Membership> = {}): Membership => ({
  state: Object.keys(rest).length === 0 ? 'complete' : 'incomplete',
  groups: 1,
  members: ['n1', 'n2'].map((id) => makeUnlisted(id, { listed: true, knownBy: ['n1', 'n2'] })),
  unknown: [],
  changed: [],
  moved: [],
  shared: [],
  strangers: [],
  ...rest,
})

/** What the summary tells besides the verdict, with overrides. */
export const makeContext = (rest: Partial<SummaryContext> = {}): SummaryContext => ({
  checkedAt: '2026-11-23T12:00:00.000Z',
  timeline: null,
  queues: [],
  ...rest,
})

/** The first round of three peers of which one advertises, in which nothing changed, with overrides. */
export const makeEntry = (rest: Partial<TimelineEntry> = {}): TimelineEntry => ({
  round: 1,
  atMs: 0,
  advertising: 1,
  total: 3,
  changes: [],
  membership: null,
  leftMs: 0,
  ...rest,
})

/** A round in which a text stands wherever a peer, a network or an input may put it. */
export function hostileRound(text: string): readonly PeerResult[] {
  const peer = makePeer(text, { address: text, url: text, raftAddresses: [text] })
  const address = { address: text, status: 'refused', error: text } as const
  return [
    makeResult('malformed', { peer, error: text, addresses: [address, address] }),
    makeResult('unhealthy', { peer: { ...peer, name: '#' }, capabilities: [text], error: text }),
    makeResult('missing-capability', { peer, capabilities: [text, text, `x${text}`] }),
    makeResult('advertises', { peer, capabilities: ['htfifo', text] }),
  ]
}

/** Memberships in which a text stands wherever a cluster, a network or an input may put it; each has another worst reason. */
export function hostileMemberships(text: string): readonly Membership[] {
  const member = makeMember(text, { address: text, suffrage: text })
  const unlisted = makeUnlisted(text, { ...member, knownBy: [text, text] })
  const known = { ...unlisted, listed: true }
  const all = makeMembership({
    members: [unlisted, known, unlisted],
    shared: [[text, text]],
    moved: [{ id: text, members: [known, known] }],
    changed: [{ name: text, before: [member], after: [{ ...member, id: `x${text}` }] }],
    unknown: [{ name: text, raftAddress: text, status: 'malformed', error: text }],
    strangers: [text, text],
  })
  const listed = { ...all, members: [known] }
  return [
    all,
    listed,
    { ...listed, shared: [] },
    { ...listed, shared: [], moved: [] },
    { ...listed, state: 'unknown', shared: [], moved: [], changed: [] },
  ]
}
