/**
 * Takes the pictures of the job summaries for the documents: the bundles run against sample nodes that open the gate, that
 * close it, of which one is not in the list, that are rolled while the gate waits, and that the canary proves or does not. It
 * all happens in namespaces of its own, where the nodes have the names and ports that operators know, and nothing else can
 * be reached.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import type { Generation } from '../sample/cluster.ts'
import type { RaftMember } from '../sample/raft.ts'
import { startClusterWith } from '../sample/raft-cluster.ts'
import { runStep } from '../sample/runner.ts'
import { runInNamespace } from './namespace.ts'
import { ROOT } from './tools.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const WIDTH = 980
const BACKGROUND = { light: '#ffffff', dark: '#0d1117' } as const
type Theme = keyof typeof BACKGROUND

/** Set inside the namespaces. */
const INSIDE = 'HTFIFO_GATE_PICTURES'
const SQS_PORT = 9_324
/** The ports of the Raft listeners, one for each group. */
const RAFT_PORTS = [50_051, 50_061]
const HOSTS = ['kv01', 'kv02', 'kv03', 'kv04'].map((name) => `${name}.example.ts.net`)
/** Addresses that lead to this machine, although no device has them: an address of the runner itself would be warned of. */
const NETWORK = '10.0.0.0/24'
const ADDRESSES = HOSTS.map((_, place) => `10.0.0.${place + 1}`)
const PARTITION_MAP = 'htfifo-canary.fifo:4=1,2,1,2'

interface Scene {
  readonly name: string
  readonly action: 'gate' | 'canary'
  /** The binaries of the nodes; null is a node that is down. */
  readonly generations: readonly (Generation | null)[]
  /** After how many answers a node is upgraded, by its place. */
  readonly upgrades?: Readonly<Record<number, number>>
  /** The id of the node that leads the second Raft group. */
  readonly leader?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly succeeds: boolean
}

const MEMBERSHIP = { 'raft-port': RAFT_PORTS.join(',') }
const PROOF = { ...MEMBERSHIP, 'partition-map': PARTITION_MAP, limit: '10s' }
const SCENES: readonly Scene[] = [
  { name: 'closed', action: 'gate', generations: ['ready', 'legacy', null], succeeds: false },
  {
    name: 'open',
    action: 'gate',
    generations: ['ready', 'ready', 'ready'],
    inputs: { ...MEMBERSHIP, 'partition-map': 'orders.fifo:4=1,2,1,2' },
    succeeds: true,
  },
  {
    name: 'unlisted',
    action: 'gate',
    generations: ['ready', 'ready', 'ready', 'legacy'],
    inputs: MEMBERSHIP,
    succeeds: false,
  },
  {
    name: 'waited',
    action: 'gate',
    generations: ['ready', 'legacy', 'legacy'],
    upgrades: { 1: 2, 2: 3 },
    inputs: { ...MEMBERSHIP, wait: '10m', interval: '2s', 'stable-rounds': '2' },
    succeeds: true,
  },
  {
    name: 'proven',
    action: 'canary',
    generations: ['ready', 'ready', 'ready'],
    inputs: PROOF,
    succeeds: true,
  },
  {
    name: 'not-proven',
    action: 'canary',
    generations: ['ready', 'ready', 'ready'],
    leader: 'n2',
    inputs: PROOF,
    succeeds: false,
  },
]

/** Runs this script once more, where the nodes have names. */
function enterNamespaces(): number {
  const names = HOSTS.map((host, place) => `${ADDRESSES[place]} ${host}\n`)
  const files = { '/etc/hosts': names.join(''), '/etc/nsswitch.conf': 'hosts: files\n' }
  const { status } = runInNamespace(
    [import.meta.filename],
    { files, networks: [NETWORK] },
    { [INSIDE]: 'yes' },
    'inherit',
  )
  return status ?? 1
}

/** Passes on what comes to the port of a host; returns how to end that. */
async function forward(host: string, port: number, to: string): Promise<() => void> {
  const server = createServer((socket) => {
    const target = connect(Number(to.split(':')[1]), '127.0.0.1')
    socket.pipe(target).pipe(socket)
    for (const end of [socket, target]) end.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  return () => server.close()
}

/** Starts the nodes of a scene; returns how to end them. */
async function startScene({
  generations,
  upgrades = {},
  leader = 'n1',
}: Scene): Promise<() => void> {
  const cluster = await startClusterWith({ groups: RAFT_PORTS.length, partitionMap: PARTITION_MAP })
  for (const [place, generation] of generations.entries()) {
    await cluster.join(generation ?? 'ready', {
      suffrage: place < 3 ? 'voter' : 'learner',
      onAnswer(count, node) {
        if (count === upgrades[place]) node.upgrade('ready')
      },
    })
  }
  cluster.lead(2, leader)
  const ends: (() => unknown)[] = [() => cluster.close()]
  for (const [place, node] of cluster.nodes.entries()) {
    const host = ADDRESSES[place] ?? ''
    if (generations[place] === null) await node.close()
    else ends.push(await forward(host, SQS_PORT, node.address))
    for (const [index, port] of RAFT_PORTS.entries()) {
      const addressOf = (id: string) => `${HOSTS[Number(id.slice(1)) - 1]}:${port}`
      const members = cluster.groups[index]?.members ?? []
      const named = members.map(({ id, suffrage }): RaftMember => {
        return { id, suffrage, address: addressOf(id) }
      })
      node.tell(named, index + 1)
      node.tellStatus({ leaderAddress: addressOf(index === 0 ? 'n1' : leader) }, index + 1)
      const raftAddress = node.raftAddresses[index] ?? ''
      if (generations[place] !== null) ends.push(await forward(host, port, raftAddress))
    }
  }
  return () => {
    for (const end of ends) end()
  }
}

/** Runs the bundle against the nodes of a scene, with the first three of them in the list, and returns the summary. */
async function playScene(scene: Scene): Promise<string> {
  const end = await startScene(scene)
  const peers = HOSTS.slice(0, 3).map((host, place) => `n${place + 1}=${host}`)
  const inputs = { ...scene.inputs, peers: peers.join('\n') }
  const step = await runStep(inputs, { action: scene.action })
  end()
  if ((step.code === 0) !== scene.succeeds) throw new Error(`${scene.name}: ${step.stdout}`)
  return step.summary
}

/** Markdown as a page in the look of GitHub: GitHub-flavoured, with HTML, and sanitized by GitHub's own list. */
async function renderPage(markdown: string, theme: Theme): Promise<string> {
  const html = await unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkRehype, { allowDangerousHtml: true })
    .use(rehypeRaw)
    .use(rehypeSanitize)
    .use(rehypeStringify)
    .process(markdown)
  const css = `node_modules/github-markdown-css/github-markdown-${theme}.css`
  return `<!doctype html><meta charset="utf-8"><style>${readFileSync(join(ROOT, css), 'utf8')}
    body { margin: 0; background: ${BACKGROUND[theme]} } article { padding: 16px 24px 8px }</style>
    <article class="markdown-body">${html}</article>`
}

/** Takes a picture of a page, as high as its content, in a palette of 64 colours: a third of the size, and no difference to see. */
async function takePicture(browser: Browser, html: string, path: string): Promise<void> {
  const page = await browser.newPage({
    viewport: { width: WIDTH, height: 200 },
    deviceScaleFactor: 1.5,
    offline: true,
  })
  await page.setContent(html)
  await page.screenshot({ path: join(ROOT, path), fullPage: true })
  await page.close()
  execFileSync('pngquant', [
    '--force',
    '--strip',
    '--speed=1',
    '--ext=.png',
    '64',
    join(ROOT, path),
  ])
  console.log(path)
}

if (process.env[INSIDE] === undefined) process.exit(enterNamespaces())

// No sandbox, because root has none; the pages are this project's own, and offline.
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-lcd-text'],
})
for (const scene of SCENES) {
  const summary = await playScene(scene)
  for (const theme of ['light', 'dark'] as const) {
    const path = `docs/summary-${scene.name}-${theme}.png`
    await takePicture(browser, await renderPage(summary, theme), path)
  }
}
await browser.close()
