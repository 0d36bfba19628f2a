import type { Peer } from '../inputs/inputs.ts'
import type { Status } from '../shared/status.ts'

/** How one address of a name answered. */
export interface AddressResult {
  /** The IP address and port. */
  readonly address: string
  readonly status: Status
  readonly error: string
}

/** What one round found out about one peer. */
export interface PeerResult {
  readonly peer: Peer
  readonly status: Status
  readonly capabilities: readonly string[] | null
  readonly httpStatus: number | null
  /** The peer's own time, without any queue inside the gate, in milliseconds. */
  readonly latencyMs: number
  readonly error: string
  /** The remote addresses and ports that were asked without a proxy, the one that was chosen first. */
  readonly remotes: readonly string[]
  /** The addresses that were asked, where the name has several of one family; otherwise empty. */
  readonly addresses: readonly AddressResult[]
}

/** Whether a peer, or an address of it, passed: the one status that does not keep the gate closed. */
export const advertises = ({ status }: Pick<PeerResult, 'status'>): boolean =>
  status === 'advertises'
