import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Node, startNode } from '../../sample/cluster.ts'
import { BUNDLE, runStep, type Step } from '../../sample/runner.ts'
import { checkEnd } from '../support/ends.ts'
import { preload as preloaded } from '../support/preload.ts'
import { toldBy } from '../support/rows.ts'
import { SWEEPING, sample } from '../support/sampling.ts'
import { GOOD, onRequest, reply, serve } from '../support/servers.ts'
import { hasTool } from '../support/tools.ts'

const FULL = '/dev/full'
/** When a process that hangs is ended, as the time limit of a step does. */
const HUNG_MS = 4_000
const OLD_NODE = '/usr/bin/node'
const hasOldNode = hasTool(
  OLD_NODE,
  ['-e', 'process.exit(Number.parseInt(process.versions.node) < 24 ? 0 : 1)'],
  'the test of a Node.js that is too old',
)

let ready: Node
let legacy: Node
let folder: string
beforeAll(async () => {
  ready = await startNode('ready')
  legacy = await startNode('legacy')
})
afterAll(async () => {
  await ready.close()
  await legacy.close()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-green-'))
})
const removers: (() => void)[] = []
afterEach(() => {
  rmSync(folder, { recursive: true })
  for (const remove of removers.splice(0)) remove()
})

/** The last `all-advertise` in an output file, as the runner reads it. */
const lastAdvertise = (text: string) =>
  text.match(/(?<=^all-advertise(?:=|<<.*\n))(true|false)$/gm)?.at(-1)

function expectClosed({ code, stdout, outputs }: Step): void {
  expect(code).toBe(1)
  expect(outputs['all-advertise'] ?? 'false').toBe('false')
  expect(stdout.match(/^::error::htfifo gate CLOSED: /gm)).toHaveLength(1)
  expect(stdout).not.toContain('OPEN')
}

/** No stack trace, and nothing about promises or exceptions that nobody handled. */
function expectQuiet({ stderr }: Step): void {
  expect(stderr).not.toMatch(/^ +at |[Uu]nhandled|uncaught/m)
}

it('is green where nothing goes wrong, so that the tests below mean something', async () => {
  const step = await runStep({ peers: ready.address })
  expect(step).toMatchObject({ code: 0, outputs: { 'all-advertise': 'true' } })
})

it.each([
  ['missing', () => join(folder, 'nothing')],
  ['a folder', () => folder],
  ['full', () => FULL],
  ['behind a file', () => join(BUNDLE, 'output')],
])('an output file that is %s: closed, with the reason in the annotation', async (_, path) => {
  const step = await runStep({ peers: ready.address }, { env: { GITHUB_OUTPUT: path() } })
  expectClosed(step)
  expectQuiet(step)
  expect(step.stdout).toMatch(
    /^::error::htfifo gate CLOSED: the gate itself failed.%0A.*E[A-Z]+|Missing file/m,
  )
})

it('an output file that is full only for the last line: the step fails, whatever was written before', async () => {
  const step = await runStep(
    { peers: ready.address },
    {
      env: preload(`
        const append = fs.appendFileSync
        fs.appendFileSync = (path, text, ...rest) => {
          if (/^all-advertise<<.*\\s+true/.test(text)) throw Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' })
          append(path, text, ...rest)
        }`),
    },
  )
  expect(step.code).toBe(1)
  expect(step.outputs['all-advertise']).toBe('false')
  expect(step.stdout.match(/^::error::htfifo gate CLOSED: /gm)).toHaveLength(1)
  expectQuiet(step)
})

it('no output file: the verdict stands, as without a runner', async () => {
  const env = { GITHUB_OUTPUT: '' }
  expect((await runStep({ peers: ready.address }, { env })).code).toBe(0)
  const closed = await runStep({ peers: legacy.address }, { env })
  expect(closed.code).toBe(1)
  expect(closed.stdout).not.toContain('name=all-advertise::true')
})

it.each([
  ['missing', () => join(folder, 'nothing')],
  ['a folder', () => folder],
  ['full', () => FULL],
  ['empty', () => ''],
  ['not set', () => undefined],
])('a summary file that is %s: a warning, and the gate is open', async (_, path) => {
  const env = { GITHUB_STEP_SUMMARY: path() }
  const open = await runStep({ peers: ready.address }, { env })
  expect(open).toMatchObject({ code: 0, outputs: { 'all-advertise': 'true' } })
  expect(open.stdout.match(/^::warning::The job summary could not be written/gm)).toHaveLength(1)
  expect(open.stdout).toContain(
    `could not be written: ${(path() ?? '') === '' ? 'GITHUB_STEP_SUMMARY is not set' : 'E'}`,
  )
  expect(open.stdout).toMatch(/^::warning::The job summary .*GITHUB_STEP_SUMMARY/m)
  expectQuiet(open)
})

it.each([
  ['missing', () => join(folder, 'nothing')],
  ['a file', () => BUNDLE],
])(
  'a temporary directory that is %s: a warning, no path, and the gate is open',
  async (_, path) => {
    const env = { RUNNER_TEMP: path() }
    const open = await runStep({ peers: ready.address }, { env })
    expect(open).toMatchObject({
      code: 0,
      outputs: { 'all-advertise': 'true', 'report-path': '' },
    })
    expect(open.stdout).toContain('::warning::The report file could not be written')
  },
)

it('neither a summary nor a report file that can be written: a closed gate stays closed', async () => {
  const env = { GITHUB_STEP_SUMMARY: FULL, RUNNER_TEMP: join(folder, 'nothing') }
  const step = await runStep({ peers: legacy.address }, { env })
  expectClosed(step)
  expect(step.stdout).toMatch(/^::warning::The job summary could not be written/m)
  expect(step.stdout).toContain('::warning::The report file could not be written')
})

it('no temporary directory: that of the system', async () => {
  const env = { RUNNER_TEMP: '', TMPDIR: folder }
  const step = await runStep({ peers: ready.address }, { env })
  expect(step.code).toBe(0)
  expect(step.outputs['report-path']?.startsWith(folder)).toBe(true)
  expect(existsSync(step.outputs['report-path'] ?? '')).toBe(true)
})

const start = (stdio: ('ignore' | 'pipe')[], peers: string): ChildProcess => {
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'md') }
  for (const file of Object.values(files)) writeFileSync(file, '')
  const { PATH } = process.env
  const env = { PATH, RUNNER_TEMP: folder, ...files, INPUT_PEERS: peers, INPUT_TIMEOUT: '2s' }
  return spawn(process.execPath, [BUNDLE], { stdio, env })
}
const codeOf = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.on('exit', resolve))

it.each([0, 1, 2])(
  'standard output a closed pipe, %i lines in: never green on an old peer',
  async (lines) => {
    const child = start(['ignore', 'pipe', 'pipe'], `${ready.address},${legacy.address}`)
    const code = codeOf(child)
    let seen = 0
    if (lines === 0) child.stdout?.destroy()
    child.stdout?.on('data', (text) => {
      seen += String(text).split('\n').length - 1
      if (seen >= lines) child.stdout?.destroy()
    })
    child.stdout?.on('error', () => undefined)
    expect(await code).toBe(1)
    expect(lastAdvertise(readFileSync(join(folder, 'output'), 'utf8'))).toBe('false')
  },
)

it('standard output a closed pipe: the step ends, with status and output that agree', async () => {
  const child = start(['ignore', 'pipe', 'pipe'], ready.address)
  child.stdout?.destroy()
  const code = await codeOf(child)
  const last = lastAdvertise(readFileSync(join(folder, 'output'), 'utf8'))
  expect([code, last]).toEqual([1, 'false'])
})

it('standard error a closed pipe: the verdict stands', async () => {
  const child = start(['ignore', 'ignore', 'pipe'], ready.address)
  child.stderr?.destroy()
  expect(await codeOf(child)).toBe(0)
  expect(lastAdvertise(readFileSync(join(folder, 'output'), 'utf8'))).toBe('true')
})

it('a process that is killed at any moment never leaves true before all rounds were complete', async () => {
  // One round of the three is complete with each answer; only after the third may the gate say true.
  let answered = 0
  await using peer = await serve(
    onRequest((socket) => {
      answered++
      socket.end(reply(GOOD))
    }),
  )
  for (let trial = 0; trial < (SWEEPING ? 25 : 5); trial++) {
    answered = 0
    const step = await runStep(
      { peers: peer.address, 'stable-rounds': '3', interval: '100ms' },
      {
        onStart: (child) => setTimeout(() => child.kill('SIGKILL'), trial * (SWEEPING ? 20 : 100)),
      },
    )
    const isTrue = step.outputs['all-advertise'] === 'true'
    if (step.code === 0) expect(isTrue).toBe(true)
    if (isTrue) expect(answered).toBe(3)
    else expect(step.code).not.toBe(0)
  }
})

it('a process that is killed at any moment, with one old peer, never leaves true', async () => {
  for (let trial = 0; trial < (SWEEPING ? 15 : 3); trial++) {
    const step = await runStep(
      { peers: `${ready.address},${legacy.address}`, wait: '10s', interval: '100ms' },
      {
        onStart: (child) =>
          setTimeout(() => child.kill('SIGKILL'), 20 + trial * (SWEEPING ? 30 : 150)),
      },
    )
    expect(step.code).toBeNull()
    expect(step.outputs['all-advertise'] ?? 'false').toBe('false')
  }
})

it.skipIf(!hasOldNode)('a Node.js that is too old gets one clear line and no stack', async () => {
  const step = await runStep({ peers: ready.address }, { node: OLD_NODE })
  expectClosed(step)
  expect(step.stderr).toBe('')
  expect(step.outputs).toEqual({ 'all-advertise': 'false' })
  expect(step.stdout).toMatch(
    /^::error::htfifo gate CLOSED: it needs Node\.js 24 or newer, found [^\n]*\n$/,
  )
})

it.skipIf(!hasOldNode).each([FULL, '/nonexistent/output', ''])(
  'a Node.js that is too old is told with the output file "%s" as well',
  async (path) => {
    const step = await runStep(
      { peers: ready.address },
      { node: OLD_NODE, env: { GITHUB_OUTPUT: path } },
    )
    expectClosed(step)
    expect(step.stderr).toBe('')
  },
)

/** The environment in which a piece of code runs before the bundle. */
function preload(code: string): NodeJS.ProcessEnv {
  const { env, remove } = preloaded(code)
  removers.push(remove)
  return env
}

/** Every collaborator of the gate: files, network, clocks, promises, encodings. */
const COLLABORATORS = [
  'fs.appendFileSync',
  'fs.existsSync',
  'fs.writeFileSync',
  'fs.promises.appendFile',
  'fs.promises.writeFile',
  'fs.promises.access',
  'net.connect',
  'net.isIP',
  'net.Socket.prototype.connect',
  'net.Socket.prototype.write',
  'net.Socket.prototype.destroy',
  'dns.lookup',
  'crypto.randomUUID',
  'os.tmpdir',
  'path.join',
  'globalThis.setTimeout',
  'globalThis.clearTimeout',
  'globalThis.setImmediate',
  'globalThis.queueMicrotask',
  'globalThis.URL.parse',
  'globalThis.TextDecoder.prototype.decode',
  'Promise.all',
  'Promise.withResolvers',
  'JSON.parse',
  'JSON.stringify',
  'Buffer.concat',
  'Buffer.byteLength',
  'performance.now',
  'AbortController.prototype.abort',
  'process.stdout.write',
]

const FAULTS = [
  ['throws', `() => { throw new Error('injected') }`],
  ['never settles', '() => new Promise(() => {})'],
  ['does nothing', '() => undefined'],
] as const

it.each(
  sample(
    11,
    COLLABORATORS.flatMap((name) => FAULTS.map(([words, fault]) => [name, words, fault] as const)),
  ),
)('%s that %s never opens the gate on an old peer', async (name, _, fault) => {
  // The fault starts with the bundle, so that Node.js itself comes up.
  const env = preload(`process.nextTick(() => { ${name} = ${fault} })`)
  const step = await runStep(
    {
      peers: `n1=${ready.address},n2=http://localhost:${legacy.address.split(':')[1]}`,
      timeout: '500ms',
    },
    { env, onStart: stopAfter(HUNG_MS) },
  )
  expect(step.code).not.toBe(0)
  expect(step.outputs['all-advertise'] ?? 'false').toBe('false')
  expect(step.stdout).not.toContain('gate OPEN')
})

/** A fault may hang the process for good; the runner's own time limit ends it then. */
const stopAfter = (ms: number) => (child: ChildProcess) => {
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  child.on('exit', () => clearTimeout(timer))
}

it('a promise in the poll that never settles: closed, with an annotation', async () => {
  const code = `
      const make = Promise.withResolvers.bind(Promise)
      Promise.withResolvers = () => ({ ...make(), resolve() {} })`
  const step = await runStep({ peers: ready.address }, { env: preload(code) })
  expectClosed(step)
  // Written before anything else happens, so it is there whatever comes.
  expect(step.outputs).toEqual({ 'all-advertise': 'false' })
})

it.each([
  ['an exception', `throw new Error('injected')`],
  ['a rejection', `Promise.reject(new Error('injected'))`],
])('%s that nobody handles, in the middle of a poll: closed, told once', async (_, code) => {
  await using silent = await serve(() => undefined)
  const step = await runStep(
    { peers: silent.address, timeout: '5m' },
    { env: preload(`setTimeout(() => { ${code} }, 500)`) },
  )
  expectClosed(step)
  expectQuiet(step)
  expect(step.stdout).toContain(
    'CLOSED: the gate itself failed.%0Athe gate failed: Error: injected',
  )
  expect(step.summary).toContain('the gate itself failed')
  expect(JSON.parse(step.outputs['report'] ?? '').verdict).toBe('closed')
})

/** What the gate, its toolkit and its last handler are made of. */
const BREAKABLE = [
  'fs.appendFileSync',
  'fs.existsSync',
  'fs.writeFileSync',
  'process.stdout.write',
  'console.log',
  'String.prototype.replace',
  'String.prototype.replaceAll',
  'String.prototype.split',
  'String.prototype.slice',
  'String.prototype.trim',
  'String.prototype.indexOf',
  'RegExp.prototype.test',
  'RegExp.prototype.exec',
  'Array.prototype.map',
  'Array.prototype.flatMap',
  'Array.prototype.sort',
  'Array.prototype.join',
  'JSON.stringify',
  'Buffer.byteLength',
  'crypto.randomUUID',
  'Date.prototype.toISOString',
  'performance.now',
  'Object.entries',
]

it.each(sample(6, BREAKABLE))(
  '%s that throws the secret after the inputs are read: one annotation, status 1, no secret',
  async (name) => {
    const SECRET = 'abcDEF1234567890'
    const step = await runStep(
      { peers: ready.address, headers: `Authorization: Bearer ${SECRET}` },
      {
        env: {
          RUNNER_DEBUG: '1',
          ...preload(`
            const write = process.stdout.write
            process.stdout.write = function (text, ...rest) {
              const result = write.call(this, text, ...rest)
              if (/^htfifo-gate /.test(text)) {
                process.stdout.write = write
                ${name} = () => { throw new Error('injected Bearer ' + '${SECRET}') }
                require('node:module').syncBuiltinESMExports()
              }
              return result
            }`),
        },
        onStart: stopAfter(HUNG_MS),
      },
    )
    if (step.code === 0) expect(checkEnd(step)).toBe('open')
    else expectClosed(step)
    expect(toldBy(step)).not.toContain(SECRET)
  },
)

it('an error of the reading, before the secrets are known: told without its reason', async () => {
  const SECRET = 'abcDEF1234567890'
  const step = await runStep(
    { peers: ready.address, headers: `Authorization: Bearer ${SECRET}` },
    {
      env: {
        RUNNER_DEBUG: '1',
        ...preload(`
          const split = String.prototype.split
          String.prototype.split = function (...args) {
            if (/Bearer/.test(this)) throw new Error('cannot split ' + this)
            return split.apply(this, args)
          }`),
      },
    },
  )
  expectClosed(step)
  expect(toldBy(step)).not.toContain(SECRET)
  expect(step.stdout).toContain('the gate failed: the inputs could not be read')
})
