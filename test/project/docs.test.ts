import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from '../../scripts/tools.ts'
import { loadCanaryInputs, loadInputs } from '../../src/inputs/inputs.ts'
import { inputEnv } from '../support/inputs.ts'
import { find, parsePage, read, textOf } from '../support/pages.ts'

const pages = globSync(['*.md', 'docs/*.md'], { cwd: ROOT })
  .map((path) => path.replaceAll('\\', '/'))
  .sort()

/** The anchors of a page, as GitHub makes them from its headings. */
const anchorsOf = (path: string): string[] =>
  find(parsePage(path), 'heading').map((heading) =>
    textOf(heading)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )

/** All that a page links to, also from raw HTML, such as the sources of a picture. */
function linksOf(path: string): string[] {
  const page = parsePage(path)
  const html = find(page, 'html').flatMap(({ value = '' }) =>
    [...value.matchAll(/(?:href|src|srcset)="([^"]*)"/g)].map(([, url = '']) => url),
  )
  const plain = ['link', 'image', 'definition'].flatMap((type) => find(page, type))
  return [...html, ...plain.map(({ url = '' }) => url)]
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly outputs: Readonly<Record<string, unknown>>
}
const action: Action = parse(read('action.yml'))
const canary: Action = parse(read('canary/action.yml'))
const gate: { on: { workflow_call: Record<'inputs' | 'secrets', Record<string, unknown>> } } =
  parse(read('.github/workflows/gate.yml'))

/** What a snippet may put in place of an expression, by input; `1` does for the others. */
const SAMPLES: Readonly<Record<string, string>> = {
  'partition-map': 'orders.fifo:2=1,1;htfifo-canary.fifo:2=1,1',
  'ca-certificate': '',
  'client-certificate': '',
  'client-key': '',
}
const somePeers = (count: number) => Array.from({ length: count }, (_, at) => `10.0.0.${at + 1}`)

interface Job {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, unknown>>
  readonly steps?: readonly Job[]
  readonly permissions?: unknown
  readonly 'timeout-minutes'?: number
}
interface Workflow {
  readonly name?: string
  readonly on?: unknown
  readonly permissions?: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

/** The jobs and steps that use the gate in a snippet: a workflow, its jobs, a list of steps, one step or its inputs. */
function usesOf(snippet: unknown): Job[] {
  if (Array.isArray(snippet)) return snippet.flatMap(usesOf)
  if (typeof snippet !== 'object' || snippet === null) return []
  const { jobs, steps }: { jobs?: Record<string, Job>; steps?: readonly Job[] } = snippet
  const inner = [...usesOf(steps ?? []), ...usesOf(Object.values(jobs ?? {}))]
  const { uses, ...rest }: Job = snippet
  const inputsOnly = Object.keys(rest).join() === 'with' && uses === undefined
  return inputsOnly || /^[\w.-]+\/htfifo-gate[/@]/.test(uses ?? '') ? [snippet, ...inner] : inner
}

const snippets = pages.flatMap((path) =>
  find(parsePage(path), 'code')
    .filter(({ lang }) => lang === 'yaml')
    .map(({ value = '' }, index) => ({ path, index: index + 1, value })),
)

describe.each(pages)('%s', (path) => {
  it('links to what is there', () => {
    for (const url of linksOf(path).filter((link) => !/^https?:/.test(link))) {
      const [file = '', anchor] = url.split('#')
      const target = file === '' ? path : join(dirname(path), file)
      expect(existsSync(join(ROOT, target)), `${url} in ${path}`).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(target), `${url} in ${path}`).toContain(anchor)
    }
  })
})

it('there are snippets to check', () => {
  expect(snippets.length).toBeGreaterThan(5)
})

describe('the first workflow of README.md', () => {
  const inReadme = snippets.filter(({ path }) => path === 'README.md')
  const first = inReadme.find(({ value }) => value.startsWith('name:'))?.value ?? ''
  const { jobs, ...workflow }: Workflow = parse(first)
  const all = Object.values(jobs)
  const steps = all.flatMap((job) => job.steps ?? [])
  const index = (wanted: (step: Job) => boolean) => steps.findIndex(wanted)

  it('is a whole workflow', () => {
    const keys = ['name', 'on', 'permissions']
    expect(Object.keys(workflow)).toEqual(keys)
    expect(Object.keys(Object(workflow.on))).toEqual(['workflow_dispatch'])
    expect(workflow.permissions).toEqual({})
    expect(all).toHaveLength(1)
    for (const job of all) {
      expect(Object.keys(job)).toEqual(expect.arrayContaining(['runs-on', 'steps']))
      expect(job['timeout-minutes']).toBeGreaterThan(0)
    }
    for (const step of steps) expect([step.uses, step.run].filter(Boolean)).toHaveLength(1)
  })

  it('checks out before it runs a script, by the pin of the examples, and leaves no credentials behind', () => {
    const checkout = steps[index(({ uses }) => uses?.startsWith('actions/checkout@') ?? false)]
    expect(steps.indexOf(checkout ?? {})).toBe(0)
    expect(first).toContain(/actions\/checkout@\S+ # \S+/.exec(read('examples/release.yml'))?.[0])
    expect(checkout?.with).toEqual({ 'persist-credentials': false })
    expect(all[0]?.permissions).toEqual({ contents: 'read' })
  })

  it('runs the script right after gate and canary, which check membership, and only after success', () => {
    const gate = index(({ uses }) => uses === 'OWNER/htfifo-gate@v1')
    expect(index(({ uses }) => uses === 'OWNER/htfifo-gate/canary@v1')).toBe(gate + 1)
    for (const { with: given = {} } of steps.slice(gate, gate + 2)) {
      expect(Object.keys(given)).toEqual(['peers', 'raft-port', 'expected-peers'])
    }
    expect(index(({ run }) => run !== undefined)).toBe(gate + 2)
    expect(steps).toHaveLength(gate + 3)
    expect(first).not.toMatch(/^ *(if|continue-on-error):/m)
  })
})

it('docs/design.md shows each room of the source', () => {
  const rooms = globSync('src/*/', { cwd: ROOT }).map((path) => path.split(/[\\/]/)[1] ?? '')
  const [diagram] = find(parsePage('docs/design.md'), 'code').filter(
    ({ lang }) => lang === 'mermaid',
  )
  const shown = [...(diagram?.value ?? '').matchAll(/src\/(\w+)/g)].map(([, room]) => room)
  expect(rooms.length).toBeGreaterThan(5)
  expect(shown.sort()).toEqual(rooms.sort())
})

describe.each(snippets)('snippet $index of $path', ({ value }) => {
  it('is YAML and sets inputs that exist to values that the gate takes', () => {
    for (const { uses = '', with: given = {}, secrets = {} } of usesOf(parse(value))) {
      if (uses.includes('/gate.yml@')) {
        const { inputs, secrets: known } = gate.on.workflow_call
        expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)))
        expect(Object.keys(known)).toEqual(expect.arrayContaining(Object.keys(secrets)))
        continue
      }
      const isCanary = uses.includes('/canary@')
      const { inputs } = isCanary ? canary : action
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)))
      const samples = { ...SAMPLES, peers: somePeers(Number(given['expected-peers']) || 1).join() }
      const passed = Object.entries(given).map(([name, value]) => [
        name,
        String(value).replace(/\$\{\{.*?\}\}/g, new Map(Object.entries(samples)).get(name) ?? '1'),
      ])
      const source = { env: inputEnv(Object.fromEntries(passed)), file: () => '' }
      const { problems } = isCanary ? loadCanaryInputs(source) : loadInputs(source)
      expect(problems).toEqual([])
    }
  })

  it('reads outputs that exist', () => {
    for (const [, id, name = ''] of value.matchAll(/steps\.(gate|canary)\.outputs\.([a-z-]+)/g)) {
      const { outputs } = id === 'canary' ? canary : action
      expect(Object.keys(outputs)).toContain(name)
    }
  })
})

describe('the command in CONTRIBUTING.md that replaces OWNER', () => {
  const commands = find(parsePage('CONTRIBUTING.md'), 'code').filter(({ value = '' }) =>
    value.startsWith('perl '),
  )
  const [, files = ''] = commands[0]?.value?.split("/g' ") ?? []
  const patterns = files.split(/[\s\\]+/)
  const slashes = (path: string) => path.replaceAll('\\', '/')

  it('names files that are there', () => {
    expect(commands).toHaveLength(1)
    for (const pattern of patterns) {
      expect(globSync(pattern, { cwd: ROOT }), pattern).not.toEqual([])
    }
  })

  it('names every file that has it', () => {
    const named = patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).map(slashes)
    const folders = ['.github', 'canary', 'docs', 'examples', 'sample', 'scripts', 'src', 'test']
    const texts = globSync(['*', ...folders.map((folder) => `${folder}/**/*`)], { cwd: ROOT })
      .map(slashes)
      .filter((path) => /(\.(md|ya?ml|[cm]?[jt]s|json)|CODEOWNERS)$/.test(path))
      .filter((path) => !path.includes('node_modules/'))
    expect(texts.length).toBeGreaterThan(100)
    const having = texts.filter((path) => /\bOWNER\b/.test(read(path)))
    expect(named).toEqual(
      expect.arrayContaining(having.filter((path) => path !== 'CONTRIBUTING.md')),
    )
  })
})
