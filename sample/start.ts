/**
 * The main job on a sample cluster: a gate that is closed while one node is still old, and a gate that waits and
 * opens on its own while the cluster is upgraded node by node. Then a cluster with a member that is not in the list: a gate
 * that asks the cluster itself is closed until it is. With addresses as arguments, one gate on those. Exits 0 only if it
 * went that way.
 */
import { startNode } from './cluster.ts'
import { startCluster } from './raft-cluster.ts'
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

const addresses = process.argv.slice(2)
if (addresses.length > 0) {
  const step = await runStep({ peers: addresses.join('\n') }, { onLog: print })
  show(step)
  process.exitCode = step.code ?? 1
} else {
  const asExpected = (await showUpgrade()) && (await showMembership())
  title(asExpected ? 'Closed, then opened, twice: as expected' : 'NOT as expected')
  process.exitCode = asExpected ? 0 : 1
}
