/**
 * Takes the pictures of the job summary for the README: the bundle runs against sample nodes, once with an upgraded
 * cluster, once with one old node and one that lacks the capability, and once waiting for a roll-out. The nodes have
 * names because the gate reaches them through a proxy that knows them.
 */
import { join } from 'node:path'
import { type Generation, type Node, startNode } from '../sample/cluster.ts'
import { runStep } from '../sample/runner.ts'
import { renderMarkdown, takePicture } from './browser.ts'
import { startProxy } from './fronts.ts'
import { ROOT } from './tools.ts'

interface Scene {
  readonly name: string
  readonly generations: readonly Generation[]
  /** After how many answers a node is upgraded, by its place. */
  readonly upgrades?: Readonly<Record<number, number>>
  readonly inputs?: Readonly<Record<string, string>>
  readonly open: boolean
}

const SCENES: readonly Scene[] = [
  {
    name: 'open',
    generations: ['ready', 'ready', 'ready'],
    inputs: { 'partition-map': 'orders.fifo:4=11,12,13,14' },
    open: true,
  },
  { name: 'closed', generations: ['ready', 'listing', 'legacy'], open: false },
  {
    name: 'waited',
    generations: ['ready', 'legacy', 'legacy'],
    upgrades: { 1: 2, 2: 3 },
    inputs: { wait: '10m', interval: '2s', 'stable-rounds': '2' },
    open: true,
  },
]

async function startScene({ generations, upgrades = {} }: Scene): Promise<readonly Node[]> {
  const nodes: Node[] = []
  for (const [place, generation] of generations.entries()) {
    const node = await startNode(generation, place === 0, (count) => {
      if (count === upgrades[place]) node.upgrade('ready')
    })
    nodes.push(node)
  }
  return nodes
}

for (const scene of SCENES) {
  const nodes = await startScene(scene)
  const host = (place: number) => `kv0${place + 1}.example.ts.net`
  const proxy = await startProxy(
    Object.fromEntries(nodes.map(({ address }, place) => [`${host(place)}:9324`, address])),
  )
  const peers = nodes.map((_, place) => `n${place + 1}=${host(place)}`).join('\n')
  const step = await runStep(
    { ...scene.inputs, peers },
    { env: { http_proxy: `http://${proxy.address}` } },
  )
  for (const node of nodes) await node.close()
  proxy.close()
  if ((step.code === 0) !== scene.open) throw new Error(`${scene.name}: ${step.stdout}`)
  const html = await renderMarkdown(step.summary)
  for (const theme of ['light', 'dark'] as const) {
    const path = `docs/summary-${scene.name}-${theme}.png`
    takePicture(html, theme, join(ROOT, path))
    console.log(path)
  }
}
