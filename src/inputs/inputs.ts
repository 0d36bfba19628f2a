import { plural } from '../shared/text.ts'
import type { Peer } from './address.ts'
import { checkTls, type TlsFiles } from './certificates.ts'
import { parseHeaders } from './headers.ts'
import { findUnknownInputs, type InputName } from './known.ts'
import { isMaskable, secretValues } from './masks.ts'
import { parsePartitionMap, type QueuePartitions } from './partition-map.ts'
import { parsePeers } from './peers.ts'
import { findRoutes, type Route } from './proxies.ts'
import { makeFields, type Source } from './values.ts'

export type { Peer } from './address.ts'
export { CERTIFICATE, type TlsFiles } from './certificates.ts'
export type { QueuePartitions } from './partition-map.ts'
export type { Route } from './proxies.ts'

/** The capability where the input is empty. */
export const DEFAULT_CAPABILITY = 'htfifo'

/** All inputs, checked; each has its name in known.ts and its words in action.yml. */
export interface Inputs {
  readonly peers: readonly Peer[]
  /** The route to each peer, by its URL. */
  readonly routes: ReadonlyMap<string, Route>
  readonly timeoutMs: number
  readonly capability: string
  /** The port of the nodes' Raft listeners, 1 to 65535; null if the members of the cluster are not asked for. */
  readonly raftPorts: readonly number[]
  readonly waitMs: number
  readonly intervalMs: number
  readonly stableRounds: number
  readonly queues: readonly QueuePartitions[]
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsFiles
  /** Whether the job summary is written. */
  readonly summary: boolean
}

export interface Loaded {
  readonly inputs: Inputs
  /** Everything that is wrong with any input; if there is something, nothing may be polled. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
  /** What must appear nowhere. */
  readonly secrets: readonly string[]
  /** Those of the secrets that the runner is told to mask. */
  readonly masks: readonly string[]
}

/** Reads and checks all inputs, and reports all problems together; each names the input, what was found and what was expected. */
export function loadInputs(source: Source): Loaded {
  const { input, env } = source
  const problems = [...findUnknownInputs(env)]
  const { duration, flag, integer, pem, word } = makeFields(source, problems)
  const optional = (name: InputName, max: number) =>
    input(name) === '' ? null : integer(name, '', 1, max)
  const sqs = integer('default-port', '9324', 1, 65_535) || 9_324
  const raftPort = optional('raft-port', 65_535)
  const { peers, ...list } = parsePeers(input('peers'), { sqs, raft: raftPort || null })
  problems.push(...list.problems)
  const capability = word('capability', DEFAULT_CAPABILITY)
  const expected = optional('expected-peers', 999_999_999)
  if (expected && list.problems.length === 0 && expected !== peers.length) {
    problems.push(
      `expected-peers: found ${peers.length} distinct ${plural(peers.length, 'peer')} in the list, expected ${expected}`,
    )
  }
  const partitions = input('partition-map')
  const { queues, ...map } =
    partitions === '' ? { queues: [], problems: [] } : parsePartitionMap(partitions)
  const { headers, ...fields } = parseHeaders(input('headers'))
  const tls = {
    ca: pem('ca-certificate'),
    certificate: pem('client-certificate'),
    key: pem('client-key'),
  }
  const isGiven = {
    certificate: input('client-certificate') !== '',
    key: input('client-key') !== '',
  }
  problems.push(...map.problems, ...fields.problems, ...checkTls(tls, isGiven))

  const { routes, ...proxies } = findRoutes(
    peers.map(({ url }) => url),
    env,
  )
  problems.push(...proxies.problems)
  const waitMs = duration('wait', '0s', '0s', '24h')
  const intervalMs = duration('interval', '5s', '100ms', '1h')
  const stableRounds = integer('stable-rounds', '1', 1, 1_000)
  // A round takes time as well: one that would start just as the wait ends, starts after it.
  const fitting = Math.ceil(waitMs / intervalMs)
  if (waitMs > 0 && stableRounds > fitting) {
    problems.push(
      `stable-rounds: found ${stableRounds}, expected at most ${fitting}, as many as fit into the wait at this interval`,
    )
  }
  const inputs: Inputs = {
    peers,
    routes,
    timeoutMs: duration('timeout', '3s', '1ms', '10m'),
    capability,
    raftPorts: raftPort ? [raftPort] : [],
    waitMs,
    intervalMs,
    stableRounds,
    queues,
    headers,
    tls,
    summary: flag('summary', true),
  }
  const masks = [...new Set([...secretValues(headers), ...proxies.secrets])]
  // The name of a user is often part of a path, and the runner drops outputs that hold what it masks.
  const secrets = [...masks, ...proxies.userNames]
  const warnings = [...list.warnings, ...fields.warnings]
  return { inputs, problems, warnings, secrets, masks: masks.filter(isMaskable) }
}
