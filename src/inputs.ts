import { formatDuration, parseDuration } from './duration.ts'
import { parseHeaders } from './headers.ts'
import { parsePartitionMap, type QueuePartitions } from './partition-map.ts'
import { type Peer, parsePeers } from './peers.ts'
import { type Route, routeTo } from './proxy.ts'
import { isMaskable } from './secrets.ts'
import { isPrintable, showText } from './text.ts'
import { checkTls, type TlsFiles } from './tls.ts'

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

/** Where the inputs come from. */
export interface Source {
  /** The value of an input, without blanks around it; empty if it is not set. */
  readonly input: (name: string) => string
  /** The text of a file; throws if it cannot be read. */
  readonly file: (path: string) => string
  readonly env: NodeJS.ProcessEnv
}

/** Reads and checks all inputs, and reports all problems together; each names the input, what was found and what was expected. */
export function loadInputs({ input, file, env }: Source): Loaded {
  const problems: string[] = []

  function duration(name: string, fallback: string, min: string, max: string): number {
    const text = input(name) || fallback
    const ms = parseDuration(text)
    if (ms === null || ms < (parseDuration(min) ?? 0) || ms > (parseDuration(max) ?? 0)) {
      problems.push(
        `${name}: found "${showText(text)}", expected a duration from ${min} to ${max}, such as 500ms, 3s or 1m30s`,
      )
    }
    return ms ?? 0
  }

  function integer(name: string, fallback: string, min: number, max: number): number {
    const text = input(name) || fallback
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) {
      problems.push(
        `${name}: found "${showText(text)}", expected a whole number from ${min} to ${max}`,
      )
      return Number.NaN
    }
    return value
  }

  function pem(name: string): string {
    const text = input(name)
    if (text === '' || text.includes('-----BEGIN ')) return text
    try {
      return file(text)
    } catch (error) {
      const code = (error as { code?: unknown }).code
      // What is no path may be a key that lost its first line.
      const found = name === 'client-key' || /[\r\n]/.test(text) ? '' : ` "${showText(text)}"`
      problems.push(
        `${name}: the file${found} cannot be read (${code}), expected PEM text or the path of a PEM file`,
      )
      return ''
    }
  }

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
        `expected-peers: found ${peers.length} distinct peers in the list, expected ${expected}`,
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

  const routes = new Map<string, Route>()
  const userNames = new Set<string>()
  const masks = new Set(Object.values(headers))
  for (const { url } of peers) {
    const route = routeTo(new URL(url), env)
    if (typeof route === 'string') {
      if (!problems.includes(route)) problems.push(route)
      continue
    }
    routes.set(url, route)
    if (route.kind !== 'direct' && route.authorization !== null) {
      const { username, password } = route.proxy
      if (password !== '') userNames.add(username)
      for (const secret of [password || username, route.authorization]) masks.add(secret)
    }
  }
  const inputs: Inputs = {
    peers,
    routes,
    timeoutMs: duration('timeout', '3s', '1ms', '10m'),
    capability,
    waitMs: duration('wait', '0s', '0s', '24h'),
    intervalMs: duration('interval', '5s', '100ms', '1h'),
    stableRounds: integer('stable-rounds', '1', 1, 1_000),
    queues,
    headers,
    tls,
  }
  // The name of a user is often part of a path, and the runner drops outputs that hold what it masks.
  const secrets = [...masks, ...userNames]
  return { inputs, problems, warnings, secrets, masks: [...masks].filter(isMaskable) }
}

/** The settings of a run in one line, for the log. */
export function describeInputs({ peers, capability, timeoutMs, waitMs }: Inputs): string {
  const wait = waitMs > 0 ? `, waiting up to ${formatDuration(waitMs)}` : ''
  return `asking ${peers.length} ${peers.length === 1 ? 'node' : 'nodes'} for "${showText(capability)}", ${formatDuration(timeoutMs)} each${wait}`
}
