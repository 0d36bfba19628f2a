import { expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { preload } from '../support/preload.ts'
import { trackProcess } from '../support/process.ts'
import { reportOf } from '../support/rows.ts'
import { GOOD, onRequest, reply, serve } from '../support/servers.ts'

/** How long the gate is stopped, in milliseconds; far beyond its limit of one second. */
const STOPPED_MS = 2_500
const SLEPT_MS = 8_000

/** Polls a peer that stops the whole gate when it is asked, and answers before or after that. */
async function stall(answerAfterMs: number, stoppedMs: number) {
  const gate = trackProcess()
  await using peer = await serve(
    onRequest((socket) => {
      gate.kill('SIGSTOP')
      setTimeout(() => socket.write(reply(GOOD)), answerAfterMs)
      setTimeout(() => gate.kill('SIGCONT'), stoppedMs)
    }),
  )
  const step = await runStep({ peers: peer.address, timeout: '1s' }, gate)
  return { step, row: reportOf(step).peers[0] }
}

it.concurrent.each([
  ['just after its limit and is read at once', 1_025, 1_032],
  ['after its limit and is read long after it', STOPPED_MS - 500, STOPPED_MS],
  ['before its limit, which nobody can tell, and is read long after it', 100, STOPPED_MS],
])('an answer that came %s is a timeout', async (_, answerAfterMs, stoppedMs) => {
  const { step, row } = await stall(answerAfterMs, stoppedMs)
  expect(row).toMatchObject({
    status: 'timeout',
    error: expect.stringMatching(/^timed out after 1s \(phase: (response headers|body)\)$/),
  })
  expect(step.code).toBe(1)
  expect(step.outputs['all-advertise']).toBe('false')
})

/** Keeps the gate busy once it has sent its request. Behind a timer, the event loop reads what came before it looks at the clock. */
const BUSY = `
  const { write } = net.Socket.prototype
  let wrote = false
  net.Socket.prototype.write = function (...args) {
    const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${STOPPED_MS})
    if (!wrote) setTimeout(block, 50)
    wrote = true
    return write.apply(this, args)
  }`

it.concurrent('an answer that came while the gate was busy until after its limit is a timeout', async () => {
  await using peer = await serve(
    onRequest((socket) => setTimeout(() => socket.end(reply(GOOD)), 300)),
  )
  const { env, remove } = preload(BUSY)
  const step = await runStep({ peers: peer.address, timeout: '1s' }, { env })
  remove()
  expect(step.code).toBe(1)
  expect(reportOf(step).peers).toMatchObject([{ status: 'timeout' }])
})

/** The clock of the day goes on while the machine sleeps, the monotonic one does not: a sleep of this machine when it first connects. */
const SLEEP = `
  const now = Date.now
  let sleptMs = 0
  Date.now = () => now() + sleptMs
  const connect = net.Socket.prototype.connect
  net.Socket.prototype.connect = function (...args) {
    sleptMs = ${SLEPT_MS}
    return connect.apply(this, args)
  }`

it('an answer of a round over which the machine slept is a timeout', async () => {
  await using peer = await serve(onRequest((socket) => socket.end(reply(GOOD))))
  const { env, remove } = preload(SLEEP)
  const step = await runStep({ peers: peer.address }, { env })
  remove()
  expect(step.code).toBe(1)
  expect(step.outputs).toMatchObject({ 'all-advertise': 'false', 'advertising-count': '0' })
  expect(reportOf(step).peers).toMatchObject([
    { status: 'timeout', error: expect.stringMatching(/^the clocks of the runner differ by 8s /) },
  ])
})

it('a round after the sleep of the machine opens the gate', async () => {
  await using peer = await serve(onRequest((socket) => socket.end(reply(GOOD))))
  const { env, remove } = preload(SLEEP)
  const step = await runStep({ peers: peer.address, wait: '60s', interval: '100ms' }, { env })
  remove()
  expect(step).toMatchObject({ code: 0, outputs: { rounds: '2' } })
  expect(step.stdout).toMatch(/^round 1: 0 of 1 advertise; .* timeout; /m)
})
