/**
 * The main job on a sample cluster: a gate that is closed while one node is still old, and a gate that waits and
 * opens on its own while the cluster is upgraded node by node. Then a cluster with a member that is not in the list: a gate
 * that asks the cluster itself is closed until it is. Last a cluster with two Raft groups: the gate opens and the canary
 * proves it, until an election leaves each group with a leader of its own, which no gate can see. With addresses as
 * arguments, one gate on those. Exits 0 only if it went that way.
 */
import { startNode } from './cluster.ts'
import { startCluster, startClusterWith } from './raft-cluster.ts'
import { runStep, type Step } from './runner.ts'

const print = (text: string) => process.stdout.write(text)
const title = (text: string) => print(`\n━━━ ${text}\n\n`)

function show({ code, summary, stderr }: Step): void {
  print(`${stderr}\n${summary}\nexit status ${code}\n`)
}

async function showUpgrade(): Promise<boolean> {
  const nodes = [
    await startNode('ready', true),
    await startNode('listing'),
    await startNode('legacy'),
  ]
  const peers = nodes.map(({ address }, index) => `n${index + 1}=${address}`).join('\n')
  try {
    title('A rolling upgrade is not done: n2 does not list htfifo, n3 is an old binary')
    const closed = await runStep({ peers }, { onLog: print })
    show(closed)

    title('The gate waits while n2 and n3 are upgraded, one after each round')
    const old = nodes.slice(1)
    const waited = await runStep(
      { peers, wait: '30s', interval: '500ms', 'stable-rounds': '2' },
      {
        onLog(text) {
          print(text)
          if (/^round /m.test(text)) old.shift()?.upgrade('ready')
        },
      },
    )
    show(waited)
    return closed.code === 1 && waited.code === 0 && waited.outputs['all-advertise'] === 'true'
  } finally {
    for (const node of nodes) await node.close()
  }
}

async function showMembership(): Promise<boolean> {
  const cluster = await startCluster('ready', 'ready', 'ready')
  try {
    const { peers } = cluster
    await cluster.join('ready', { suffrage: 'learner' })
    // Each entry has its own Raft address, on a port of its own: this one is asked nowhere.
    const ask = { 'raft-port': '50051' }
    title('The cluster has four members, n4 has just joined, and the list holds three of them')
    const closed = await runStep({ peers, ...ask }, { onLog: print })
    show(closed)

    title('All four are in the list')
    const opened = await runStep({ peers: cluster.peers, ...ask }, { onLog: print })
    show(opened)
    return (
      closed.code === 1 &&
      closed.outputs['unlisted-members'] === '["n4"]' &&
      opened.code === 0 &&
      opened.outputs['membership'] === 'complete'
    )
  } finally {
    await cluster.close()
  }
}

async function showCanary(): Promise<boolean> {
  const partitionMap = 'htfifo-canary.fifo:4=1,2,1,2'
  const cluster = await startClusterWith({ groups: 2, partitionMap }, 'ready', 'ready', 'ready')
  try {
    const inputs = { peers: cluster.peers, 'raft-port': '50051', 'partition-map': partitionMap }
    const runCanary = () => runStep({ ...inputs, limit: '10s' }, { action: 'canary', onLog: print })
    title('A cluster with two Raft groups, both led by n1: the gate opens')
    const opened = await runStep(inputs, { onLog: print })
    show(opened)

    title('The canary sends messages through every partition and gets them back')
    const proven = await runCanary()
    show(proven)

    title(
      'An election: n2 leads the second group now. All nodes advertise, and the gate would open',
    )
    cluster.lead(2, 'n2')
    const failed = await runCanary()
    show(failed)
    const { step, 'queue-left': left } = failed.outputs
    return (
      opened.outputs['membership'] === 'complete' &&
      proven.code === 0 &&
      proven.outputs['proven'] === 'true' &&
      failed.code === 1 &&
      step === 'receive' &&
      left === 'false' &&
      cluster.queues.size === 0
    )
  } finally {
    await cluster.close()
  }
}

const addresses = process.argv.slice(2)
if (addresses.length > 0) {
  const step = await runStep({ peers: addresses.join('\n') }, { onLog: print })
  show(step)
  process.exitCode = step.code ?? 1
} else {
  const asExpected = (await showUpgrade()) && (await showMembership()) && (await showCanary())
  title(
    asExpected ? 'Closed, then opened, twice; proven, then not: as expected' : 'NOT as expected',
  )
  process.exitCode = asExpected ? 0 : 1
}
