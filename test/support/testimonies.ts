import type { Peer } from '../../src/inputs/inputs.ts'
import type { Member, Testimony, Told } from '../../src/membership/membership.ts'
import { makePeer } from './rounds.ts'

/** A member as `id@address`, a voter unless told otherwise. */
export function makeMember(text: string, suffrage = 'voter'): Member {
  const at = text.indexOf('@')
  return { id: text.slice(0, at), address: text.slice(at + 1), suffrage }
}

export const makeMembers = (...texts: readonly string[]): readonly Member[] =>
  texts.map((text) => makeMember(text))

export const told = (members: readonly Member[]): Told => ({ kind: 'members', members })
export const silent = (rest: Partial<Extract<Told, { kind: 'failure' }>> = {}): Told => ({
  kind: 'failure',
  status: 'timeout',
  error: 'no answer within 3s',
  ...rest,
})

/** A peer as the inputs would give it for these entries, which have one SQS address: the names, and the Raft addresses. */
export const makeRaftPeer = (names: readonly string[], raftAddresses: readonly string[]): Peer =>
  makePeer(names.join(', '), { names, raftAddresses })

/** A peer with a name and the Raft port 50051 that told the same members before and after, with overrides. */
export function makeTestimony(
  name: string,
  members: readonly Member[],
  rest: Partial<Testimony> = {},
): Testimony {
  const peer = makeRaftPeer([name], [`${name}.internal:50051`])
  return { peer, before: [told(members)], after: [told(members)], remotes: [], ...rest }
}
