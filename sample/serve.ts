/**
 * Sample clusters in the background, for workflows: `node sample/serve.ts` starts them, prints their addresses, writes
 * them to GITHUB_OUTPUT if that is set, and ends. The clusters stop on their own after ten minutes, or after as many
 * seconds as the argument says.
 *
 * `ready` is upgraded, `mixed` is in the middle of a rolling upgrade and stays there, and `upgrading` goes on with it:
 * its second node is upgraded after the second answer and its third after the third, so that the fourth round is the
 * first in which all of them advertise. `gone` is an address on which nothing listens any more.
 *
 * `confirmed` holds all members of an upgraded cluster, each with its Raft address in front of the `=`; `unlisted` holds
 * three members of a cluster of four, of which the fourth, n4, is a learner.
 *
 * `provable` and `unprovable` are for the canary: upgraded clusters with two Raft groups, which `partition-map` spreads its
 * queue over. One node leads both groups of the first; each group of the second has a leader of its own.
 */
import { fork } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Generation, type Node, startNode } from './cluster.ts'
import { startCluster, startClusterWith } from './raft-cluster.ts'

const DEFAULT_SECONDS = 600
const PARTITION_MAP = 'htfifo-canary.fifo:4=1,2,1,2'
const seconds = Number(process.argv[2] ?? DEFAULT_SECONDS)

/** Runs in the background: tells its parent the addresses, then serves until the time is over. */
async function serve(): Promise<void> {
  const gone = await startNode('ready')
  const clusters = {
    ready: peers(await Promise.all([startNode('ready', true), startNode('ready')])),
    mixed: peers(
      await Promise.all([startNode('ready', true), startNode('listing'), startNode('legacy')]),
    ),
    upgrading: peers(
      await Promise.all([
        startNode('ready', true),
        startUpgraded('listing', 2),
        startUpgraded('legacy', 3),
      ]),
    ),
    confirmed: (await startCluster('ready', 'ready', 'ready')).peers,
    unlisted: await startUnlisted(),
    provable: await startForCanary('n1'),
    unprovable: await startForCanary('n2'),
    'partition-map': PARTITION_MAP,
    gone: gone.address,
  }
  // Closed last, so that no other node got its port.
  await gone.close()
  process.send?.(clusters)
  setTimeout(() => process.exit(0), seconds * 1_000)
}

const peers = (nodes: readonly Node[]) =>
  nodes.map(({ address }, index) => `n${index + 1}=${address}`).join(',')

/** Starts a node that is upgraded once it has given so many answers. */
async function startUpgraded(generation: Generation, answers: number): Promise<Node> {
  const node = await startNode(generation, false, (count) => {
    if (count === answers) node.upgrade('ready')
  })
  return node
}

/** Starts a cluster, and a learner that the list does not hold. */
async function startUnlisted(): Promise<string> {
  const cluster = await startCluster('ready', 'ready', 'ready')
  const { peers } = cluster
  await cluster.join('ready', { suffrage: 'learner' })
  return peers
}

/** Starts a cluster with two groups, of which n1 leads the first, and this node the second. */
async function startForCanary(leader: string): Promise<string> {
  const options = { groups: 2, partitionMap: PARTITION_MAP }
  const cluster = await startClusterWith(options, 'ready', 'ready', 'ready')
  cluster.lead(2, leader)
  return cluster.peers
}

function startInBackground(): void {
  const child = fork(fileURLToPath(import.meta.url), [String(seconds)], {
    detached: true,
    stdio: 'ignore',
  })
  child.on('error', (error) => {
    throw error
  })
  child.on('exit', (code) => {
    throw new Error(`the sample clusters ended with ${code} before they were up`)
  })
  child.on('message', (clusters: Record<string, string>) => {
    const lines = Object.entries(clusters).map(([name, list]) => `${name}=${list}\n`)
    process.stdout.write(lines.join(''))
    const output = process.env['GITHUB_OUTPUT']
    if (output !== undefined && output !== '') appendFileSync(output, lines.join(''))
    child.removeAllListeners('exit')
    child.disconnect()
    child.unref()
  })
}

if (!(seconds > 0 && seconds <= 3_600)) {
  throw new Error(`found "${process.argv[2]}", expected 1 to 3600 seconds`)
}
if (process.send === undefined) startInBackground()
else await serve()
