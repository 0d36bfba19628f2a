/**
 * Takes the pictures of the job summary for the README: the bundle runs against sample nodes, once with an upgraded
 * cluster, once with one old node and one that lacks the capability, and once waiting for a roll-out. The nodes have
 * names because the gate reaches them through a proxy that knows them.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { type Generation, type Node, startNode } from '../sample/cluster.ts'
import { startProxy } from '../sample/proxy.ts'
import { runStep } from '../sample/runner.ts'
import { ROOT } from './tools.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const WIDTH = 980
const BACKGROUND = { light: '#ffffff', dark: '#0d1117' } as const
type Theme = keyof typeof BACKGROUND

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

/** Runs the bundle against the nodes of a scene and returns the summary. */
async function playScene(scene: Scene): Promise<string> {
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
