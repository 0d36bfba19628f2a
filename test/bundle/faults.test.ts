import { afterAll, beforeAll, expect, it } from 'vitest'
import { runStep, type Step } from '../../sample/runner.ts'
import type { Report } from '../../src/report/json.ts'
import { parseDuration } from '../../src/shared/duration.ts'
import { FAULTS, FLOODS, HEALTHY, TIMEOUT } from '../support/faults.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'
import {
  answering,
  GOOD,
  holding,
  makeIdentity,
  type RawServer,
  reply,
  serve,
  serveNoSyn,
} from '../support/servers.ts'
import { fileOf, runTraced } from '../support/traces.ts'

const TIMEOUT_MS = parseDuration(TIMEOUT) ?? 0
/** What a busy machine may add to the time-out; a peer that is waited for without end takes far longer. */
const MARGIN_MS = 8_000
/** What the buffers of the system on both sides may take in; an endless answer sends gigabytes until the time-out. */
const MAX_SENT = 16 * 1_024 * 1_024

/** All faults and the healthy peers, in one list, in one run of the gate. */
const servers = new Map<string, RawServer>()
const cleanups: (() => PromiseLike<void>)[] = []
let step: Step
let report: Report
let wallMs: number

beforeAll(async () => {
  const tls = makeIdentity()
  const entries: string[] = []
  for (const { name, behave, over } of [...FAULTS, ...HEALTHY]) {
    const server = await serve(behave, over === 'tls' ? { tls } : {})
    cleanups.push(() => server[Symbol.asyncDispose]())
    const label = labelOf(over, name)
    if (servers.has(label)) throw new Error(`two faults are called ${label}`)
    servers.set(label, server)
    entries.push(`${label}=${over === 'tcp' ? 'http' : 'https'}://${server.address}`)
  }
  const noSyn = await serveNoSyn()
  cleanups.push(() => noSyn[Symbol.asyncDispose]())
  entries.push(`no-SYN=${noSyn.address}`)
  const startedAt = performance.now()
  step = await runStep({
    peers: shuffle(entries).join('\n'),
    timeout: TIMEOUT,
    'ca-certificate': tls.cert,
  })
  wallMs = performance.now() - startedAt
  report = reportOf(step)
})

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

/** A name of a peer holds letters, digits and a few marks only. */
const labelOf = (over: string, name: string) => `${over} ${name}`.replace(/[^\w.]+/g, '-')

/** Mixes the list the same way every time, so that the healthy peers stand among the faults. */
const shuffle = (list: readonly string[]) =>
  list
    .map((entry, index) => ({ entry, key: (index * 7_919) % 1_009 }))
    .sort((a, b) => a.key - b.key)
    .map(({ entry }) => entry)

const rowOf = (label: string) => report.peers.find(({ name }) => name === label)

it.each(FAULTS)(
  'a fault on the wire ends in its reason: $over: $name: $status',
  ({ over, name, status, error }) => {
    expect(rowOf(labelOf(over, name))).toMatchObject({
      status,
      advertises: false,
      error: expect.stringMatching(error),
    })
  },
)

it.skipIf(process.platform !== 'linux')('a SYN that is never answered (Linux only)', () => {
  expect(rowOf('no-SYN')).toMatchObject({
    status: 'timeout',
    error: `timed out after ${TIMEOUT} (phase: connect)`,
  })
})

it.each(HEALTHY)(
  'a peer that is right does not suffer from the others: $name',
  ({ over, name }) => {
    expect(rowOf(labelOf(over, name))).toMatchObject({ status: 'advertises', error: '' })
  },
)

it.each(FLOODS)('the gate stops reading an endless answer: $name', ({ over, name }) => {
  const server = servers.get(labelOf(over, name))
  expect(server?.sent()).toBeGreaterThan(0)
  expect(server?.sent()).toBeLessThan(MAX_SENT)
})

it('a run over all faults asks every peer exactly once', () => {
  for (const [label, server] of servers) expect(server.connections(), label).toBe(1)
  expect(report.peers).toHaveLength(servers.size + 1)
  expect(step.outputs).toMatchObject({
    'peer-count': String(servers.size + 1),
    'advertising-count': String(HEALTHY.length),
    'all-advertise': 'false',
  })
})

it('a run over all faults is over soon after the time-out, and ends by itself', () => {
  expect(report.durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 50)
  expect(report.durationMs).toBeLessThan(TIMEOUT_MS + MARGIN_MS)
  // A socket or a timer that is left over keeps the process alive after its report.
  expect(wallMs - report.durationMs).toBeLessThan(MARGIN_MS)
})

it('a run over all faults is closed, and says so once', () => {
  expect(step.code).toBe(1)
  expect(annotationsOf(step)).toHaveLength(1)
})

it('a run over all faults shows no stack trace and writes nothing to standard error', () => {
  expect(step.stderr).toBe('')
  expect(`${step.stdout}${step.summary}`).not.toMatch(/^\s+at .*[:(]\d+/m)
  expect(`${step.stdout}${step.summary}`).not.toMatch(/unhandled|uncaught|ERR_ASSERTION/i)
})

it('a fault in one round does not reach into the next', async () => {
  let connections = 0
  const stalled = holding('HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n{"status"')
  const right = answering(reply(GOOD))
  await using peer = await serve((socket) => (++connections === 1 ? stalled : right)(socket))
  const waited = await runStep({
    peers: peer.address,
    timeout: '1s',
    wait: '50s',
    interval: '100ms',
  })
  expect(waited.code).toBe(0)
  expect(waited.outputs['rounds']).toBe('2')
})

it('peers whose heads take long to read for a careless reader make no healthy one late', async () => {
  const heads = [
    `Warning: "${'\\"'.repeat(8_000)}`,
    `Warning: ${','.repeat(16_000)}`,
    `Cache-Status: ${'; '.repeat(8_000)}`,
    `X-Cache: ${'"'.repeat(16_000)}`,
    `Location: ${'//'.repeat(8_000)}`,
  ]
  const addresses: string[] = []
  await using stack = new AsyncDisposableStack()
  for (const head of heads) {
    const status = head.startsWith('Location') ? '302 Found' : '200 OK'
    const reply = `HTTP/1.1 ${status}\r\nContent-Length: 2\r\n${head}\r\n\r\n{}`
    addresses.push(stack.use(await serve(answering(reply))).address)
  }
  const hostile = Array.from(
    { length: 500 },
    (_, n) => `http://${addresses[n % heads.length]}/${n}`,
  )
  const ready = stack.use(await serve(answering(reply(GOOD))))
  const healthy = Array.from({ length: 50 }, (_, n) => `http://${ready.address}/${n}`)
  // 60 ms of blocked loop for each of the first kind alone would be six seconds.
  const end = await runTraced({ peers: [...hostile, ...healthy].join('\n'), timeout: '5s' })
  expect(end.code).toBe(1)
  expect(end.outputs).toMatchObject({ 'peer-count': '550', 'advertising-count': '50' })
  expect(fileOf(end).peers.filter(({ status }) => status === 'timeout')).toEqual([])
})
