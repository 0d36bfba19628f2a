import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { shrinkPng } from './png.ts'
import { ROOT } from './tools.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const WIDTH = 980
const LIMIT_MS = 60_000

/** Markdown as GitHub shows it: GitHub-flavoured, with HTML, and sanitized by GitHub's own list. */
export async function renderMarkdown(markdown: string): Promise<string> {
  const file = await unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkRehype, { allowDangerousHtml: true })
    .use(rehypeRaw)
    .use(rehypeSanitize)
    .use(rehypeStringify)
    .process(markdown)
  return String(file)
}

/** Takes a picture of HTML in the look of GitHub, as high as the content is, and writes it as PNG. */
export function takePicture(html: string, theme: 'light' | 'dark', path: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-picture-'))
  const page = join(folder, 'page.html')
  const css = readFileSync(
    join(ROOT, `node_modules/github-markdown-css/github-markdown-${theme}.css`),
    'utf8',
  )
  const background = theme === 'light' ? '#ffffff' : '#0d1117'
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><style>${css}
    html { background: ${background} } body { margin: 0 } article { padding: 16px 24px 8px }</style>
    <article class="markdown-body">${html}</article>
    <script>document.title = Math.ceil(document.querySelector('article').getBoundingClientRect().height)</script>`,
  )
  const url = pathToFileURL(page).href
  try {
    const dom = chromium(folder, [`--window-size=${WIDTH},800`, '--dump-dom', url])
    const height = Number(/<title>(\d+)<\/title>/.exec(dom)?.[1])
    if (!(height > 0 && height < 5_000)) throw new Error(`the page is ${height} pixels high`)
    const shot = ['--force-device-scale-factor=1.5', `--screenshot=${path}`]
    chromium(folder, [`--window-size=${WIDTH},${height}`, ...shot, url])
    writeFileSync(path, shrinkPng(readFileSync(path)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function chromium(folder: string, args: readonly string[]): string {
  const quiet = ['background-networking', 'component-update', 'sync'].map(
    (name) => `--disable-${name}`,
  )
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  const profile = `--user-data-dir=${join(folder, 'profile')}`
  const { status, stdout, stderr, error } = spawnSync(
    CHROMIUM,
    [...flags, ...quiet, '--hide-scrollbars', '--disable-lcd-text', profile, ...args],
    { encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 64 * 1_024 * 1_024 },
  )
  if (status !== 0) throw new Error(`${CHROMIUM}: ${error?.message ?? stderr}`)
  return stdout
}
