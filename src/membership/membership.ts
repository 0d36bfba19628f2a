import type { Peer } from '../inputs/inputs.ts'
import type { Status } from '../shared/status.ts'

export { judgeMembership } from './judgement.ts'

/** Loads what asks the members, with the library of gRPC: a run that does not ask starts without it. */
export const loadQuestion = () => import('./question.ts')

/** A voter or learner of any Raft group, as a peer told it. */
export interface Member {
  /** The Raft id, what `NODES_RAFT_MAP` has in front of the `=`. */
  readonly id: string
  /** The Raft address, `host:port`. */
  readonly address: string
  readonly suffrage: string
}

/**
 * What one Raft address told in one call: its members, or why it did not tell them. Equal answers may be one array; then
 * they are judged once.
 */
export type Told =
  | { readonly kind: 'members'; readonly members: readonly Member[] }
  | { readonly kind: 'failure'; readonly status: Status; readonly error: string }

/** What one peer told of the members in one round, and where its exchange ended. */
export interface Testimony {
  readonly peer: Peer
  /** The answers before the poll, one for each Raft address of the peer, in their order; one that is missing counts as not told. */
  readonly before: readonly Told[]
  /** The answers after the poll, likewise. */
  readonly after: readonly Told[]
  /** The remote addresses and ports that the exchange with the peer ended at; none behind a proxy. */
  readonly remotes: readonly string[]
}

/** A member of the union of all answers; one for each id, address and suffrage. */
export interface KnownMember extends Member {
  /** Whether a peer of the list stands for it. */
  readonly listed: boolean
  /** The names of the peers that know it, in the order of the list. */
  readonly knownBy: readonly string[]
}

/** A Raft address of a peer that did not tell its members, before the poll or after it. */
export interface UnknownPeer {
  readonly name: string
  readonly raftAddress: string
  readonly status: Status
  readonly error: string
}

/** An answer of a peer that was another before the poll than after it; one for each of its Raft addresses. */
export interface ChangedPeer {
  readonly name: string
  readonly before: readonly Member[]
  readonly after: readonly Member[]
}

/** What one round found out about the members of the cluster. */
export interface Membership {
  /** The worst that holds: `incomplete` before `unknown` before `complete`; only `complete` may open the gate. */
  readonly state: 'complete' | 'incomplete' | 'unknown'
  /** By id, address and suffrage, in the order of their characters. */
  readonly members: readonly KnownMember[]
  readonly unknown: readonly UnknownPeer[]
  readonly changed: readonly ChangedPeer[]
  /**
   * Names of which one peer, or one remote address, would have to stand for members of different ids; the ids themselves
   * where it has only one name.
   */
  readonly shared: readonly (readonly string[])[]
  /** Names of peers that no peer knows as a member, a warning; none as long as a peer did not tell. */
  readonly strangers: readonly string[]
}
