import type { Status } from '../shared/status.ts'

/** A voter or learner of any Raft group, as a peer told it. */
export interface Member {
  /** The Raft id, what `NODES_RAFT_MAP` has in front of the `=`. */
  readonly id: string
  /** The Raft address, `host:port`. */
  readonly address: string
  readonly suffrage: string
}

/** A member of the union of all answers. */
export interface KnownMember extends Member {
  /** Whether a peer of the list stands for it. */
  readonly listed: boolean
  /** The names of the peers that know it. */
  readonly knownBy: readonly string[]
}

/** A peer that did not tell its members. */
export interface UnknownPeer {
  readonly name: string
  readonly raftAddress: string
  readonly status: Status
  readonly error: string
}

/** A peer whose members were others before the poll than after it. */
export interface ChangedPeer {
  readonly name: string
  readonly before: readonly Member[]
  readonly after: readonly Member[]
}

/** What one round found out about the members of the cluster. */
export interface Membership {
  /** The worst that holds: `incomplete` before `unknown` before `complete`; only `complete` may open the gate. */
  readonly state: 'complete' | 'incomplete' | 'unknown'
  readonly members: readonly KnownMember[]
  readonly unknown: readonly UnknownPeer[]
  readonly changed: readonly ChangedPeer[]
  /** Names of which one peer, or one remote address, would have to stand for members of different ids. */
  readonly shared: readonly (readonly string[])[]
  /** Names of peers that no peer knows as a member; a warning. */
  readonly strangers: readonly string[]
}
