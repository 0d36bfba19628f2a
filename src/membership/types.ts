import type { Failure } from '../exchange/exchange.ts'

/** The most members of one answer, and of all answers of a round. */
export const MAX_MEMBERS = 10_000

/** A voter or learner of a Raft group, as a peer reported it. */
export interface Member {
  /** The Raft id, what `NODES_RAFT_MAP` has in front of the `=`. */
  readonly id: string
  /** The Raft address, `host:port`. */
  readonly address: string
  readonly suffrage: string
}

/** A member of the union of all answers; one for each id, address and suffrage. */
export interface KnownMember extends Member {
  /** The numbers of its groups, from 1, in the order in which the list has them. */
  readonly groups: readonly number[]
  /** Whether a peer of the list stands for it. */
  readonly listed: boolean
  /** The names of the peers that know it, in the order of the list. */
  readonly knownBy: readonly string[]
}

/** A Raft address of a peer that did not report its members, before the poll or after it. */
export interface UnknownPeer extends Pick<Failure, 'status' | 'error'> {
  readonly name: string
  readonly raftAddress: string
}

/** A peer with other members after the poll than before; one for each of its Raft addresses. */
export interface ChangedPeer {
  readonly name: string
  readonly before: readonly Member[]
  readonly after: readonly Member[]
}

/** A Raft id that is at several hosts. */
export interface MovedMember {
  readonly id: string
  readonly members: readonly KnownMember[]
}

/** What one round found out about the members of the cluster. */
export interface Membership {
  /** The worst that holds: `incomplete` before `unknown` before `complete`; only `complete` may open the gate. */
  readonly state: 'complete' | 'incomplete' | 'unknown'
  /** How many Raft groups reported their members. */
  readonly groups: number
  /** By id, address and suffrage, in the order of their characters. */
  readonly members: readonly KnownMember[]
  readonly unknown: readonly UnknownPeer[]
  readonly changed: readonly ChangedPeer[]
  readonly moved: readonly MovedMember[]
  /** Names that one process answered for; the Raft ids themselves where one name stands for several. */
  readonly shared: readonly (readonly string[])[]
  /** Names of peers that no peer knows as a member, a warning; none as long as a peer did not report its members. */
  readonly strangers: readonly string[]
}

/** What a Raft listener says of the leader of its group; empty texts where there is none. */
export interface Leader {
  readonly id: string
  readonly address: string
}
