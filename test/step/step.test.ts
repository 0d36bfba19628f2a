import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-step-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** An action of which the verdict is open unless a signal has come; `main` publishes it. */
const ACTION = `
import { appendFileSync } from 'node:fs'
import { beginStep, runStep, publishVerdict } from '${new URL('../../src/step/step.ts', import.meta.url)}'
const step = beginStep({ failure: 'test CLOSED', output: 'ok' })
const signal = (name) => process.kill(process.pid, name)
const output = (value) => appendFileSync(process.env.GITHUB_OUTPUT, 'ok=' + value + '\\n')
const publisher = {
  crash: (reason) => reason,
  redact: (text) => text,
  debug: (text) => console.log('debug ' + text.split('\\n')[0]),
  decide: () => (step.signal.aborted ? 'closed' : 'open'),
  isSuccess: (verdict) => verdict === 'open',
  log: () => {},
  render: (verdict) => verdict,
  summarize: () => {},
  setOutputs: () => output(false),
  setSuccess: () => output(true),
  annotate: (verdict) => console.log('published ' + verdict),
}
const publish = (more = {}) => publishVerdict(step, { ...publisher, ...more })
`

let runs = 0

/** Runs the action with this code behind it; gives back its end, its log and its outputs, each as lines. */
async function run(code: string, words: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const outputs = join(folder, `outputs-${runs++}`)
  writeFileSync(outputs, '')
  const child = spawn(
    process.execPath,
    [...words, '--input-type=module', '--eval', ACTION + code],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, GITHUB_OUTPUT: outputs, ...env },
    },
  )
  const ended = new Promise((resolve) => child.once('close', (code, name) => resolve(code ?? name)))
  const [log, end] = await Promise.all([text(child.stdout), ended])
  const lines = (all: string) => all.split('\n').filter(Boolean)
  return { end, log: lines(log), outputs: lines(readFileSync(outputs, 'utf8')) }
}

const OPEN = { end: 0, log: ['published open'], outputs: ['ok=false', 'ok=false', 'ok=true'] }
const CLOSED = { end: 1, log: ['published closed'], outputs: ['ok=false', 'ok=false'] }
const NO_VERDICT = {
  end: 1,
  log: ['::error::test CLOSED: it ended without a verdict.'],
  outputs: ['ok=false'],
}

describe.concurrent('a step', () => {
  it('succeeds with status 0', async () => {
    expect(await run('await runStep(step, publish, publisher)')).toEqual(OPEN)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('is not killed by %s but closed', async (name) => {
    const code = `signal('${name}'); await runStep(step, async () => {
      while (!step.signal.aborted) await new Promise(setImmediate)
      await publish()
    }, publisher)`
    expect(await run(code)).toEqual(CLOSED)
  })

  it('is closed by a signal while the summary is written', async () => {
    const code = `await runStep(step, () => publish({ summarize: () => signal('SIGTERM') }), publisher)`
    expect(await run(code)).toEqual(CLOSED)
  })

  it('stays as it was published when a signal comes afterwards', async () => {
    const code = `await runStep(step, () => publish({ annotate: (verdict) => {
      signal('SIGTERM')
      console.log('published ' + verdict)
    } }), publisher)`
    expect(await run(code)).toEqual(OPEN)
  })

  it.each([
    ['that its main function throws', `() => Promise.reject(new Error('out of luck'))`],
    [
      'that nobody catches',
      `() => new Promise(() => setImmediate(() => { throw new Error('out of luck') }))`,
    ],
    [
      'that rejects a promise',
      `() => new Promise(() => { Promise.reject(new Error('out of luck')); setTimeout(() => {}, 60_000) })`,
    ],
    [
      'while the verdict is published',
      `() => publish({ summarize: () => setImmediate(() => { throw new Error('out of luck') }) })`,
    ],
  ])('fails with an error %s, and says so once', async (_, main) => {
    expect(await run(`await runStep(step, ${main}, publisher)`)).toMatchObject({
      end: 1,
      log: ['published Error: out of luck', 'debug Error: out of luck'],
      outputs: ['ok=false', 'ok=false'],
    })
  })

  it('stays a success when something breaks after it was published', async () => {
    const code = `await runStep(step, async () => {
      await publish()
      throw new Error('out of luck')
    }, publisher)`
    expect(await run(code)).toEqual({
      ...OPEN,
      log: ['published open', 'debug Error: out of luck'],
    })
  })

  it.each([
    ['exits with 0', 'await runStep(step, async () => process.exit(0), publisher)'],
    ['has nothing left to wait for', 'await runStep(step, () => new Promise(() => {}), publisher)'],
    ['does nothing', ''],
  ])('fails where it %s before a verdict', async (_, code) => {
    expect(await run(code)).toEqual(NO_VERDICT)
  })

  it('fails on an older Node.js before anything else, and says what it needs', async () => {
    const older = `const versions = { ...process.versions, node: '20.19.1' }
      Object.defineProperty(process, 'versions', { value: versions })`
    const words = ['--import', `data:text/javascript,${encodeURIComponent(older)}`]
    expect(await run(`console.log('more')`, words)).toEqual({
      end: 1,
      log: [
        expect.stringMatching(
          /^::error::test CLOSED: it needs Node\.js 24 or newer, found 20\.19\.1\. Use /,
        ),
      ],
      outputs: ['ok=false'],
    })
  })

  it('begins without a file for outputs', async () => {
    const { end } = await run('step.published = "success"', [], {
      GITHUB_OUTPUT: join(folder, 'none'),
    })
    expect(end).toBe(0)
  })

  it('takes no certificate that cannot be verified', async () => {
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const { log } = await run('console.log(process.env.NODE_TLS_REJECT_UNAUTHORIZED)', [], env)
    expect(log[0]).toBe('undefined')
  })
})
