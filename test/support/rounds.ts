import type { Peer } from '../../src/inputs/address.ts'
import type { Membership } from '../../src/membership/membership.ts'
import type { SummaryContext } from '../../src/report/summary.ts'
import type { Course } from '../../src/rounds/course.ts'
import type { RoundNote } from '../../src/rounds/note.ts'
import type { PeerResult } from '../../src/rounds/result.ts'
import { blockingPeers, type Verdict } from '../../src/rounds/verdict.ts'
import type { Status } from '../../src/shared/status.ts'

/** A peer as the inputs would give it, with overrides. */
export const makePeer = (name: string, rest: Partial<Peer> = {}): Peer => ({
  name,
  names: [name],
  address: `${name}.internal`,
  url: `http://${name}.internal:9324/sqs_health`,
  raftAddresses: [],
  ...rest,
})

/** The result of a peer, as a round would give it, with overrides. */
export function makeResult(status: Status, rest: Partial<PeerResult> & { name?: string } = {}) {
  const { name = 'n1', ...fields } = rest
  const answered = status === 'advertises' || status === 'missing-capability'
  const result: PeerResult = {
    peer: makePeer(name),
    status,
    capabilities: status === 'advertises' ? ['htfifo'] : answered ? [] : null,
    httpStatus: answered ? 200 : null,
    latencyMs: 1.5,
    error: answered ? '' : `why ${status}`,
    remotes: [],
    addresses: [],
    ...fields,
  }
  return result
}

/** A round with one peer for each status, named n1, n2 and so on. */
export const makeRound = (...statuses: readonly Status[]): readonly PeerResult[] =>
  statuses.map((status, index) => makeResult(status, { name: `n${index + 1}` }))

export function makeVerdict(results: readonly PeerResult[], rest: Partial<Verdict> = {}): Verdict {
  const verdict: Verdict = {
    open: false,
    headline: ['CLOSED: some of the nodes do not advertise ', { foreign: 'htfifo' }, '.'],
    capability: 'htfifo',
    problems: [],
    results,
    rounds: 1,
    membership: null,
    ...rest,
  }
  const open = results.length > 0 && blockingPeers(verdict).length === 0
  return { ...verdict, open: rest.open ?? open }
}

export const makeCourse = (
  results: readonly PeerResult[],
  rest: Partial<Course & { cancelled: boolean }> = {},
): Course & { cancelled: boolean } => ({
  rounds: 1,
  streak: 0,
  results,
  membership: null,
  checkedAt: '2026-11-23T12:00:00.000Z',
  notes: [],
  notesOmitted: 0,
  cancelled: false,
  ...rest,
})

/** The first round of a single peer, in which nothing changed, with overrides. */
export const makeNote = (rest: Partial<RoundNote> = {}): RoundNote => ({
  round: 1,
  atMs: 0,
  advertising: 0,
  total: 1,
  changes: [],
  membership: null,
  leftMs: 0,
  ...rest,
})

/** What a cluster of two says that confirms the list, with overrides. */
export const makeMembership = (rest: Partial<Membership>): Membership => ({
  state: 'complete',
  members: ['n1', 'n2'].map((id) => ({
    id,
    address: `${id}.internal:50051`,
    suffrage: 'voter',
    listed: true,
    knownBy: ['n1', 'n2'],
  })),
  unknown: [],
  changed: [],
  shared: [],
  strangers: [],
  ...rest,
})

/** What the summary tells besides the verdict, with overrides. */
export const makeContext = (rest: Partial<SummaryContext> = {}): SummaryContext => ({
  checkedAt: '2026-11-23T12:00:00.000Z',
  durationMs: 1_500,
  warnings: [],
  course: null,
  queues: [],
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
export function hostileMembership(text: string): readonly Membership[] {
  const member = { id: text, address: text, suffrage: text, listed: false, knownBy: [text, text] }
  const known = { ...member, listed: true }
  const all = makeMembership({
    state: 'incomplete',
    members: [member, known, member],
    unknown: [{ name: text, raftAddress: text, status: 'malformed', error: text }],
    changed: [{ name: text, before: [member], after: [{ ...member, id: `x${text}` }] }],
    shared: [[text, text]],
    strangers: [text, text],
  })
  return [
    all,
    { ...all, members: [known] },
    { ...all, state: 'unknown', members: [known], shared: [], changed: [] },
  ]
}
