import { isMaskable } from '../shared/secrets.ts'
import { isPrintable, plural, showText } from '../shared/text.ts'
import type { Peer } from './address.ts'
import { checkTls, type TlsFiles } from './certificates.ts'
import { parseHeaders } from './headers.ts'
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

/** All inputs, checked. */
export interface Inputs {
  readonly peers: readonly Peer[]
  /** The route to each peer, by its URL. */
  readonly routes: ReadonlyMap<string, Route>
  readonly timeoutMs: number
  readonly capability: string
  readonly waitMs: number
  readonly intervalMs: number
  readonly stableRounds: number
  readonly queues: readonly QueuePartitions[]
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsFiles
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
  const problems: string[] = []

  const { duration, integer, pem } = makeFields(source, problems)
  const defaultPort = integer('default-port', '9324', 1, 65_535)
  const { peers, warnings, ...list } = parsePeers(input('peers'), defaultPort || 9_324)
  problems.push(...list.problems)
  const capability = input('capability') || DEFAULT_CAPABILITY
  if (!isPrintable(capability, 100)) {
    problems.push(
      `capability: found "${showText(capability, 100)}", expected 1 to 100 printable characters`,
    )
  }
  if (input('expected-peers') !== '') {
    const expected = integer('expected-peers', '', 1, 999_999_999)
    if (expected >= 1 && list.problems.length === 0 && expected !== peers.length) {
      problems.push(
        `expected-peers: found ${peers.length} distinct ${plural(peers.length, 'peer')} in the list, expected ${expected}`,
      )
    }
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
  problems.push(...map.problems, ...fields.problems, ...checkTls(tls))

  const { routes, ...proxies } = findRoutes(
    peers.map(({ url }) => url),
    env,
  )
  problems.push(...proxies.problems)
  const waitMs = duration('wait', '0s', '0s', '24h')
  const intervalMs = duration('interval', '5s', '100ms', '1h')
  const stableRounds = integer('stable-rounds', '1', 1, 1_000)
  const fitting = Math.ceil(waitMs / intervalMs) + 1
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
    waitMs,
    intervalMs,
    stableRounds,
    queues,
    headers,
    tls,
  }
  const masks = [...new Set([...Object.values(headers), ...proxies.secrets])]
  // The name of a user is often part of a path, and the runner drops outputs that hold what it masks.
  const secrets = [...masks, ...proxies.userNames]
  return { inputs, problems, warnings, secrets, masks: masks.filter(isMaskable) }
}
