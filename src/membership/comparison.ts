import type { ChangedPeer, Member, Testimony, Told, UnknownPeer } from './membership.ts'
import { memberKey } from './union.ts'

/** Stands for an answer that is missing. */
const NOT_ASKED: Told = {
  kind: 'failure',
  status: 'cancelled',
  error: 'this peer was not asked for its members',
}
/** What a node says that has joined no cluster: it does not even know itself. */
const NO_MEMBERS: Told = {
  kind: 'failure',
  status: 'unhealthy',
  error: 'it knows no members: it has not joined a cluster',
}

/** The two calls to one Raft address of a peer. */
interface Calls {
  readonly name: string
  readonly raftAddress: string
  readonly before: Told
  readonly after: Told
}

/** The Raft addresses that did not tell their members in both calls, each with the first reason. */
export const findUnknown = (testimonies: readonly Testimony[]): readonly UnknownPeer[] =>
  testimonies.flatMap(pairCalls).flatMap(({ name, raftAddress, before, after }) => {
    const failure = [before, after].find((told) => told.kind === 'failure')
    return failure === undefined
      ? []
      : [{ name, raftAddress, status: failure.status, error: failure.error }]
  })

/** The answers with other members after the poll than before, whatever their order. */
export function findChanged(testimonies: readonly Testimony[]): readonly ChangedPeer[] {
  const judged = new Map<readonly Member[], Map<readonly Member[], boolean>>()
  const areSame = (one: readonly Member[], other: readonly Member[]): boolean => {
    const others = judged.get(one) ?? new Map<readonly Member[], boolean>()
    judged.set(one, others)
    const same = others.get(other) ?? haveSameMembers(one, other)
    others.set(other, same)
    return same
  }
  return testimonies.flatMap(pairCalls).flatMap(({ name, before, after }) => {
    if (before.kind === 'failure' || after.kind === 'failure') return []
    const { members } = before
    return areSame(members, after.members) ? [] : [{ name, before: members, after: after.members }]
  })
}

function pairCalls({ peer: { name, raftAddresses }, before, after }: Testimony): readonly Calls[] {
  // A peer without an address, or with other answers than addresses, is no peer that told.
  const count = Math.max(1, raftAddresses.length, before.length, after.length)
  return Array.from({ length: count }, (_, index) => {
    const raftAddress = raftAddresses[index] ?? ''
    return { name, raftAddress, before: toTold(before[index]), after: toTold(after[index]) }
  })
}

const toTold = (told: Told = NOT_ASKED): Told =>
  told.kind === 'members' && told.members.length === 0 ? NO_MEMBERS : told

function haveSameMembers(one: readonly Member[], other: readonly Member[]): boolean {
  if (one === other) return true
  const [these, those] = [new Set(one.map(memberKey)), new Set(other.map(memberKey))]
  return these.size === those.size && [...these].every((key) => those.has(key))
}
