import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
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

it('lets 500 healthy https peers pass at a limit of 500 ms', async () => {
  const step = await runStep({
    peers: peers(500, (n) => `https://${loopback(n)}:${farm.secure}`),
    timeout: '500ms',
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

it('closes with words that say so where the runner runs out of file descriptors', async () => {
  const limited = join(folder, 'limited-node')
  const script = `#!/bin/sh\nulimit -n 64\nexec "${process.execPath}" "$@"\n`
  writeFileSync(limited, script, { mode: 0o755 })
  const step = await runStep(
    { peers: peers(200, (n) => `${loopback(n)}:${farm.silent}`), timeout: '2s' },
    { node: limited },
  )
  const report = JSON.parse(step.outputs['report'] ?? '')
  const errors = new Set(report.peers.map(({ error }: { error: string }) => error.split(' (')[0]))
  expect(errors).toEqual(new Set(['timed out after 2s', 'the runner has no free file descriptor']))
  expect(report.peers.map(({ status }: { status: string }) => status)).toContain('unreachable')
  expect(step.code).toBe(1)
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
