import { listSome, plural, quote } from '../shared/text.ts'
import type { ClusterInputs } from './cluster.ts'
import { QUEUE_NAME } from './partition-map.ts'
import type { Reader } from './values.ts'

/** How the calls to the SQS API are signed, as in `--sqsCredentialsFile`; both are secrets. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The inputs that only the canary has. */
export interface CanaryOnly {
  /** The queue that is created and deleted, with `.fifo`. */
  readonly queue: string
  /** A power of two from 2 to 32. */
  readonly partitions: number
  /** The Raft group of each partition by the map, as a decimal number; null if no map is given. */
  readonly groupsOfPartitions: readonly string[] | null
  /** Messages sent in each message group, 2 to 100. */
  readonly messages: number
  /** The time limit of all that follows the gate, 1 s to 10 m. */
  readonly limitMs: number
  /** Null if calls are signed with keys that no node looks at. */
  readonly credentials: Credentials | null
  readonly region: string
  /** Whether it is a failure that one node leads several groups. */
  readonly requireSpread: boolean
}

/** Visible ASCII without blanks. */
const KEY = /^[!-~]{1,200}$/
const DEFAULT_PARTITIONS = 4

/** Reads and checks what only the canary has; what is wrong goes to the problems of the reader. */
export function readCanary(reader: Reader, { queues, raftPorts }: ClusterInputs): CanaryOnly {
  const { problems, text, integer, flag } = reader
  const queue = text('queue')
  const mapped = queues.find((one) => one.queue === queue)
  if (!QUEUE_NAME.test(queue)) {
    problems.push(
      `queue: found ${quote(queue)}, expected 1 to 75 letters, digits, "-" or "_" and ".fifo"`,
    )
  } else if (queues.length > 0 && mapped === undefined) {
    const names = queues.map((one) => quote(one.queue))
    problems.push(
      `queue: found ${quote(queue)}, expected a queue of partition-map, which has ${listSome(names, 3)}`,
    )
  }
  const region = text('region')
  if (!/^[A-Za-z0-9-]{1,64}$/.test(region)) {
    problems.push(`region: found ${quote(region)}, expected letters, digits and "-" only`)
  }
  const requireSpread = flag('require-spread')
  if (requireSpread && raftPorts.length === 0) {
    problems.push(
      'require-spread: found true without raft-port, expected raft-port as well, because only the Raft listeners tell which node leads a group',
    )
  }
  return {
    queue,
    partitions: readPartitions(reader, mapped?.groups.length),
    groupsOfPartitions: mapped?.groups ?? null,
    messages: integer('messages', 2, 100),
    limitMs: reader.duration('limit', '1s', '10m'),
    credentials: readCredentials(reader),
    region,
    requireSpread,
  }
}

function readPartitions({ problems, text }: Reader, mapped: number | undefined): number {
  const value = text('partitions')
  const count = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  const partitions = value === '' ? (mapped ?? DEFAULT_PARTITIONS) : count
  const expected = 'expected a power of two from 2 to 32'
  if (![2, 4, 8, 16, 32].includes(partitions)) {
    const found = value === '' ? `${partitions} in partition-map` : quote(value)
    problems.push(`partitions: found ${found}, ${expected}`)
  } else if (mapped !== undefined && mapped !== partitions) {
    problems.push(
      `partitions: found ${partitions}, expected ${mapped} as in partition-map, or nothing`,
    )
  }
  return partitions
}

function readCredentials({ problems, text, pair }: Reader): Credentials | null {
  for (const name of ['access-key-id', 'secret-access-key'] as const) {
    const value = text(name)
    if (value !== '' && !KEY.test(value)) {
      problems.push(
        `${name}: found blanks or other characters, expected 1 to 200 visible ASCII characters (not shown)`,
      )
    }
  }
  pair('access-key-id', 'secret-access-key')
  const [accessKeyId, secretAccessKey] = [text('access-key-id'), text('secret-access-key')]
  return accessKeyId === '' && secretAccessKey === '' ? null : { accessKeyId, secretAccessKey }
}

/** The canary asks each node itself: a proxy could answer for another node, or hold a call back. */
export function findProxied({ peers, routes }: ClusterInputs): readonly string[] {
  const proxied = peers.filter(({ url }) => (routes.get(url)?.kind ?? 'direct') !== 'direct')
  if (proxied.length === 0) return []
  const names = listSome(
    proxied.map(({ name }) => quote(name)),
    3,
  )
  return [
    `peers: found a proxy in the environment for ${proxied.length} ${plural(proxied.length, 'node')}, ${names}, expected none, because the canary asks nodes directly: add their hosts to no_proxy`,
  ]
}
