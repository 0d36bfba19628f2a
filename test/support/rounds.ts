import type { Peer } from '../../src/inputs/address.ts'
import type { PeerResult } from '../../src/rounds/result.ts'
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
