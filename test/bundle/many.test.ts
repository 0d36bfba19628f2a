import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loopback, startFarm } from '../../sample/load.ts'
import { runStep } from '../../sample/runner.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'

it('of 2,000 peers with 1,000 silent ones, the healthy advertise and the others are late, in order', async () => {
  const farm = await startFarm()
  const silent = (n: number) => n % 2 === 1
  const numbers = Array.from({ length: 2_000 }, (_, n) => n)
  const peers = numbers.map((n) => `n${n}=${loopback(n)}:${silent(n) ? farm.silent : farm.ready}`)
  const step = await runStep({ peers: peers.join('\n'), timeout: '2s' })
  farm.close()
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
})

it('of 1,000 peers that each know 1,000 members, all are listed, in bounded memory', async () => {
  const farm = await startFarm('members=1000')
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-many-'))
  const preload = join(folder, 'peak.cjs')
  writeFileSync(
    preload,
    `process.on('exit', () => require('node:fs').writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)))`,
  )
  const peak = join(folder, 'peak')
  const peers = Array.from({ length: 1_000 }, (_, n) => `n${n + 1}=${loopback(n)}:${farm.ready}`)
  const step = await runStep(
    { peers: peers.join('\n'), 'raft-port': String(farm.raft), timeout: '10s' },
    { env: { NODE_OPTIONS: `--require ${preload}`, PEAK: peak } },
  )
  farm.close()
  const peakMiB = Number(readFileSync(peak, 'utf8')) / 1_024
  rmSync(folder, { recursive: true })
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
