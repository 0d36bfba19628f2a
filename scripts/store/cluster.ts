import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPort } from './ports.ts'
import { kill, makeFolder, start } from './processes.ts'
import { addLearner, awaitLeader, moveLeader } from './raftadmin.ts'
import { until } from './until.ts'

/** A binary in the folder of binaries: the newest, or one of the two generations before it. */
export type Generation = 'elastickv' | 'elastickv-empty' | 'elastickv-legacy'

export interface ClusterPlan {
  /** The binary of n1, n2 and so on; three of the newest by default. */
  readonly nodes?: readonly Generation[]
  /** The Raft groups that every node holds; one, with the number 1, by default. */
  readonly groups?: readonly number[]
  /** The `--sqsFifoPartitionMap` of every node; none by default. */
  readonly partitionMap?: string
  /** What `--raftSqsMap` has beside the nodes, on every node: an address that is gone, say. */
  readonly alsoInSqsMap?: string
  /** Each node has a loopback address of its own, and all have the same ports, as on machines; Linux has those. */
  readonly ownHosts?: boolean
  /** The pair that every node asks for; signatures are not looked at by default. */
  readonly credentials?: Credentials
}

export interface Credentials {
  readonly id: string
  readonly secret: string
}

export interface Node {
  readonly id: string
  /** The address of its SQS listener. */
  readonly sqs: string
  /** The address of its Raft listener in each group. */
  readonly raft: ReadonlyMap<number, string>
}

/** How long nodes may take until they serve, with both cores busy. */
const SERVING_MS = 40_000

/** A real cluster on 127.0.0.1, its data in a temporary folder. */
export type Cluster = Awaited<ReturnType<typeof startCluster>>

/** Starts a cluster, and waits until every node serves and every group has a leader that all know. */
export async function startCluster(binaries: string, plan: ClusterPlan = {}) {
  const generations = plan.nodes ?? ['elastickv', 'elastickv', 'elastickv']
  const groups = plan.groups ?? [1]
  const folder = makeFolder()
  const nodes: Node[] = []
  const processes = new Map<string, ChildProcess>()
  let ports = await findPorts(groups)
  for (const [index] of generations.entries()) {
    const host = plan.ownHosts === true ? `127.0.0.${index + 2}` : '127.0.0.1'
    nodes.push(makeNode(`n${index + 1}`, host, ports))
    if (plan.ownHosts !== true) ports = await findPorts(groups)
  }
  const voters = [...nodes]

  /** The listeners of a group by the id of their nodes. */
  const listeners = (group: number, among: readonly Node[] = nodes) =>
    new Map(among.flatMap(({ id, raft }) => optional(raft.get(group)).map((at) => [id, at])))

  const find = (id: string): Node => {
    const node = nodes.find((one) => one.id === id)
    if (node === undefined) throw new Error(`there is no node ${id}`)
    return node
  }

  function launch(node: Node, generation: Generation, membership: readonly string[]): void {
    const data = join(folder, node.id)
    mkdirSync(data, { recursive: true })
    const [first = ''] = node.raft.values()
    const lists = [...node.raft].map(([group, address]) => `${group}=${address}`)
    const sqsMap = [...raftSqsMap(voters), ...optional(plan.alsoInSqsMap)].join(',')
    const flags = [
      ...['--raftId', node.id, '--raftDataDir', data, '--address', first],
      // Every other listener is switched off, or takes a port of its own on the loopback.
      ...['--redisAddress', '127.0.0.1:0', '--dynamoAddress', '127.0.0.1:0'],
      ...['--metricsAddress', '', '--pprofAddress', '', '--s3Address', ''],
      ...['--sqsAddress', node.sqs, '--raftSqsMap', sqsMap],
      ...(isPlain(node) ? [] : ['--raftGroups', lists.join(',')]),
      ...optional(plan.partitionMap).flatMap((map) => ['--sqsFifoPartitionMap', map]),
      ...optional(plan.credentials).flatMap((pair) => [
        '--sqsCredentialsFile',
        writeCredentials(folder, pair),
      ]),
      ...membership,
    ]
    processes.set(node.id, start(join(binaries, generation), flags, logOf(node.id)))
  }

  /** One group, and it is the one that a node has without `--raftGroups`. */
  const isPlain = ({ raft }: Node) => raft.size === 1 && raft.has(1)

  const bootstrap = () => {
    const members = (group: number, sign: string) =>
      [...listeners(group, voters)].map(([id, address]) => `${id}${sign}${address}`).join(',')
    if (groups.length === 1) return ['--raftBootstrapMembers', members(groups[0] ?? 1, '=')]
    return ['--raftGroupPeers', groups.map((group) => `${group}=${members(group, '@')}`).join(';')]
  }

  const logOf = (id: string) => join(folder, `${id}.log`)
  const readLog = (id: string) => readFileSync(logOf(id), 'utf8').trimEnd().split('\n')

  async function awaitServing({ id, sqs }: Node): Promise<void> {
    const child = processes.get(id)
    const ended = () => child?.exitCode !== null || child.signalCode !== null
    const answer = await until(`${id} to serve`, SERVING_MS, async () => {
      if (ended()) return 'ended'
      const { status } = await fetch(`http://${sqs}/sqs_health`, {
        signal: AbortSignal.timeout(2_000),
      })
      return status === 200 ? 'serves' : undefined
    })
    if (answer === 'ended') throw new Error(`${id} ended:\n${readLog(id).slice(-5).join('\n')}`)
  }

  const awaitLeaders = async () => {
    for (const group of groups) {
      await awaitLeader(binaries, [...listeners(group, voters).values()])
    }
  }

  for (const [index, generation] of generations.entries()) {
    const node = nodes[index]
    if (node !== undefined) launch(node, generation, bootstrap())
  }
  await Promise.all(nodes.map(awaitServing))
  await awaitLeaders()

  return {
    nodes,
    binaries,
    find,
    listeners,
    /** The lines of a node's log that contain a text. */
    grep: (id: string, text: string) => readLog(id).filter((line) => line.includes(text)),
    /** The id of the node that leads a group. */
    leader: (group = 1) => awaitLeader(binaries, [...listeners(group, voters).values()]),
    lead: (group: number, id: string) => moveLeader(binaries, listeners(group, voters), id),
    /** Sends a signal to a node: SIGSTOP to hang it, SIGCONT to let it go on. */
    signal: (id: string, signal: NodeJS.Signals) => processes.get(id)?.kill(signal),
    async kill(id: string): Promise<void> {
      const child = processes.get(id)
      if (child !== undefined) await kill(child)
    },
    /** Starts a node that was killed again on its data, and waits until it serves. */
    async restart(id: string, generation: Generation = 'elastickv'): Promise<void> {
      launch(find(id), generation, bootstrap())
      await awaitServing(find(id))
      await awaitLeaders()
    },
    /** Starts one more node, which is a learner in one group and no member of any other, and waits until it serves. */
    async join(id: string, group = 1): Promise<Node> {
      const node = makeNode(id, '127.0.0.1', await findPorts([group]))
      const known = [...listeners(group, [...voters, node])].map(([name, at]) => `${name}=${at}`)
      launch(node, 'elastickv', ['--raftJoinAsLearner', '--raftJoinMembers', known.join(',')])
      await addLearner(binaries, listeners(group, voters), id, node.raft.get(group) ?? '')
      nodes.push(node)
      await awaitServing(node)
      return node
    },
    async stop(): Promise<void> {
      await Promise.all([...processes.values()].map(kill))
    },
  }
}

/** The entries of `--raftSqsMap`, one for each Raft listener. */
export function raftSqsMap(nodes: readonly Node[]): string[] {
  return nodes.flatMap(({ sqs, raft }) => [...raft.values()].map((address) => `${address}=${sqs}`))
}

interface Ports {
  readonly sqs: number
  readonly raft: ReadonlyMap<number, number>
}

async function findPorts(groups: readonly number[]): Promise<Ports> {
  const raft = new Map<number, number>()
  for (const group of groups) raft.set(group, await findPort())
  return { sqs: await findPort(), raft }
}

function makeNode(id: string, host: string, { sqs, raft }: Ports): Node {
  const addresses = [...raft].map(([group, port]) => [group, `${host}:${port}`] as const)
  return { id, sqs: `${host}:${sqs}`, raft: new Map(addresses) }
}

function writeCredentials(folder: string, { id, secret }: Credentials): string {
  const path = join(folder, 'credentials.json')
  const pair = { access_key_id: id, secret_access_key: secret }
  writeFileSync(path, JSON.stringify({ credentials: [pair] }), { mode: 0o600 })
  return path
}

const optional = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value])
