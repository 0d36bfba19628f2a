import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import type { Findings } from '../../src/canary/findings.ts'
import { cutReport, makeReport, type Report } from '../../src/canary/json.ts'
import { judge, refuse } from '../../src/canary/verdict.ts'
import { encodeReport, MAX_REPORT_BYTES } from '../../src/report/json.ts'
import { LOG_ATTACKS, SUMMARY_ATTACKS } from '../support/hostile.ts'
import { proveWith, QUEUE, refusal, twoGroups } from './support/fake-cluster.ts'
import { hostileFindings, makeFindings, makeProblem } from './support/findings.ts'

const schema = JSON.parse(
  readFileSync(new URL('../../docs/canary-report.schema.json', import.meta.url), 'utf8'),
)
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema)
const expectValid = (report: unknown) => {
  validate(JSON.parse(JSON.stringify(report)))
  expect(validate.errors ?? []).toEqual([])
}

const GATE = { version: 1, verdict: 'open', peers: [{ name: 'n1' }] }
const report = (findings: Findings, gate: object = GATE): Report =>
  makeReport(judge(findings, { cancelled: false }), QUEUE, gate)
const encode = (whole: Report, shortGate: object | null = null) =>
  encodeReport(whole, cutReport(whole, shortGate))

it('tells a proof', () => {
  const told = report(makeFindings())
  expectValid(told)
  expect(told).toMatchObject({
    version: 1,
    verdict: 'proven',
    step: 'done',
    problems: [],
    warnings: [],
    gate: GATE,
    queue: QUEUE,
    queueLeft: false,
    run: 'run-1',
    placement: 'spread',
    omitted: { problems: 0, warnings: 0, partitions: 0, nodes: 0, groups: 0 },
  })
  expect(told.partitions[1]).toMatchObject({
    index: 1,
    group: null,
    sentThrough: ['n2', 'n3', 'n1'],
    sent: 3,
    count: 3,
    order: 'kept',
  })
  expect(told.nodes[0]).toEqual({
    name: 'n1',
    url: 'http://n1:9324',
    seen: true,
    sent: 4,
    received: expect.any(Number),
    error: '',
  })
  expect(told.groups).toEqual([
    {
      raftAddresses: ['10.0.0.1:50051', '10.0.0.2:50051', '10.0.0.3:50051'],
      leader: {
        before: { id: 'n1', address: '10.0.0.1:50051' },
        after: { id: 'n1', address: '10.0.0.1:50051' },
      },
    },
    {
      raftAddresses: ['10.0.0.1:50061', '10.0.0.2:50061', '10.0.0.3:50061'],
      leader: {
        before: { id: 'n2', address: '10.0.0.2:50061' },
        after: { id: 'n2', address: '10.0.0.2:50061' },
      },
    },
  ])
  expect(Object.keys(told.durationsMs)).toEqual([
    ...['name', 'create', 'seen', 'placement', 'send', 'receive', 'empty', 'delete'],
  ])
})

it('tells the Raft group of each partition, and the longest time to a receipt', () => {
  const [partition] = makeFindings().partitions
  if (partition === undefined) throw new Error('no partition')
  const sent = [0, 1].map((place) => ({ place, node: 'n1', at: 100 + place }))
  const received = [
    { place: 0, node: 'n1', at: 150 },
    { place: 1, node: 'n2', at: 141.4 },
  ]
  const findings = makeFindings({ partitions: [{ ...partition, raftGroup: '11', sent, received }] })
  expect(report(findings).partitions).toMatchObject([{ group: '11', latencyMs: 50, order: 'kept' }])
  const reversed = { ...partition, sent, received: received.toReversed() }
  expect(report(makeFindings({ partitions: [reversed] })).partitions[0]?.order).toBe('broken')
  const silent = { ...partition, sent, received: [] }
  expect(report(makeFindings({ partitions: [silent] })).partitions).toMatchObject([
    { order: 'unknown', latencyMs: null },
  ])
})

it('tells failures of every step as the schema says', async () => {
  const operations = ['find', 'create', 'describe', 'send', 'receive', 'remove', 'drop']
  await Promise.all(
    operations.map(async (operation) => {
      const findings = await proveWith(
        (call) => (call.operation === operation ? refusal(500, 'InternalFailure', 'x') : undefined),
        { limitMs: 300, askLeaders: async () => twoGroups(1, 1) },
      )
      const told = report(findings)
      expectValid(told)
      expect(told.verdict).toBe('not-proven')
      expect(told.problems.length).toBeGreaterThan(0)
    }),
  )
})

it('tells bad inputs and a closed gate', () => {
  expectValid(makeReport(refuse('inputs', ['queue: found x'], 'inputs'), null, null))
  expectValid(makeReport(refuse('gate', ['closed'], 'gate-closed'), QUEUE, GATE))
})

it('writes no text of others into the output that could run in a shell', () => {
  for (const attack of [...LOG_ATTACKS, ...SUMMARY_ATTACKS, '$(reboot)', "'; reboot #"]) {
    const text = encode(report(hostileFindings(attack)))
    expect(text).toMatch(/^[\x20-\x7e]*$/)
    expect(text.replaceAll(/"(?:[A-Za-z0-9 \-_.:/,=@+]|\\u[0-9a-f]{4})*"/g, '')).toMatch(
      /^[[\]{}:,0-9a-z.]*$/,
    )
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(report(hostileFindings(attack)))))
  }
})

it('keeps the output small, and valid, whatever there is to tell', () => {
  const long = '\u202e'.repeat(100)
  const { nodes, partitions } = makeFindings()
  const [partition] = partitions
  const [node] = nodes
  if (partition === undefined || node === undefined) throw new Error('no partition or node')
  const transfers = Array.from({ length: 100 }, (_, place) => {
    return { place, node: `${long}${place}`, at: place }
  })
  const everything = makeFindings({
    problems: Array(100).fill(makeProblem({ words: long.repeat(12), node: long })),
    nodes: Array(5_000).fill({ ...node, name: long, error: long }),
    partitions: Array.from({ length: 32 }, (_, index) => {
      return { ...partition, index, sent: transfers, received: transfers }
    }),
    leaders: {
      before: Array.from({ length: 5_000 }, (_, index) => ({
        raftAddress: `${long}${index}`,
        node: long,
        member: null,
        leader: { id: long, address: `${long}${index}` },
        error: '',
      })),
      after: null,
    },
  })
  const whole = report(everything, { peers: Array(2_000).fill({ name: long }) })
  const shortGate = { peers: [], peersOmitted: 2_000 }
  const text = encode(whole, shortGate)
  expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
  const cut = JSON.parse(text)
  expectValid(cut)
  expect(cut).toMatchObject({
    gate: shortGate,
    omitted: { partitions: 32, nodes: 5_000, groups: 5_000, problems: 90 },
  })
  expect(cut.problems).toHaveLength(10)
})

it('leaves nothing out of an output that has room for it', () => {
  const whole = report(makeFindings())
  expect(JSON.parse(encode(whole))).toEqual(JSON.parse(JSON.stringify(whole)))
})
