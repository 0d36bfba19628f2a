import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Farm, loopback, startFarm } from '../../sample/load.ts'
import { runStep, type Step } from '../../sample/runner.ts'
import { type Authority, makeAuthority } from '../support/certificates.ts'
import { preload } from '../support/preload.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'
import { holding, serve } from '../support/servers.ts'

const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-load-'))
let authority: Authority
let farm: Farm

beforeAll(async () => {
  const addresses = Array.from({ length: 500 }, (_, n) => `IP:${loopback(n)}`).join(',')
  authority = makeAuthority('farm', addresses)
  farm = await startFarm(authority.path, authority.keyPath)
})

afterAll(() => {
  farm.close()
  authority.remove()
  rmSync(folder, { recursive: true })
})

const peers = (count: number, address: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => address(n)).join('\n')

/** Who did not advertise, and why: empty for an open gate. */
const blocking = ({ outputs }: Step) => ({
  blocking: JSON.parse(outputs['blocking-peers'] ?? ''),
  count: outputs['advertising-count'],
})

it('lets 5,000 healthy peers pass at a limit of 500 ms', async () => {
  const step = await runStep({
    peers: peers(5_000, (n) => `${loopback(n)}:${farm.ready}`),
    timeout: '500ms',
  })
  expect(blocking(step)).toEqual({ blocking: [], count: '5000' })
  expect(step.code).toBe(0)
})

it('lets 500 healthy https peers pass, whose server has one core for all handshakes', async () => {
  const step = await runStep({
    peers: peers(500, (n) => `https://${loopback(n)}:${farm.secure}`),
    timeout: '30s',
    'ca-certificate': authority.path,
  })
  expect(blocking(step)).toEqual({ blocking: [], count: '500' })
  expect(step.code).toBe(0)
})

it('tells the own time of each peer, without the queue inside the gate', async () => {
  const step = await runStep({
    peers: peers(3_000, (n) => `${loopback(n)}:${farm.ready}`),
    timeout: '10s',
  })
  const report = reportOf(step)
  const latencies = report.peers.map(({ latencyMs }) => latencyMs ?? 0)
  // Thousands of peers that are asked at once answer one after the other; a time that held the queue would reach the
  // whole run for the last of them.
  expect(Math.max(...latencies)).toBeLessThan(report.durationMs / 2)
})

describe('where file descriptors are few', () => {
  const limited = (descriptors: number) => {
    const path = join(folder, `limited-node-${descriptors}`)
    const script = `#!/bin/sh\nulimit -n ${descriptors}\nexec "${process.execPath}" "$@"\n`
    writeFileSync(path, script, { mode: 0o755 })
    return path
  }

  it.each([
    [300, 128],
    [2_000, 64],
  ])('%i healthy peers pass with %i of them: a peer waits for a free one', async (count, most) => {
    const step = await runStep(
      { peers: peers(count, (n) => `${loopback(n)}:${farm.ready}`), timeout: '10s' },
      { node: limited(most) },
    )
    expect(JSON.parse(step.outputs['blocking-peers'] ?? '')).toEqual([])
    expect(step.code).toBe(0)
  })

  it('silent peers end at their own limit, each', async () => {
    const step = await runStep(
      { peers: peers(200, (n) => `${loopback(n)}:${farm.silent}`), timeout: '200ms' },
      { node: limited(64) },
    )
    const statuses = reportOf(step).peers.map(({ status }) => status)
    expect(statuses).toEqual(Array(200).fill('timeout'))
    expect(step.code).toBe(1)
  })
})

it.each([
  ['every second one', (n: number) => n % 2 === 1],
  ['the first half', (n: number) => n < 1_000],
  ['the last half', (n: number) => n >= 1_000],
])(
  'of 2,000 peers with 1,000 silent ones, %s, the healthy advertise and the others are late, in order',
  async (_, silent) => {
    const numbers = Array.from({ length: 2_000 }, (_, n) => n)
    const address = (n: number) => `${loopback(n)}:${silent(n) ? farm.silent : farm.ready}`
    const step = await runStep({ peers: peers(2_000, (n) => `n${n}=${address(n)}`), timeout: '2s' })
    const report = reportOf(step)
    expect(report.peers.map(({ name, status, error }) => [name, status, error])).toEqual(
      numbers.map((n) =>
        silent(n)
          ? [`n${n}`, 'timeout', 'timed out after 2s (phase: response headers)']
          : [`n${n}`, 'advertises', ''],
      ),
    )
    expect(report.peersOmitted).toBe(0)
    expect(JSON.parse(step.outputs['blocking-peers'] ?? '')).toEqual(
      numbers.filter(silent).map((n) => `n${n}`),
    )
    expect(step.outputs).toMatchObject({
      'all-advertise': 'false',
      'peer-count': '2000',
      'advertising-count': '1000',
    })
    expect(annotationsOf(step)).toHaveLength(1)
    expect(step.code).toBe(1)
    expect(step.stderr).toBe('')
  },
)

it('keeps next to nothing of the heads of peers that stall in the body', async () => {
  const fields = Array.from({ length: 4_000 }, (_, n) => `${n.toString(36)}:\r\n`).join('')
  await using server = await serve(
    holding(`HTTP/1.1 200 OK\r\nContent-Length: 42\r\n${fields}\r\n{`),
  )
  const step = await runStep(
    { peers: peers(300, (n) => `http://${server.address}/${n}`), timeout: '5s' },
    { env: { NODE_OPTIONS: '--max-old-space-size=96' } },
  )
  expect(step.code).toBe(1)
  expect(reportOf(step).peers.map(({ status }) => status)).toEqual(Array(300).fill('timeout'))
})

it('of 1,000 peers that each know 1,000 members, all are listed, in bounded memory', async () => {
  const cluster = await startFarm('members=1000')
  const peak = join(folder, 'peak')
  const { env, remove } = preload(
    `process.on('exit', () => fs.writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)))`,
  )
  const step = await runStep(
    {
      peers: peers(1_000, (n) => `n${n + 1}=${loopback(n)}:${cluster.ready}`),
      'raft-port': String(cluster.raft),
      timeout: '10s',
    },
    { env: { ...env, PEAK: peak } },
  )
  cluster.close()
  remove()
  const peakMiB = Number(readFileSync(peak, 'utf8')) / 1_024
  expect(step.outputs).toMatchObject({
    'all-advertise': 'true',
    'advertising-count': '1000',
    membership: 'complete',
    'unlisted-members': '[]',
  })
  expect(step.code).toBe(0)
  expect(peakMiB).toBeGreaterThan(0)
  expect(peakMiB).toBeLessThan(512)
})
