import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Farm, loopback, startFarm } from '../../sample/load.ts'
import { runStep, type Step } from '../../sample/runner.ts'

const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-load-'))
const certificate = join(folder, 'certificate.pem')
const key = join(folder, 'key.pem')
let farm: Farm

beforeAll(async () => {
  const addresses = Array.from({ length: 500 }, (_, n) => `IP:${loopback(n)}`).join(',')
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const names = ['-subj', '/CN=farm', '-addext', `subjectAltName=${addresses}`]
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  })
  farm = await startFarm(certificate, key)
})

afterAll(() => {
  farm.close()
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
    'ca-certificate': certificate,
  })
  expect(blocking(step)).toEqual({ blocking: [], count: '500' })
  expect(step.code).toBe(0)
})

it('tells the own time of each peer, without the queue inside the gate', async () => {
  const step = await runStep({
    peers: peers(3_000, (n) => `${loopback(n)}:${farm.ready}`),
    timeout: '10s',
  })
  const report = JSON.parse(step.outputs['report'] ?? '')
  const latencies: number[] = report.peers.map(({ latencyMs }: { latencyMs: number }) => latencyMs)
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
    const report = JSON.parse(step.outputs['report'] ?? '')
    const statuses = report.peers.map(({ status }: { status: string }) => status)
    expect(statuses).toEqual(Array(200).fill('timeout'))
    expect(step.code).toBe(1)
  })
})

it.each([
  ['every second one', (n: number) => n % 2 === 1],
  ['the first half', (n: number) => n < 1_000],
  ['the last half', (n: number) => n >= 1_000],
])(
  'ends a round in which 1,000 of 2,000 peers are silent, %s, with the others all advertising',
  async (_, silent) => {
    const step = await runStep({
      peers: peers(2_000, (n) => `${loopback(n)}:${silent(n) ? farm.silent : farm.ready}`),
      timeout: '2s',
    })
    const report = JSON.parse(step.outputs['report'] ?? '')
    const statuses = report.peers.map(({ status }: { status: string }) => status)
    expect(statuses).toEqual(
      Array.from({ length: 2_000 }, (_, n) => (silent(n) ? 'timeout' : 'advertises')),
    )
    expect(step.code).toBe(1)
  },
)
