import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Node, startNode } from '../../sample/cluster.ts'
import { loopback } from '../../sample/load.ts'
import { startRaftListener } from '../../sample/raft.ts'
import { runStep } from '../../sample/runner.ts'
import { findCommands } from '../support/commands.ts'
import { listReply, okReply, type ReplyServer, startReplies } from '../support/replies.ts'
import { runTraced } from '../support/traces.ts'

const nodes: (Node | ReplyServer)[] = []
async function started<T extends Node | ReplyServer>(node: Promise<T>): Promise<string> {
  nodes.push(await node)
  return (await node).address
}
let ready: string
let listing: string
let legacy: string
let folder: string
beforeAll(async () => {
  ready = await started(startNode('ready'))
  listing = await started(startNode('listing'))
  legacy = await started(startNode('legacy'))
  folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-outputs-'))
})
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  rmSync(folder, { recursive: true })
})

/** The values that a step wrote for an output, in their order. */
const written = (file: string, name: string) =>
  [...readFileSync(file, 'utf8').matchAll(new RegExp(`^${name}<<(\\S+)\n(.*)\n\\1$`, 'gm'))].map(
    ([, , value]) => value,
  )

it('the outputs of a mixed list are those of the contract, to the letter', async () => {
  const error = await started(startReplies(() => 'HTTP/1.1 503 Gone\r\n\r\n'))
  const before = Date.now()
  const step = await runTraced({
    peers: `n1=${ready}\nn2=${listing}\n${legacy}\nn4=http://${error}/base/`,
  })
  expect(step.code).toBe(1)
  const { report, 'report-path': path, 'checked-at': checkedAt, ...outputs } = step.outputs
  expect(outputs).toEqual({
    'all-advertise': 'false',
    'peer-count': '4',
    'advertising-count': '1',
    'blocking-peers': `["n2","${legacy}","n4"]`,
    membership: 'not-checked',
    'unlisted-members': '[]',
    rounds: '1',
  })
  expect(checkedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(Date.parse(checkedAt ?? '')).toBeGreaterThanOrEqual(before)
  expect(Date.parse(checkedAt ?? '')).toBeLessThanOrEqual(Date.now())
  const { peers, durationMs, ...head } = JSON.parse(report ?? '')
  expect(head).toEqual({
    version: 1,
    capability: 'htfifo',
    verdict: 'closed',
    problems: [],
    membership: null,
    checkedAt,
    rounds: 1,
    peersOmitted: 0,
  })
  expect(Number.isInteger(durationMs)).toBe(true)
  for (const { latencyMs } of peers) expect(latencyMs).toBeGreaterThan(0)
  const row = (name: string, address: string, rest: object) => ({
    name,
    address,
    url: `http://${address.replace(/^http:\/\/|\/$/g, '')}/sqs_health`,
    advertises: false,
    latencyMs: expect.any(Number),
    httpStatus: 200,
    error: '',
    ...rest,
  })
  expect(peers).toEqual([
    row('n1', ready, { advertises: true, status: 'advertises', capabilities: ['htfifo'] }),
    row('n2', listing, { status: 'missing-capability', capabilities: [] }),
    row(legacy, legacy, {
      status: 'legacy',
      capabilities: null,
      error: expect.stringContaining('ok'),
    }),
    row('n4', `http://${error}/base/`, {
      status: 'http-error',
      capabilities: null,
      httpStatus: 503,
      error: expect.stringContaining('HTTP 503'),
    }),
  ])
  expect(path).toMatch(/^\/.*\.json$/)
  expect(JSON.parse(step.reportFile)).toEqual(JSON.parse(report ?? ''))
})

it('a peer that gave no answer has null for its HTTP status', async () => {
  const step = await runStep({ peers: '127.0.0.1:1' })
  const { peers } = JSON.parse(step.outputs['report'] ?? '')
  expect(peers[0]).toMatchObject({ status: 'refused', httpStatus: null, capabilities: null })
  expect(peers[0].error).not.toBe('')
})

it('all-advertise is written false before anything else, and true as the very last', async () => {
  const output = join(folder, 'open')
  writeFileSync(output, '')
  const step = await runStep({ peers: ready }, { env: { GITHUB_OUTPUT: output } })
  expect(step.code).toBe(0)
  const told = written(output, 'all-advertise')
  expect(told.at(-1)).toBe('true')
  expect(new Set(told.slice(0, -1))).toEqual(new Set(['false']))
  const names = [...readFileSync(output, 'utf8').matchAll(/^([a-z-]+)<</gm)].map(([, n]) => n)
  expect(names[0]).toBe('all-advertise')
  expect(names.at(-1)).toBe('all-advertise')
  expect(new Set(names).size).toBe(10)
  expect(written(output, 'advertising-count')).toEqual(['1'])
  expect(written(output, 'blocking-peers')).toEqual(['[]'])
})

it('all-advertise is never written true for a closed gate', async () => {
  const output = join(folder, 'closed')
  writeFileSync(output, '')
  const step = await runStep({ peers: legacy }, { env: { GITHUB_OUTPUT: output } })
  expect(step.code).toBe(1)
  expect(new Set(written(output, 'all-advertise'))).toEqual(new Set(['false']))
})

it('the strings of an output hold nothing that a shell would run', async () => {
  const evil = '$(touch x)`id`"\'\\;&|<>!*?[]{}~#%^\n\t€'
  const peer = await started(startReplies(() => listReply(evil)))
  // The most that an address may hold; a name may hold less.
  const name = `http://${peer}/$(id)'&*!`
  const step = await runTraced({ peers: name })
  const { report = '', 'blocking-peers': blocking = '' } = step.outputs
  for (const text of [report, blocking]) {
    expect(text).toMatch(/^[A-Za-z0-9 \-_.:/,=@+{}[\]"\\]*$/)
    expect(text.replace(/\\u[0-9a-f]{4}/g, '')).not.toContain('\\')
  }
  expect(blocking).toBe(`["http://${peer}/\\u0024\\u0028id\\u0029\\u0027\\u0026\\u002a\\u0021"]`)
  expect(JSON.parse(blocking)).toEqual([name])
  expect(JSON.parse(report).peers[0]).toMatchObject({ name, capabilities: [evil] })
  expect(JSON.parse(step.reportFile).peers[0]).toMatchObject({ name, capabilities: [evil] })
})

it('report, summary and annotation of very many peers keep their limits, and the file is whole', async () => {
  const wide = await started(startReplies(() => listReply(...Array<string>(90).fill('€'))))
  const good = await started(startReplies(() => listReply('htfifo')))
  const bad = 400
  const peers = [
    ...Array.from({ length: 3_000 }, (_, index) => `http://${good}/${index}`),
    ...Array.from({ length: bad }, (_, index) => `n${index}=http://${wide}/${index}`),
  ]
  const step = await runTraced({ peers: peers.join('\n'), timeout: '60s' })
  expect(step.code).toBe(1)
  const text = step.outputs['report'] ?? ''
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(320 * 1_024)
  expect(JSON.parse(text)).toMatchObject({ peersOmitted: peers.length, peers: [] })
  const file = JSON.parse(step.reportFile)
  expect(file.peersOmitted).toBe(0)
  expect(file.peers).toHaveLength(peers.length)
  expect(file.peers[0].address).toBe(`http://${good}/0`)
  expect(step.outputs).toMatchObject({ 'peer-count': '3400', 'advertising-count': '3000' })
  expect(JSON.parse(step.outputs['blocking-peers'] ?? '')).toHaveLength(bad)

  expect(Buffer.byteLength(step.summary)).toBeLessThan(1_048_576)
  const rows = step.summary.split('\n').filter((line) => /^\| `/.test(line))
  expect(rows.slice(0, bad).every((row) => row.includes('❌'))).toBe(true)
  expect(rows[bad]).toContain('✅')

  const errors = findCommands(step.stdout).filter(({ name }) => name === 'error')
  expect(errors).toHaveLength(1)
  expect(errors[0]?.data.length).toBeLessThan(4_096)
  expect(errors[0]?.data).toMatch(/and 390 more$/)
})

it('all outputs of a job with 2,500 refused nodes and 9,000 members stay below what GitHub takes', async () => {
  // One node reports members that no peer stands for; the Raft addresses of all others are refused as well.
  const members = Array.from({ length: 9_000 }, (_, n) => ({
    id: `é${n}-${'€'.repeat(9)}`,
    address: `kv-${n}.example.ts.net:50051`,
    suffrage: 'voter',
  }))
  const listener = await startRaftListener(() => members)
  const port = listener.address.split(':')[1] ?? ''
  const others = Array.from({ length: 2_499 }, (_, n) => `éééééé${n}=${loopback(n)}:1`)
  const list = ['éééééé=127.0.0.1:1', ...others].join('\n')
  const step = await runStep({ peers: list, timeout: '30s', 'raft-port': port })
  expect(step.outputs).toMatchObject({ 'peer-count': '2500', 'advertising-count': '0' })
  const sizes = Object.entries(step.outputs).map(([name, value]) => name.length + value.length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(524_288)
  expect(step.outputs['blocking-peers']?.length).toBeLessThanOrEqual(96 * 1_024)
  expect(step.outputs['unlisted-members']?.length).toBeLessThanOrEqual(64 * 1_024)
  expect(step.outputs['report']?.length).toBeLessThanOrEqual(320 * 1_024)
  for (const name of ['blocking-peers', 'unlisted-members', 'report']) {
    expect(() => JSON.parse(step.outputs[name] ?? '')).not.toThrow()
  }
  expect(JSON.parse(step.outputs['blocking-peers'] ?? '').at(-1)).toMatch(/^and \d+ more$/)
  await listener.close()
})

it('a list with htfifo among other words is open, whatever else the body holds', async () => {
  const body = '{"extra":[{}],"capabilities":["a","htfifo"],"status":"ok"}'
  const peer = await started(startReplies(() => okReply(body)))
  expect((await runStep({ peers: peer })).outputs['all-advertise']).toBe('true')
})
