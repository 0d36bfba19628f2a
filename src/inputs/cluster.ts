import { listSome, plural, quote } from '../shared/text.ts'
import type { Peer } from './address.ts'
import { checkTls, type TlsFiles } from './certificates.ts'
import { parsePartitionMap, type QueuePartitions } from './partition-map.ts'
import { parsePeers } from './peers.ts'
import { findRoutes, type Route } from './proxies.ts'
import type { Reader } from './values.ts'

/** The inputs that the gate and the canary have in common: the cluster, and how it is asked. */
export interface ClusterInputs {
  readonly peers: readonly Peer[]
  /** The route to each peer, by its URL. */
  readonly routes: ReadonlyMap<string, Route>
  readonly timeoutMs: number
  readonly capability: string
  /** The ports of the nodes' Raft listeners, 1 to 65535; empty if the members of the cluster are not asked for. */
  readonly raftPorts: readonly number[]
  readonly queues: readonly QueuePartitions[]
  readonly tls: TlsFiles
  /** Whether the job summary is written. */
  readonly summary: boolean
}

/** Reads and checks what the gate and the canary have in common; what is wrong goes to the problems of the reader. */
export function readCluster(reader: Reader, env: NodeJS.ProcessEnv) {
  const { problems, text, optional, integer, pem } = reader
  const sqs = integer('default-port', 1, 65_535) || 9_324
  const raftPorts = reader.ports('raft-port')
  const { peers, warnings, ...list } = parsePeers(text('peers'), { sqs, raft: raftPorts })
  problems.push(...list.problems)
  const capability = reader.word('capability')
  const expected = integer('expected-peers', 1, 999_999_999)
  if (expected && list.problems.length === 0 && expected !== peers.length) {
    problems.push(
      `expected-peers: found ${peers.length} distinct ${plural(peers.length, 'peer')} in the list, expected ${expected}`,
    )
  }
  const { queues, ...map } = parsePartitionMap(optional('partition-map'))
  problems.push(...map.problems)
  if (raftPorts.length > 0) problems.push(...findMissingGroups(queues, peers, raftPorts.length))
  const tls = {
    ca: pem('ca-certificate'),
    certificate: pem('client-certificate'),
    key: pem('client-key'),
  }
  problems.push(...checkTls(tls))
  reader.pair('client-certificate', 'client-key')
  const { routes, ...proxies } = findRoutes(
    peers.map(({ url }) => url),
    env,
  )
  problems.push(...proxies.problems)
  const inputs: ClusterInputs = {
    peers,
    routes,
    timeoutMs: reader.duration('timeout', '1ms', '10m'),
    capability,
    raftPorts,
    queues,
    tls,
    summary: reader.flag('summary'),
  }
  return { inputs, warnings, proxies }
}

/** A Raft listener answers for its own group only, so the members of a group without one would not be asked for. */
function findMissingGroups(
  queues: readonly QueuePartitions[],
  peers: readonly Peer[],
  ports: number,
): string[] {
  const size = Math.max(ports, new Set(queues.flatMap(({ groups }) => groups)).size)
  const short = peers.filter(({ raftAddresses }) => raftAddresses.length < size)
  if (short.length === 0) return []
  const named = short.map(({ name, raftAddresses }) => `${quote(name)} (${raftAddresses.length})`)
  return [
    `raft-port: found ${size} Raft ${ports === size ? 'ports' : 'groups in partition-map'}, but fewer Raft addresses for ${listSome(named, 2)}, expected one for each group: several ports (50051,50061), or for each group an entry in peers with its Raft address in front (10.0.0.1:50061=10.0.0.1:9324)`,
  ]
}
