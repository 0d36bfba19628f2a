import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Farm, loopback, startFarm } from '../../sample/load.ts'
import { runStep, type Step } from '../../sample/runner.ts'
import { type Authority, makeAuthority } from '../support/certificates.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'
import { sample } from '../support/sampling.ts'
import { fileOf, runTraced } from '../support/traces.ts'

let authority: Authority
let farm: Farm

beforeAll(async () => {
  const addresses = Array.from({ length: 250 }, (_, n) => `IP:${loopback(n)}`).join(',')
  authority = makeAuthority('farm', addresses)
  farm = await startFarm(authority.path, authority.keyPath)
})

afterAll(() => {
  farm.close()
  authority.remove()
})

const peers = (count: number, address: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => address(n)).join('\n')

/** Who did not advertise, and why: empty for an open gate. */
const blocking = ({ outputs }: Step) => ({
  blocking: JSON.parse(outputs['blocking-peers'] ?? ''),
  count: outputs['advertising-count'],
})

it('5,000 healthy peers pass at a limit of 500 ms', async () => {
  const step = await runStep({
    peers: peers(5_000, (n) => `${loopback(n)}:${farm.ready}`),
    timeout: '500ms',
  })
  expect(blocking(step)).toEqual({ blocking: [], count: '5000' })
  expect(step.code).toBe(0)
})

it('250 healthy https peers pass, whose server has one core for all handshakes', async () => {
  const step = await runStep({
    peers: peers(250, (n) => `https://${loopback(n)}:${farm.secure}`),
    timeout: '30s',
    'ca-certificate': authority.path,
  })
  expect(blocking(step)).toEqual({ blocking: [], count: '250' })
  expect(step.code).toBe(0)
})

it('the time of a peer is its own, without the queue inside the gate', async () => {
  const step = await runTraced({
    peers: peers(2_000, (n) => `${loopback(n)}:${farm.ready}`),
    timeout: '10s',
  })
  const report = fileOf(step)
  const latencies = report.peers.map(({ latencyMs }) => latencyMs ?? 0)
  expect(latencies).toHaveLength(2_000)
  // Thousands of peers that are asked at once answer one after the other; a time that held the queue would reach the
  // whole run for the last of them.
  expect(Math.max(...latencies)).toBeLessThan(report.durationMs / 2)
})

const SILENT = [
  ['every second one', (n: number) => n % 2 === 1],
  ['the first half', (n: number) => n < 1_000],
  ['the last half', (n: number) => n >= 1_000],
] as const

it.each(sample(3, SILENT))(
  'of 2,000 peers with 1,000 silent ones, %s, the healthy advertise and the others are late, in order',
  async (_, silent) => {
    const numbers = Array.from({ length: 2_000 }, (_, n) => n)
    const address = (n: number) => `${loopback(n)}:${silent(n) ? farm.silent : farm.ready}`
    const step = await runTraced({
      peers: peers(2_000, (n) => `n${n}=${address(n)}`),
      timeout: '2s',
    })
    const report = fileOf(step)
    expect(report.peers.map(({ name, status, error }) => [name, status, error])).toEqual(
      numbers.map((n) =>
        silent(n)
          ? [`n${n}`, 'timeout', 'timed out after 2s (phase: response headers)']
          : [`n${n}`, 'advertises', ''],
      ),
    )
    expect(report.peersOmitted).toBe(0)
    expect(reportOf(step)).toMatchObject({ peersOmitted: 2_000, peers: [] })
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
