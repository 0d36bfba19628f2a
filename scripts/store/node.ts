import { findPort } from './ports.ts'

/** A binary in the folder of binaries: the newest, or one of the two generations before it. */
export type Generation = 'elastickv' | 'elastickv-empty' | 'elastickv-legacy'

export interface ClusterPlan {
  /** The binary of n1, n2 and so on; three of the newest by default. */
  readonly nodes?: readonly Generation[]
  /** The Raft groups that every node holds; one, with the number 1, by default. */
  readonly groups?: readonly number[]
  /** The `--sqsFifoPartitionMap` of every node; none by default. */
  readonly partitionMap?: string
  /** Each node has a loopback address of its own, and all have the same ports, as machines do. */
  readonly ownHosts?: boolean
  /** The pair that every node asks for; none by default, and then signatures are not checked. */
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

interface Ports {
  readonly sqs: number
  readonly raft: ReadonlyMap<number, number>
}

/** The nodes of a plan, on ports that are free. */
export async function makeNodes(count: number, groups: readonly number[], ownHosts: boolean) {
  const shared = ownHosts ? await findPorts(groups) : null
  const nodes: Node[] = []
  for (let at = 1; at <= count; at++) {
    const host = `127.0.0.${ownHosts ? at + 1 : 1}`
    nodes.push(makeNode(`n${at}`, host, shared ?? (await findPorts(groups))))
  }
  return nodes
}

/** One more node, on 127.0.0.1 and in one group. */
export async function makeJoiner(id: string, group: number): Promise<Node> {
  return makeNode(id, '127.0.0.1', await findPorts([group]))
}

function makeNode(id: string, host: string, { sqs, raft }: Ports): Node {
  const addresses = [...raft].map(([group, port]) => [group, `${host}:${port}`] as const)
  return { id, sqs: `${host}:${sqs}`, raft: new Map(addresses) }
}

async function findPorts(groups: readonly number[]): Promise<Ports> {
  const raft = new Map<number, number>()
  for (const group of groups) raft.set(group, await findPort())
  return { sqs: await findPort(), raft }
}

/** The Raft address in a group of each node that is in it, by the id of the node. */
export function listenersOf(nodes: readonly Node[], group: number): Map<string, string> {
  const all = nodes.map(({ id, raft }) => [id, raft.get(group)] as const)
  return new Map(all.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** The entries of `--raftSqsMap`, one for each Raft listener. */
export function raftSqsMap(nodes: readonly Node[]): string[] {
  return nodes.flatMap(({ sqs, raft }) => [...raft.values()].map((address) => `${address}=${sqs}`))
}
