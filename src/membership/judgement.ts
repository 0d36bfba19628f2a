import type { Peer } from '../inputs/inputs.ts'
import { showFirst } from '../shared/text.ts'
import { add, indexPeers, uniqueLists } from './peer-index.ts'
import { raftPlace } from './raft-address.ts'
import type { ChangedPeer, KnownMember, Member, Membership, MovedMember } from './types.ts'
import { numberGroups, type Question, type Row, type Union } from './union.ts'

/** How many peers a member names as those that know it; the rest are counted. */
const MAX_KNOWN_BY = 100
/** Once the peers with other members than before have so many of them, no further peer is kept. */
const MAX_CHANGED_MEMBERS = 10_000

/** A node that was removed, and whose id another one has now, may answer as if it were that one. */
const NOT_ITSELF = {
  status: 'unhealthy',
  error:
    'it is not among the members that it reports: it has left the cluster, or the list has another address for it',
} as const

/**
 * What the answers of one round say of the list. It is `complete` only if every peer reported its members in both calls,
 * every member that any of them reported is listed, no answer changed between the calls, each Raft id is at one host, and
 * each has a peer of its own. Pure.
 *
 * @param shared names for which one process answered
 */
export function judgeMembership(union: Union, shared: readonly (readonly string[])[]): Membership {
  const { questions } = union
  const peers = [...new Set(questions.map(({ peer }) => peer))]
  const find = indexPeers(peers)
  // An answer that was refused may have left rows that nobody reported.
  const rows = [...union.rows.values()]
    .filter(({ seen }) => seen.some((bits) => bits !== 0))
    .sort((one, other) => compareMembers(one.member, other.member))
    .map((row) => ({ ...row, peers: find(row.member) }))
  const numbers = numberGroups(union)
  const members = rows.map((row) => toKnownMember(row, questions, numbers))
  const outsiders = findOutsiders(rows, questions)
  const unknown = questions.flatMap((question) => {
    const { peer, raftAddress } = question
    const failure = question.failure ?? (outsiders.has(question) ? NOT_ITSELF : null)
    return failure === null
      ? []
      : [{ name: peer.name, raftAddress, status: failure.status, error: failure.error }]
  })
  const changed = findChanged(rows, questions)
  const moved = findMoved(members)
  const all = [...shared, ...findOverloaded(rows, questions)]
  const isIncomplete =
    members.some(({ listed }) => !listed) || changed.length + moved.length + all.length > 0
  // A cluster without members would agree with every list.
  const isUnknown = unknown.length > 0 || members.length === 0 || numbers.includes(0)
  return {
    state: isIncomplete ? 'incomplete' : isUnknown ? 'unknown' : 'complete',
    groups: Math.max(0, ...numbers),
    members,
    unknown,
    changed,
    moved,
    shared: uniqueLists(all),
    strangers: isUnknown ? [] : findStrangers(peers, rows),
  }
}

/** A member that was reported, and the peers that stand for it; none if it is not listed. */
interface ListedRow extends Row {
  readonly peers: ReadonlySet<Peer>
}

function toKnownMember(
  { member, seen, peers }: ListedRow,
  questions: readonly Question[],
  numbers: readonly number[],
): KnownMember {
  const names = questions.filter((_, place) => seen[place] !== 0).map(({ peer }) => peer.name)
  return {
    ...member,
    groups: [...new Set(numbers.filter((_, place) => seen[place] !== 0))],
    listed: peers.size > 0,
    knownBy: showFirst([...new Set(names)], MAX_KNOWN_BY, (name) => name),
  }
}

/** The questions to peers that others know as members, and that are not among the members that they report themselves. */
function findOutsiders(
  rows: readonly ListedRow[],
  questions: readonly Question[],
): ReadonlySet<Question> {
  return new Set(
    questions.filter(({ peer }, place) => {
      const own = rows.filter(({ peers }) => peers.has(peer))
      return own.length > 0 && own.every(({ seen }) => seen[place] === 0)
    }),
  )
}

/** The peers with other members after the poll than before, whatever their order. */
function findChanged(rows: readonly Row[], questions: readonly Question[]): readonly ChangedPeer[] {
  const changed: ChangedPeer[] = []
  let kept = 0
  for (const [place, { peer, failure }] of questions.entries()) {
    if (failure !== null || rows.every(({ seen }) => seen[place] === 0 || seen[place] === 3))
      continue
    if (kept >= MAX_CHANGED_MEMBERS) break
    const reported = (bit: number) =>
      rows.filter(({ seen }) => ((seen[place] ?? 0) & bit) !== 0).map(({ member }) => member)
    const [before, after] = [reported(1), reported(2)]
    changed.push({ name: peer.name, before, after })
    kept += before.length + after.length
  }
  return changed
}

/** The ids that are at several hosts, or at several addresses in one group; the ports differ from group to group. */
function findMoved(members: readonly KnownMember[]): readonly MovedMember[] {
  return [...Map.groupBy(members, ({ id }) => id)].flatMap(([id, rows]) => {
    const hosts = new Set(rows.map(({ address }) => raftPlace(address).host))
    const groups = new Set(rows.flatMap((row) => row.groups))
    const places = new Set(
      rows.flatMap((row) => {
        const { address } = raftPlace(row.address)
        return row.groups.map((group) => `${group} ${address}`)
      }),
    )
    return hosts.size === 1 && places.size === groups.size ? [] : [{ id, members: rows }]
  })
}

/**
 * The peers that would have to stand for members of different ids: their names, or the ids where that is a single name. A
 * peer also stands for the member at whose Raft address it was reached, whatever name led there.
 */
function findOverloaded(
  rows: readonly ListedRow[],
  questions: readonly Question[],
): readonly (readonly string[])[] {
  const reached = new Map<string, Peer[]>()
  for (const { peer, remotes } of questions) {
    for (const remote of remotes) add(reached, raftPlace(remote).address, peer)
  }
  const ids = new Map<readonly string[], Set<string>>()
  for (const { member, peers } of rows) {
    const there = reached.get(raftPlace(member.address).address) ?? []
    for (const { names } of [...peers, ...there]) {
      ids.set(names, (ids.get(names) ?? new Set()).add(member.id))
    }
  }
  return [...ids]
    .filter(([, found]) => found.size > 1)
    .map(([names, found]) => (names.length > 1 ? names : [...found].sort()))
}

/** The names of the peers that stand for no member. */
function findStrangers(peers: readonly Peer[], rows: readonly ListedRow[]): readonly string[] {
  const known = new Set(rows.flatMap((row) => [...row.peers]))
  return peers.filter((peer) => !known.has(peer)).map(({ name }) => name)
}

const compareMembers = (one: Member, other: Member): number =>
  compare(one.id, other.id) ||
  compare(one.address, other.address) ||
  compare(one.suffrage, other.suffrage)

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
