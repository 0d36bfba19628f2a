import { afterEach, describe, expect, it } from 'vitest'
import { startNode } from '../../sample/cluster.ts'
import { runStep, type Step } from '../../sample/runner.ts'
import { checkEnd } from '../support/ends.ts'
import { preload } from '../support/preload.ts'
import { trackProcess } from '../support/process.ts'
import { reportOf } from '../support/rows.ts'
import { GOOD, reply, serve } from '../support/servers.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** The contract says one second; the rest is for a busy machine. */
const SOON_MS = 1_500

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

describe.each(SIGNALS)('%s', (signal) => {
  it.each([
    ['before the response', '', 'response headers'],
    ['in the response headers', 'HTTP/1.1 200 OK\r\nContent-Le', 'response headers'],
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n{"status":"ok",', 'body'],
  ])('during an exchange, %s', async (_, says, phase) => {
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
  })

  it('during a pause: the last round is told, and the gate stays closed', async () => {
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
  })

  it('in a pause between stable rounds does not open the gate', async () => {
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
  })
})

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

describe.each(SIGNALS)('%s at one moment', (signal) => {
  /** Code that sends the signal to the gate itself, once, after a call that fits. */
  const killAfter = (owner: string, method: string, fits: string) => `
    const call = ${owner}.${method}
    let sent = false
    ${owner}.${method} = function (...args) {
      const result = call.apply(this, args)
      if (!sent && ${fits}) {
        sent = true
        process.kill(process.pid, '${signal}')
      }
      return result
    }`
  const run = async (code: string) => {
    const { env, remove } = preload(code)
    closers.push(remove)
    return runStep({ peers: await startReady() }, { env })
  }

  it('while the gate is still loading: cancelled', async () => {
    const step = await run(killAfter('process', 'on', `args[0] === 'SIGHUP'`))
    expect(checkEnd(step)).toBe('closed')
    expect(step.stdout).toContain('CLOSED: the run was cancelled')
  })

  it('while the last answer is logged, just before the verdict: cancelled', async () => {
    const step = await run(killAfter('process.stdout', 'write', `/^✓/.test(args[0])`))
    expect(checkEnd(step)).toBe('closed')
    expect(step.stdout).toContain('CLOSED: the run was cancelled')
    expect(step.outputs).toMatchObject({ 'advertising-count': '1', 'blocking-peers': '[]' })
  })

  it('while true is written: later than the verdict', async () => {
    const step = await run(
      killAfter('fs', 'appendFileSync', `/^all-advertise<.*\\strue/.test(args[1])`),
    )
    expect(checkEnd(step)).toBe('open')
  })

  it('while the process ends: later than the verdict', async () => {
    const step = await run(`process.on('exit', () => process.kill(process.pid, '${signal}'))`)
    expect(checkEnd(step)).toBe('open')
  })
})

describe('a log that is read late', () => {
  const peers = (address: string) =>
    Array.from({ length: 2_000 }, (_, index) => `http://${address}/${index}/${'x'.repeat(20)}`)

  it('is whole, with its annotation', async () => {
    const refused = '127.0.0.1:1'
    const step = await runStep(
      { peers: peers(refused).join('\n') },
      {
        onStart({ stdout }) {
          stdout?.pause()
          setTimeout(() => stdout?.resume(), 2_000)
        },
      },
    )
    expect(checkEnd(step)).toBe('closed')
    expect(step.stdout.match(/^✗ .*$/gm)).toHaveLength(2_000)
    expect(step.stdout.length).toBeGreaterThan(200_000)
  })

  it('and never, does not hold up a run that is cancelled', async () => {
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
})
