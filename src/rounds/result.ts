import type { Peer } from '../inputs/inputs.ts'
import type { Status } from '../shared/status.ts'
import type { Finding } from './decision.ts'

/** How one address of a name answered. */
export interface AddressResult extends Pick<Finding, 'status' | 'error'> {
  /** The IP address and port. */
  readonly address: string
  /** Set where it does not count: no connection to it came about, and an address of the other family is ready. */
  readonly forgiven?: true
}

/** What one round found out about one peer. */
export interface PeerResult extends Finding {
  readonly peer: Peer
  readonly httpStatus: number | null
  /** The peer's own time, without any queue inside the gate, in milliseconds. */
  readonly latencyMs: number
  /** All addresses, where the name has several; otherwise empty. */
  readonly addresses: readonly AddressResult[]
  /** The remote addresses and ports that were asked; none behind a proxy. */
  readonly remotes: readonly string[]
}

/** Whether a peer, or an address of it, passed: the one status that does not keep the gate closed. */
export const advertises = ({ status }: Pick<PeerResult, 'status'>): boolean =>
  status === 'advertises'

/** Whether an address keeps its peer from passing. */
export const blocks = (address: AddressResult): boolean => !address.forgiven && !advertises(address)

/**
 * What a status means for a release, the most certain trouble first: an old node, one without a usable answer, one that
 * could not be asked.
 */
const READINESS = ['old', 'wrong', 'unasked', 'ready'] as const
export type Readiness = (typeof READINESS)[number]

const READINESS_OF: Readonly<Record<Status, Readiness>> = {
  advertises: 'ready',
  legacy: 'old',
  'missing-capability': 'old',
  unhealthy: 'wrong',
  malformed: 'wrong',
  'too-large': 'wrong',
  cached: 'wrong',
  redirect: 'wrong',
  'http-error': 'wrong',
  protocol: 'wrong',
  timeout: 'unasked',
  dns: 'unasked',
  refused: 'unasked',
  unreachable: 'unasked',
  disconnected: 'unasked',
  tls: 'unasked',
  proxy: 'unasked',
  cancelled: 'unasked',
}

/** The readiness that a status means; only `advertises` is `ready`. */
export const readinessOf = (status: Status): Readiness => READINESS_OF[status]

/** The results with blocking ones first, those of one readiness in the order of the input. */
export const blockingFirst = (results: readonly PeerResult[]): readonly PeerResult[] =>
  READINESS.flatMap((readiness) =>
    results.filter(({ status }) => readinessOf(status) === readiness),
  )

/** How many results there are of a readiness. */
export const countReadiness = (results: readonly PeerResult[], readiness: Readiness): number =>
  results.filter(({ status }) => readinessOf(status) === readiness).length
