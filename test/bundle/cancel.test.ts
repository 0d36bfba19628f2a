import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { startNode } from '../../sample/cluster.ts'
import { runStep, type Step } from '../../sample/runner.ts'
import { checkEnd } from '../support/ends.ts'
import { preload } from '../support/preload.ts'
import { trackProcess } from '../support/process.ts'
import { reportOf } from '../support/rows.ts'
import { SWEEPING, sample } from '../support/sampling.ts'
import { GOOD, reply, serve } from '../support/servers.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** All signals while sweeping, otherwise the nth; the gate treats all three alike, as test/step shows. */
const signalsOf = (n: 0 | 1 | 2) => (SWEEPING ? SIGNALS : [SIGNALS[n]])
/** The contract says one second, which `npm run sweep` measures; the rest is for a busy machine. Nothing else would end these runs. */
const SOON_MS = 10_000

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A peer that sends what it is told to each connection, then nothing more, and tells when it did. */
async function startStuck(says: string, onStuck: () => void, onClose = () => {}): Promise<string> {
  const server = await serve((socket) => {
    socket.on('close', onClose)
    socket.once('data', () => {
      socket.write(says)
      onStuck()
    })
  })
  closers.push(() => server[Symbol.asyncDispose]())
  return server.address
}

async function startReady(): Promise<string> {
  const node = await startNode('ready')
  closers.push(() => node.close())
  return node.address
}

const rowsOf = (step: Step) => reportOf(step).peers.map(({ name, status }) => [name, status])

/** Where an exchange is stuck: what the peer said until then, and the phase. */
const PLACES = [
  ['before the response', '', 'response headers'],
  ['in the response headers', 'HTTP/1.1 200 OK\r\nContent-Le', 'response headers'],
  ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n{"status":"ok",', 'body'],
] as const

it.each(
  sample(
    4,
    SIGNALS.flatMap((signal) => PLACES.map((place) => [signal, ...place] as const)),
  ),
)(
  '%s during an exchange, %s, ends the run within one second, with everything told',
  async (signal, _, says, phase) => {
    const gate = trackProcess()
    let killedAt = 0
    let closedAt = 0
    // The gate ends the connection of n1 once it has read the answer; n2 is stuck by then, or soon.
    let waitsFor = 2
    const kill = () => {
      if (--waitsFor > 0) return
      killedAt = performance.now()
      gate.kill(signal)
    }
    const stuck = await startStuck(says, kill, () => {
      closedAt = performance.now()
    })
    const ready = await startStuck(reply(GOOD), () => {}, kill)
    const step = await runStep(
      { peers: `n1=${ready},n2=${stuck}`, timeout: '10m', wait: '1h' },
      gate,
    )
    const endedAt = performance.now()
    expect(step.code).toBe(1)
    expect(endedAt - killedAt).toBeLessThan(SOON_MS)
    expect(closedAt).toBeGreaterThanOrEqual(killedAt)
    expect(rowsOf(step)).toEqual([
      ['n1', 'advertises'],
      ['n2', 'cancelled'],
    ])
    expect(reportOf(step).peers[1]?.error).toContain(`phase: ${phase}`)
    expect(step.outputs).toMatchObject({
      'all-advertise': 'false',
      'peer-count': '2',
      'advertising-count': '1',
      'blocking-peers': '["n2"]',
      rounds: '1',
    })
    expect(step.summary).toContain('CLOSED: the run was cancelled')
    expect(step.summary).toContain('❓&nbsp;cancelled')
    expect(step.stdout.match(/::error::/g)).toHaveLength(1)
    expect(step.stdout).toMatch(/::error::htfifo gate CLOSED: the run was cancelled/)
    expect(step.stderr).toBe('')
  },
)

it.each(signalsOf(0))(
  '%s during a pause: the last round is told, and the gate stays closed',
  async (signal) => {
    const node = await startNode('legacy')
    closers.push(() => node.close())
    const gate = trackProcess()
    let killedAt = 0
    let toldAt = 0
    const step = await runStep(
      { peers: `n1=${node.address}`, wait: '10h', interval: '1h' },
      {
        ...gate,
        onLog(text) {
          if (!/^round 1:/m.test(text)) return
          toldAt = Date.now()
          killedAt = performance.now()
          gate.kill(signal)
        },
      },
    )
    expect(performance.now() - killedAt).toBeLessThan(SOON_MS)
    expect(step.code).toBe(1)
    expect(step.outputs).toMatchObject({ 'all-advertise': 'false', rounds: '1' })
    expect(rowsOf(step)).toEqual([['n1', 'legacy']])
    // When the round ended, and not when the run was cancelled.
    expect(Date.parse(step.outputs['checked-at'] ?? '')).toBeLessThanOrEqual(toldAt)
    expect(step.summary).toContain('CLOSED: the run was cancelled')
    expect(step.stdout.match(/::error::/g)).toHaveLength(1)
  },
)

it.each(signalsOf(1))(
  '%s in a pause between stable rounds does not open the gate',
  async (signal) => {
    const ready = await startReady()
    const gate = trackProcess()
    const step = await runStep(
      { peers: ready, 'stable-rounds': '2', interval: '1h' },
      {
        ...gate,
        onLog: (text) => /^round 1:/m.test(text) && gate.kill(signal),
      },
    )
    expect(step.code).toBe(1)
    expect(step.outputs).toMatchObject({ 'all-advertise': 'false', 'advertising-count': '1' })
    expect(reportOf(step).verdict).toBe('closed')
    expect(step.stdout).toContain('::error::htfifo gate CLOSED: the run was cancelled')
  },
)

it('a second signal changes nothing', async () => {
  const gate = trackProcess()
  const stuck = await startStuck('', () => {
    gate.kill('SIGINT')
    gate.kill('SIGTERM')
    gate.kill('SIGINT')
  })
  const step = await runStep({ peers: stuck, timeout: '10m' }, gate)
  expect(step.code).toBe(1)
  expect(step.outputs['all-advertise']).toBe('false')
  expect(step.summary.match(/## ⛔ htfifo gate/g)).toHaveLength(1)
  expect(step.stdout.match(/::error::/g)).toHaveLength(1)
})

it('hundreds of open exchanges are cancelled just as soon', async () => {
  let open = 0
  let killedAt = 0
  const gate = trackProcess()
  const stuck = await startStuck('', () => {
    if (++open < 500) return
    killedAt = performance.now()
    gate.kill('SIGINT')
  })
  const peers = Array.from({ length: 500 }, (_, index) => `http://${stuck}/${index}`)
  const step = await runStep({ peers: peers.join('\n'), timeout: '10m' }, gate)
  expect(performance.now() - killedAt).toBeLessThan(SOON_MS)
  expect(step.code).toBe(1)
  const statuses = rowsOf(step).map(([, status]) => status)
  expect(statuses).toHaveLength(500)
  expect(new Set(statuses)).toEqual(new Set(['cancelled']))
})

/** Code that runs in the gate, once, before a call that fits, and then lets the call do its work. */
const before = (owner: string, method: string, fits: string, code: string) => `
  const call = ${owner}.${method}
  let done = false
  ${owner}.${method} = function (...args) {
    if (!done && ${fits}) {
      done = true
      ${code}
    }
    return call.apply(this, args)
  }`
const raise = (signal: NodeJS.Signals) => `process.kill(process.pid, '${signal}')`
const IS_SUMMARY = `args[0] === process.env.GITHUB_STEP_SUMMARY`

async function runWith(code: string): Promise<Step> {
  const { env, remove } = preload(code)
  closers.push(remove)
  return await runStep({ peers: await startReady() }, { env })
}

it.each(signalsOf(2))('%s while the gate is still loading: cancelled', async (signal) => {
  const step = await runWith(`
    const on = process.on
    process.on = function (...args) {
      const result = on.apply(this, args)
      if (args[0] === 'SIGHUP') ${raise(signal)}
      return result
    }`)
  expect(checkEnd(step)).toBe('closed')
  expect(step.stdout).toContain('CLOSED: the run was cancelled')
})

it.each(signalsOf(0))(
  '%s while the last answer is logged, just before the verdict: cancelled',
  async (signal) => {
    const step = await runWith(
      before('process.stdout', 'write', `/^✓/.test(args[0])`, raise(signal)),
    )
    expect(checkEnd(step)).toBe('closed')
    expect(step.stdout).toContain('CLOSED: the run was cancelled')
    expect(step.outputs).toMatchObject({ 'advertising-count': '1', 'blocking-peers': '[]' })
  },
)

it.each(signalsOf(1))(
  '%s while the summary is written, which takes long: cancelled',
  async (signal) => {
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)'
    const step = await runWith(
      before('fs', 'appendFileSync', IS_SUMMARY, `${raise(signal)}; ${wait}`),
    )
    expect(checkEnd(step)).toBe('closed')
    expect(step.stdout).toContain('CLOSED: the run was cancelled')
  },
)

it('nothing says true before the summary is written', async () => {
  const check = `if (/true/.test(fs.readFileSync(process.env.GITHUB_OUTPUT, 'utf8'))) process.abort()`
  const step = await runWith(before('fs', 'appendFileSync', IS_SUMMARY, check))
  expect(checkEnd(step)).toBe('open')
})

it.each(signalsOf(2))('%s while true is written: later than the verdict', async (signal) => {
  const step = await runWith(
    before('fs', 'appendFileSync', `/^all-advertise<.*\\strue/.test(args[1])`, raise(signal)),
  )
  expect(checkEnd(step)).toBe('open')
})

it.each(signalsOf(0))('%s while the process ends: later than the verdict', async (signal) => {
  const step = await runWith(`process.on('exit', () => ${raise(signal)})`)
  expect(checkEnd(step)).toBe('open')
})

it('a signal while the summary waits for its reader keeps the gate closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-fifo-'))
  closers.push(() => rmSync(folder, { recursive: true }))
  const fifo = join(folder, 'summary')
  execFileSync('mkfifo', [fifo])
  const gate = trackProcess()
  let read = ''
  const step = await runStep(
    { peers: await startReady() },
    {
      ...gate,
      env: { GITHUB_STEP_SUMMARY: fifo },
      onLog(text) {
        if (!text.includes('✓')) return
        // From here on the gate waits for a reader of its summary, and for nothing else.
        setTimeout(() => gate.kill('SIGTERM'), 300)
        setTimeout(() => {
          createReadStream(fifo, 'utf8').on('data', (piece) => {
            read += piece
          })
        }, 600)
      },
    },
  )
  expect(read).toContain('htfifo gate ')
  expect(step.code).toBe(1)
  expect(step.outputs).toMatchObject({ 'all-advertise': 'false' })
  expect(reportOf(step).verdict).toBe('closed')
  expect(step.stdout.match(/^::error::htfifo gate CLOSED: the run was cancelled/gm)).toHaveLength(1)
})

const peers = (address: string) =>
  Array.from({ length: 2_000 }, (_, index) => `http://${address}/${index}/${'x'.repeat(20)}`)

it('a log that is read late is whole, with its annotation', async () => {
  const refused = '127.0.0.1:1'
  const step = await runStep(
    { peers: peers(refused).join('\n') },
    {
      onStart({ stdout }) {
        stdout?.pause()
        setTimeout(() => stdout?.resume(), 1_000)
      },
    },
  )
  expect(checkEnd(step)).toBe('closed')
  expect(step.stdout.match(/^✗ .*$/gm)).toHaveLength(2_000)
  expect(step.stdout.length).toBeGreaterThan(200_000)
})

it('a log that is never read does not hold up a run that is cancelled', async () => {
  const gate = trackProcess()
  let killedAt = 0
  let endedAt = 0
  let open = 0
  const stuck = await startStuck('', () => {
    if (++open < 2_000) return
    killedAt = performance.now()
    gate.kill('SIGINT')
  })
  const step = await runStep(
    { peers: peers(stuck).join('\n'), timeout: '10m' },
    {
      onStart(started) {
        gate.onStart(started)
        started.stdout?.pause()
        started.on('exit', () => {
          endedAt = performance.now()
          started.stdout?.resume()
        })
      },
    },
  )
  expect(step).toMatchObject({ code: 1, outputs: { 'all-advertise': 'false' } })
  expect(step.summary).toContain('CLOSED: the run was cancelled')
  // One second, if the machine has nothing else to do; thirty where the reader is waited for.
  expect(endedAt - killedAt).toBeLessThan(15_000)
})
