/**
 * Takes the pictures of the job summary for the documents: the bundle runs against sample nodes that open the gate, that
 * close it, of which one is not in the list, and that are rolled while the gate waits. It all happens in namespaces of its
 * own, where the nodes have the names and ports that operators know, and nothing else can be reached.
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
import { type Generation, startNode } from '../sample/cluster.ts'
import { type RaftMember, startRaftListener } from '../sample/raft.ts'
import { runStep } from '../sample/runner.ts'
import { runInNamespace } from './namespace.ts'
import { ROOT } from './tools.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const WIDTH = 980
const BACKGROUND = { light: '#ffffff', dark: '#0d1117' } as const
type Theme = keyof typeof BACKGROUND

/** Set inside the namespaces. */
const INSIDE = 'HTFIFO_GATE_PICTURES'
const RAFT_PORT = 50_051
const HOSTS = ['kv01', 'kv02', 'kv03', 'kv04'].map((name) => `${name}.example.ts.net`)
/** Each name is an address of the loopback. */
const ADDRESSES = HOSTS.map((_, place) => `127.0.0.${place + 1}`)

interface Scene {
  readonly name: string
  /** The binaries of the nodes; null is a node that is down. */
  readonly generations: readonly (Generation | null)[]
  /** After how many answers a node is upgraded, by its place. */
  readonly upgrades?: Readonly<Record<number, number>>
  readonly inputs?: Readonly<Record<string, string>>
  readonly open: boolean
}

const MEMBERSHIP = { 'raft-port': String(RAFT_PORT) }
const SCENES: readonly Scene[] = [
  { name: 'closed', generations: ['ready', 'legacy', null], open: false },
  {
    name: 'open',
    generations: ['ready', 'ready', 'ready'],
    inputs: { ...MEMBERSHIP, 'partition-map': 'orders.fifo:4=11,12,13,14' },
    open: true,
  },
  {
    name: 'unlisted',
    generations: ['ready', 'ready', 'ready', 'legacy'],
    inputs: MEMBERSHIP,
    open: false,
  },
  {
    name: 'waited',
    generations: ['ready', 'legacy', 'legacy'],
    upgrades: { 1: 2, 2: 3 },
    inputs: { ...MEMBERSHIP, wait: '10m', interval: '2s', 'stable-rounds': '2' },
    open: true,
  },
]

/** Runs this script once more, where the nodes have names. */
function enterNamespaces(): number {
  const names = HOSTS.map((host, place) => `${ADDRESSES[place]} ${host}\n`)
  const files = { '/etc/hosts': names.join(''), '/etc/nsswitch.conf': 'hosts: files\n' }
  const { status } = runInNamespace(
    [import.meta.filename],
    { files },
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
async function startScene({ generations, upgrades = {} }: Scene): Promise<() => void> {
  const members = generations.map((_, place): RaftMember => {
    const suffrage = place < 3 ? 'voter' : 'learner'
    return { id: `n${place + 1}`, address: `${HOSTS[place]}:${RAFT_PORT}`, suffrage }
  })
  const ends: (() => void)[] = []
  for (const [place, generation] of generations.entries()) {
    if (generation === null) continue
    const node = await startNode(generation, place === 0, (count) => {
      if (count === upgrades[place]) node.upgrade('ready')
    })
    const listener = await startRaftListener(() => members)
    const host = ADDRESSES[place] ?? ''
    ends.push(await forward(host, 9_324, node.address), () => node.close())
    ends.push(await forward(host, RAFT_PORT, listener.address), () => listener.close())
  }
  return () => {
    for (const end of ends) end()
  }
}

/** Runs the bundle against the nodes of a scene, with the first three of them in the list, and returns the summary. */
async function playScene(scene: Scene): Promise<string> {
  const end = await startScene(scene)
  const peers = HOSTS.slice(0, 3).map((host, place) => `n${place + 1}=${host}`)
  const step = await runStep({ ...scene.inputs, peers: peers.join('\n') })
  end()
  if ((step.code === 0) !== scene.open) throw new Error(`${scene.name}: ${step.stdout}`)
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
