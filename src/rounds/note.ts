import type { Membership } from '../membership/membership.ts'
import type { Status } from '../shared/status.ts'
import type { PeerResult } from './result.ts'

/** A peer whose status changed between two rounds; `from` is null in the first. */
export interface Change {
  readonly name: string
  readonly from: Status | null
  readonly to: Status
}

/** A round, as it is told in the log and, if anything changed in it, in the summary. */
export interface RoundNote {
  /** 1 for the first. */
  readonly round: number
  /** When the round ended, in milliseconds since the first began. */
  readonly atMs: number
  readonly advertising: number
  readonly total: number
  readonly changes: readonly Change[]
  /** What the cluster said of the list; null where it was not asked. */
  readonly membership: Membership['state'] | null
  /** How much of `wait` is left, in milliseconds. */
  readonly leftMs: number
}

/** The peers whose status is another than in the round before; those that are not ready first, as only some are told. */
export function compare(before: readonly PeerResult[], after: readonly PeerResult[]): Change[] {
  const changes = after.flatMap(({ peer, status }, index) => {
    const from = before[index]?.status ?? null
    return from === status ? [] : [{ name: peer.name, from, to: status }]
  })
  return changes.sort((one, other) => isReady(one) - isReady(other))
}

const isReady = ({ to }: Change) => Number(to === 'advertises')
