/**
 * The main job on a sample cluster: a gate that is closed while one node is still old, and a gate that waits and
 * opens on its own while the cluster is upgraded node by node. With addresses as arguments, one gate on those.
 * Exits 0 only if it went that way.
 */
import { startNode } from './cluster.ts'
import { runStep, type Step } from './runner.ts'

const print = (text: string) => process.stdout.write(text)
const title = (text: string) => print(`\n━━━ ${text}\n\n`)

function show({ code, summary, stderr }: Step): void {
  print(`${stderr}\n${summary}\nexit status ${code}\n`)
}

async function showSample(): Promise<boolean> {
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

const addresses = process.argv.slice(2)
if (addresses.length > 0) {
  const step = await runStep({ peers: addresses.join('\n') }, { onLog: print })
  show(step)
  process.exitCode = step.code ?? 1
} else {
  const asExpected = await showSample()
  title(asExpected ? 'Closed, then opened: as expected' : 'NOT as expected')
  process.exitCode = asExpected ? 0 : 1
}
