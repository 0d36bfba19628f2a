import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flagsOf, foundingFlags, joiningFlags } from './flags.ts'
import {
  type ClusterPlan,
  type Credentials,
  type Generation,
  listenersOf,
  makeJoiner,
  makeNodes,
  type Node,
} from './node.ts'
import { kill, makeFolder, start } from './processes.ts'
import { addLearner, awaitLeader, moveLeader, removeMember } from './raftadmin.ts'
import { until } from './until.ts'

/** How long a node may take to serve, on a busy machine. */
const SERVING_MS = 40_000
const HEALTH_MS = 2_000

/** A real cluster on the loopback, its data in a temporary folder. */
export interface Cluster {
  readonly nodes: readonly Node[]
  /** The id of the node that leads a group, once all members know the same one. */
  leader(group: number): Promise<string>
  /** Moves the leader of a group to a node. */
  lead(group: number, id: string): Promise<void>
  /** Starts n4, say, which is a learner in one group and no member of any other, and waits until it serves. */
  join(id: string, group: number): Promise<void>
  /** Takes a node out of every group; it runs on, and the `--raftSqsMap` of all nodes still has it. */
  leave(id: string): Promise<void>
  /** Stops a node in the middle of what it does; it keeps its connections. */
  hang(id: string): void
  kill(id: string): Promise<void>
  /** Starts a node that was killed again on its data, as the newest binary, and waits until it serves. */
  restart(id: string): Promise<void>
  /** Kills all nodes. */
  stop(): Promise<void>
}

/** Starts a cluster, and waits until every node serves and every group has a leader that all members know. */
export async function startCluster(binaries: string, plan: ClusterPlan = {}): Promise<Cluster> {
  const { nodes: generations = ['elastickv', 'elastickv', 'elastickv'], groups = [1] } = plan
  const folder = makeFolder()
  const founders = await makeNodes(generations.length, groups, plan.ownHosts ?? false)
  const nodes = [...founders]
  let voters = [...founders]
  const processes = new Map<string, ChildProcess>()
  const founding = foundingFlags(founders, groups)
  const credentials = writeCredentials(folder, plan.credentials)
  const leader = (group: number) => awaitLeader(binaries, [...listenersOf(voters, group).values()])

  function launch(node: Node, generation: Generation, membership: readonly string[]): void {
    const data = join(folder, node.id)
    mkdirSync(data, { recursive: true })
    const own = [...flagsOf(node, founders, plan), '--raftDataDir', data, ...credentials]
    const log = join(folder, `${node.id}.log`)
    processes.set(node.id, start(join(binaries, generation), [...own, ...membership], log))
  }

  async function awaitServing({ id, sqs }: Node): Promise<void> {
    const child = processes.get(id)
    const answer = await until(`${id} to serve`, SERVING_MS, async () => {
      if (child?.exitCode !== null || child.signalCode !== null) return 'it ended'
      const signal = AbortSignal.timeout(HEALTH_MS)
      const { status } = await fetch(`http://${sqs}/sqs_health`, { signal })
      return status === 200 ? 'it serves' : undefined
    })
    if (answer === 'it serves') return
    const lines = readFileSync(join(folder, `${id}.log`), 'utf8')
      .trimEnd()
      .split('\n')
    throw new Error(`${id} ended: ${lines.slice(-3).join('\n')}`)
  }

  const awaitCluster = async (started: readonly Node[]) => {
    await Promise.all(started.map(awaitServing))
    for (const group of groups) await leader(group)
  }

  const cluster: Cluster = {
    nodes,
    leader,
    lead: (group, id) => moveLeader(binaries, listenersOf(voters, group), id),
    async join(id, group) {
      const node = await makeJoiner(id, group)
      launch(node, 'elastickv', joiningFlags([...voters, node], group))
      await addLearner(binaries, listenersOf(voters, group), id, node.raft.get(group) ?? '')
      nodes.push(node)
      await awaitServing(node)
    },
    async leave(id) {
      const stay = (node: Node) => node.id !== id
      for (const group of groups) await removeMember(binaries, listenersOf(voters, group), id)
      voters = voters.filter(stay)
      nodes.splice(0, nodes.length, ...nodes.filter(stay))
    },
    hang(id) {
      processes.get(id)?.kill('SIGSTOP')
    },
    async kill(id) {
      const child = processes.get(id)
      if (child !== undefined) await kill(child)
    },
    async restart(id) {
      const again = founders.filter((node) => node.id === id)
      for (const node of again) launch(node, 'elastickv', founding)
      await awaitCluster(again)
    },
    async stop() {
      await Promise.all([...processes.values()].map(kill))
    },
  }

  for (const [index, generation] of generations.entries()) {
    const node = founders[index]
    if (node !== undefined) launch(node, generation, founding)
  }
  try {
    await awaitCluster(founders)
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** Writes the file of `--sqsCredentialsFile`, and returns the flag. */
function writeCredentials(folder: string, pair: Credentials | undefined): string[] {
  if (pair === undefined) return []
  const path = join(folder, 'credentials.json')
  const credentials = [{ access_key_id: pair.id, secret_access_key: pair.secret }]
  writeFileSync(path, JSON.stringify({ credentials }), { mode: 0o600 })
  return ['--sqsCredentialsFile', path]
}
