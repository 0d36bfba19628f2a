import { type Generation, type Node, type NodeOptions, startNode } from './cluster.ts'
import type { Queues } from './queues.ts'
import { type RaftListener, type RaftMember, type RaftStatus, startRaftListener } from './raft.ts'
import { type Intercept, makeSqsListener, type Topology } from './sqs.ts'

/** A node that is a member of a cluster, and tells on its Raft listeners who the members are. */
export interface RaftNode extends Node {
  /** `n1`, `n2` and so on, in the order of the start. */
  readonly id: string
  /** `host:port` of its listener for the first of its groups. */
  readonly raftAddress: string
  /** The `host:port` of each of its groups. */
  readonly raftAddresses: readonly string[]
  /** The node in the `peers` input: for each of its groups the Raft address, `=`, and its SQS address, with commas. */
  readonly entry: string
  /**
   * Lets the node tell these members from now on, as one that is cut off would; null for those of the cluster.
   *
   * @param group only of this group; of all of them by default
   */
  tell(members: readonly RaftMember[] | null, group?: number): void
  /** Lets the node tell this of a leader from now on; null for what holds. */
  tellStatus(status: Partial<RaftStatus> | null, group?: number): void
}

/** What a node that joins may bring. */
export interface JoinOptions {
  readonly suffrage?: RaftMember['suffrage']
  /** The numbers of the groups that it joins; all by default. */
  readonly groups?: readonly number[]
  /** Told after each health answer how many there were so far. */
  readonly onAnswer?: (count: number, node: Node) => void
}

export interface ClusterOptions {
  /** How many Raft groups there are, numbered from 1 on; 1 by default. */
  readonly groups?: number
  /** The value of `--sqsFifoPartitionMap`; without one, every queue is in the first group. */
  readonly partitionMap?: string
  /** The secret of each access key id, as in `--sqsCredentialsFile`; without any, signatures are not looked at. */
  readonly credentials?: Readonly<Record<string, string>>
  /** `us-east-1` by default. */
  readonly region?: string
  /**
   * Each node has a loopback address of its own, the first 127.0.0.1 and the second 127.0.0.2, and all have the same
   * ports, as on machines of their own. Linux only.
   */
  readonly apart?: boolean
  /** If given, the SQS listeners speak TLS. */
  readonly tls?: NodeOptions['tls']
}

/** A Raft group of the cluster. */
export interface Group {
  /** From 1 on. */
  readonly number: number
  readonly members: readonly RaftMember[]
  /** The id of the node that leads it, or null. */
  readonly leader: string | null
  readonly term: number
}

/** Nodes that know each other as members, and serve one set of queues. */
export interface RaftCluster {
  /** All nodes that ever joined, which are also those that the server itself asks before it makes a queue. */
  readonly nodes: readonly RaftNode[]
  readonly groups: readonly Group[]
  /** Who the members of the first group are now. */
  readonly members: readonly RaftMember[]
  /** The `peers` input that holds all nodes: the value of `--raftSqsMap`. */
  readonly peers: string
  /** The nodes as `NODES_RAFT_MAP` has them: `n1=127.0.0.1:port` and so on. */
  readonly nodeMap: string
  /** The `raft-port` input of nodes that are apart. */
  readonly raftPorts: string
  /** The queues, by name. */
  readonly queues: Queues
  /** Starts one more node; every node knows it at once, as a voter unless told otherwise. */
  join(generation: Generation, options?: JoinOptions): Promise<RaftNode>
  /** Takes a member out of all groups; its node goes on to answer. */
  remove(id: string): void
  /** Moves the leadership of a group, at once; null leaves it without a leader. The first node leads all at the start. */
  lead(group: number, id: string | null): void
  /** Puts this between all calls of SQS and their answers; null takes it away. */
  intercept(act: Intercept | null): void
  close(): Promise<void>
}

/** Starts a cluster of these nodes, all of them voters, with one group. */
export const startCluster = (...generations: readonly Generation[]): Promise<RaftCluster> =>
  startClusterWith({}, ...generations)

/** The same, with these options. */
export async function startClusterWith(
  { groups: count = 1, partitionMap = '', credentials = {}, region, apart, tls }: ClusterOptions,
  ...generations: readonly Generation[]
): Promise<RaftCluster> {
  const nodes: RaftNode[] = []
  const groups = Array.from({ length: count }, (_, index) => startGroup(index + 1))
  const map = parseMap(partitionMap)
  const queues: Queues = new Map()
  let intercept: Intercept | null = null

  const topology: Topology = {
    queues,
    credentials,
    region: region ?? 'us-east-1',
    leaderFault() {
      const leader = nodes.find(({ id }) => id === groups[0]?.leader)
      if (leader === undefined) return 'no raft leader currently available'
      if (leader.isUp) return null
      return `leader proxy error: dial tcp ${leader.address}: connect: connection refused`
    },
    allAdvertise: () => nodes.every(({ advertises }) => advertises),
    mappedPartitions: (queue) => (map.size === 0 ? Infinity : (map.get(queue)?.length ?? 0)),
    placementOf(queue, partition) {
      const number = map.get(queue)?.[partition] ?? 1
      if (number === 1) return 'default'
      return groups[number - 1]?.leader === groups[0]?.leader ? 'beside' : 'apart'
    },
  }

  const cluster: RaftCluster = {
    nodes,
    groups,
    queues,
    get members() {
      return groups[0]?.members ?? []
    },
    get peers() {
      return nodes.map(({ entry }) => entry).join(',')
    },
    get nodeMap() {
      const scheme = tls === undefined ? '' : 'https://'
      return nodes.map(({ id, address }) => `${id}=${scheme}${address}`).join(',')
    },
    get raftPorts() {
      return (nodes[0]?.raftAddresses ?? []).map(portOf).join(',')
    },
    async join(generation, { suffrage = 'voter', groups: joined, onAnswer } = {}) {
      const id = `n${nodes.length + 1}`
      const host = apart ? `127.0.0.${nodes.length + 1}` : '127.0.0.1'
      const [first] = apart ? nodes : []
      const node: Node = await startNode(
        generation,
        () => groups[0]?.leader === id,
        (answers) => onAnswer?.(answers, node),
        {
          host,
          port: portOf(first?.address),
          ...(tls === undefined ? {} : { tls }),
          onCall: makeSqsListener(id, topology, () => intercept),
        },
      )
      const own = groups.filter(({ number }) => joined?.includes(number) ?? true)
      const voices = await Promise.all(
        own.map((group) => startVoice(group, host, portOf(first?.raftAddresses[group.number - 1]))),
      )
      const raftAddresses = voices.map(({ address }) => address)
      const sqsAddress = tls === undefined ? node.address : `https://${node.address}`
      const started: RaftNode = {
        id,
        address: node.address,
        get isUp() {
          return node.isUp
        },
        get advertises() {
          return node.advertises
        },
        upgrade: node.upgrade,
        raftAddress: raftAddresses[0] ?? '',
        raftAddresses,
        entry: raftAddresses.map((address) => `${address}=${sqsAddress}`).join(','),
        tell(members, number) {
          for (const voice of voices.filter(isOf(number))) voice.members = members
        },
        tellStatus(status, number) {
          for (const voice of voices.filter(isOf(number))) voice.status = status
        },
        async close() {
          await Promise.all([node, ...voices].map((part) => part.close()))
        },
      }
      nodes.push(started)
      for (const { group, address } of voices) {
        group.members = [...group.members, { id, address, suffrage }]
        group.leader ??= group.term === 1 ? id : null
        group.configurationIndex++
      }
      return started
    },
    remove(gone) {
      for (const group of groups) {
        group.members = group.members.filter(({ id }) => id !== gone)
        group.configurationIndex++
      }
    },
    lead(number, id) {
      const group = groups[number - 1]
      if (group === undefined) throw new Error(`found group ${number}, expected 1 to ${count}`)
      group.leader = id
      group.term++
    },
    intercept(act) {
      intercept = act
    },
    async close() {
      await Promise.all(nodes.map((node) => node.close()))
    },
  }
  for (const generation of generations) await cluster.join(generation)
  return cluster
}

type LiveGroup = { -readonly [Key in keyof Group]: Group[Key] } & { configurationIndex: number }

const startGroup = (number: number): LiveGroup => ({
  number,
  members: [],
  leader: null,
  term: 1,
  configurationIndex: 0,
})

/** What a node tells of one group, and what it is made to tell. */
interface Voice extends RaftListener {
  readonly group: LiveGroup
  members: readonly RaftMember[] | null
  status: Partial<RaftStatus> | null
}

const isOf = (number: number | undefined) => (voice: Voice) =>
  number === undefined || voice.group.number === number

async function startVoice(group: LiveGroup, host: string, port: number): Promise<Voice> {
  const status = (): RaftStatus => ({
    leaderId: group.leader ?? '',
    leaderAddress: group.members.find(({ id }) => id === group.leader)?.address ?? '',
    term: group.term,
    configurationIndex: group.configurationIndex,
    pendingConfChange: false,
    ...voice.status,
  })
  const listener = await startRaftListener(() => voice.members ?? group.members, {
    host,
    port,
    status,
  })
  const voice: Voice = { ...listener, group, members: null, status: null }
  return voice
}

/** The port of an address; 0 without one. */
const portOf = (address: string | undefined) => Number(address?.split(':').at(-1) ?? 0)

/** The group of each partition of each queue: `queue.fifo:2=1,2;…`. */
const parseMap = (text: string): ReadonlyMap<string, readonly number[]> =>
  new Map(
    text
      .split(';')
      .filter((entry) => entry !== '')
      .map((entry) => {
        const [name = '', groups = ''] = entry.split(/:\d+=/)
        return [name, groups.split(',').map(Number)]
      }),
  )
