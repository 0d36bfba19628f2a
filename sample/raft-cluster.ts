import { type Generation, type Node, startNode } from './cluster.ts'
import { type RaftMember, startRaftListener } from './raft.ts'

/** A node that is a member of a cluster, and tells on its Raft listener who the members are. */
export interface RaftNode extends Node {
  /** `n1`, `n2` and so on, in the order of the start. */
  readonly id: string
  /** `127.0.0.1:port` */
  readonly raftAddress: string
  /** The node as an entry of the `peers` input: its Raft address, `=`, and its SQS address. */
  readonly entry: string
  /** Lets the node tell these members from now on, as one that is cut off would; null for those of the cluster. */
  tell(members: readonly RaftMember[] | null): void
}

/** What a node that joins may bring. */
export interface JoinOptions {
  readonly suffrage?: RaftMember['suffrage']
  readonly leader?: boolean
  /** Told after each health answer how many there were so far. */
  readonly onAnswer?: (count: number, node: Node) => void
}

/** Nodes that know each other as members. */
export interface RaftCluster {
  /** All nodes that ever joined. */
  readonly nodes: readonly RaftNode[]
  /** Who the members are now. */
  readonly members: readonly RaftMember[]
  /** The `peers` input that holds all nodes. */
  readonly peers: string
  /** Starts one more node; every node knows it at once, as a voter unless told otherwise. */
  join(generation: Generation, options?: JoinOptions): Promise<RaftNode>
  /** Takes a member out of the cluster; its node goes on to answer. */
  remove(id: string): void
  close(): Promise<void>
}

/** Starts a cluster of these nodes, all of them voters, the first one the leader. */
export async function startCluster(...generations: readonly Generation[]): Promise<RaftCluster> {
  const nodes: RaftNode[] = []
  let members: readonly RaftMember[] = []
  const cluster: RaftCluster = {
    nodes,
    get members() {
      return members
    },
    get peers() {
      return nodes.map(({ entry }) => entry).join(',')
    },
    async join(generation, { suffrage = 'voter', leader = false, onAnswer } = {}) {
      const node: Node = await startNode(generation, leader, (count) => onAnswer?.(count, node))
      let told: readonly RaftMember[] | null = null
      const listener = await startRaftListener(() => told ?? members)
      const id = `n${nodes.length + 1}`
      const joined: RaftNode = {
        ...node,
        id,
        raftAddress: listener.address,
        entry: `${listener.address}=${node.address}`,
        tell(those) {
          told = those
        },
        async close() {
          await Promise.all([node.close(), listener.close()])
        },
      }
      nodes.push(joined)
      members = [...members, { id, address: listener.address, suffrage }]
      return joined
    },
    remove(gone) {
      members = members.filter(({ id }) => id !== gone)
    },
    async close() {
      await Promise.all(nodes.map((node) => node.close()))
    },
  }
  for (const generation of generations) {
    await cluster.join(generation, { leader: nodes.length === 0 })
  }
  return cluster
}
