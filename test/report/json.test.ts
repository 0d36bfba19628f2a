import { describe, expect, it } from 'vitest'
import {
  encodeNames,
  encodeReport,
  MAX_REPORT_BYTES,
  makeReport,
  shortReport,
} from '../../src/report/json.ts'
import { STATUSES } from '../../src/report/statuses.ts'
import { crash, refuse, type Verdict } from '../../src/rounds/rounds.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeResult, makeRound } from '../support/rounds.ts'
import { expectReport } from '../support/schema.ts'
import { makeMember, makeMembership, makeUnlisted, makeVerdict } from '../support/verdicts.ts'

const AT = '2026-11-23T12:00:00.000Z'
const SAFE = /^[A-Za-z0-9 \-_.:/,=@+{}[\]"\\]*$/

/** The report of a verdict, and what its output holds; both are what the schema says. */
function report(verdict: Verdict, checkedAt: string | null = AT) {
  const file = makeReport(verdict, checkedAt, 12.4)
  const text = encodeReport(file, shortReport(file))
  expect(text).toMatch(SAFE)
  expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
  const output = JSON.parse(text)
  expectReport(file)
  expectReport(output)
  return { file, text, output }
}

it('a report has exactly the fields of version 1', () => {
  const results = [
    makeResult('advertises'),
    makeResult('legacy', { name: 'n2', httpStatus: 200, error: 'old' }),
  ]
  const { file, output } = report(makeVerdict(results, { rounds: 4 }))
  const peer = (name: string, rest: object) => ({
    name,
    address: `${name}.internal`,
    url: `http://${name}.internal:9324/sqs_health`,
    httpStatus: 200,
    latencyMs: 1.5,
    ...rest,
  })
  expect(file).toEqual({
    version: 1,
    capability: 'htfifo',
    verdict: 'closed',
    problems: [],
    membership: null,
    checkedAt: AT,
    durationMs: 12,
    rounds: 4,
    peersOmitted: 0,
    peers: [
      peer('n1', { advertises: true, status: 'advertises', capabilities: ['htfifo'], error: '' }),
      peer('n2', { advertises: false, status: 'legacy', capabilities: null, error: 'old' }),
    ],
  })
  expect(output).toEqual(file)
})

it('a report tells how each address answered where a name has several, and there only', () => {
  const addresses = [
    { address: '10.0.0.1:9324', status: 'advertises', error: '' },
    { address: '10.0.0.2:9324', status: 'legacy', error: 'old' },
  ] as const
  const peersWith = (count: number) =>
    report(makeVerdict([makeResult('legacy', { addresses: addresses.slice(0, count) })])).file.peers
  expect(peersWith(2)[0]?.addresses).toEqual(addresses)
  expect(peersWith(1)[0]).not.toHaveProperty('addresses')
})

it('a report tells the membership, an id at several hosts like a change, and no names that the cluster does not know', () => {
  const told = {
    groups: 2,
    members: [makeUnlisted('n4', { suffrage: 'learner', groups: [1, 2] })],
    unknown: [{ name: 'n2', raftAddress: 'n2:50051', status: 'dns', error: 'x' }],
    shared: [['n1', 'n2']],
  } as const
  const members = ['kv03', 'kv04', 'kv05'].map((host) =>
    makeUnlisted('n3', { address: `${host}:50051` }),
  )
  const membership = makeMembership({
    ...told,
    changed: [{ name: 'n1', before: [], after: [makeMember('n4')] }],
    moved: [{ id: 'n3', members }],
    strangers: ['n9'],
  })
  const { file, output } = report(makeVerdict(makeRound('advertises'), { membership }))
  const at = (host: string) => makeMember('n3', { address: `${host}:50051` })
  expect(file.membership).toEqual({
    state: 'incomplete',
    ...told,
    changed: [
      { name: 'n3', before: [at('kv03')], after: [at('kv04'), at('kv05')] },
      { name: 'n1', before: [], after: [makeMember('n4')] },
    ],
    membersOmitted: 0,
  })
  expect(output).toEqual(file)
})

it('a report has a hundred changes at most, ids at several hosts first', () => {
  const member = makeMember('n1')
  const changed = Array.from({ length: 90 }, () => ({ name: 'n1', before: [member], after: [] }))
  const moved = Array.from({ length: 20 }, (_, at) => ({ id: `m${at}`, members: [] }))
  const membership = makeMembership({ changed, moved })
  const { file } = report(makeVerdict(makeRound('advertises'), { membership }))
  expect(file.membership?.changed).toHaveLength(100)
  expect(file.membership?.changed[19]?.name).toBe('m19')
})

it('a report is open only for an open verdict, and tells of problems and of a crash', () => {
  expect(report(makeVerdict(makeRound('advertises'))).file.verdict).toBe('open')
  expect(report(refuse(['a', 'b'], 'x'), null).file).toMatchObject({
    verdict: 'closed',
    capability: 'x',
    problems: ['a', 'b'],
    checkedAt: null,
    rounds: 0,
    peers: [],
  })
  expect(report(crash('Error: x', 'htfifo'), null).file).toMatchObject({
    verdict: 'closed',
    problems: ['the gate failed: Error: x'],
  })
})

it('nothing in an output is run by a shell', () => {
  const error = '$(id) `id` \' " ; & \n €'
  const { text, output } = report(makeVerdict([makeResult('malformed', { error })]))
  expect(text).toContain('\\u0024\\u0028id\\u0029')
  expect(output.peers[0].error).toBe(error)
  expect(encodeNames(['$(id)'], 1_000)).toBe('["\\u0024\\u0028id\\u0029"]')
})

describe('an output that the whole report does not fit into', () => {
  it('has neither peers nor members, but counts them', () => {
    const results = Array.from({ length: 5_000 }, () => makeResult('legacy'))
    const members = Array.from({ length: 10_000 }, (_, at) => makeUnlisted(`m${at}`))
    const unknown = [{ name: 'n2', raftAddress: 'n2:50051', status: 'dns', error: 'x' }] as const
    const changed = [{ name: 'n1', before: [], after: [] }]
    const membership = makeMembership({ members, unknown, changed, shared: [['n1', 'n2']] })
    const { file, output } = report(makeVerdict(results, { membership }))
    const none = { members: [], unknown: [], changed: [], shared: [] }
    expect(output).toEqual({
      ...file,
      membership: { ...file.membership, ...none, membersOmitted: 10_000 },
      peersOmitted: 5_000,
      peers: [],
    })
    expect(file).toMatchObject({ peersOmitted: 0, membership: { membersOmitted: 0 } })
  })

  it.each(['x', 'é'])('begins one byte past the limit, for peers full of %s', (char) => {
    const encode = (characters: number, pad: number) => {
      const error = char.repeat(characters) + 'x'.repeat(pad)
      return report(makeVerdict([makeResult('dns', { error })]))
    }
    const characters = char === 'x' ? 1 : 50_000
    const full = MAX_REPORT_BYTES - encode(characters, 0).text.length
    expect(encode(characters, full).text).toHaveLength(MAX_REPORT_BYTES)
    expect(encode(characters, full).output.peersOmitted).toBe(0)
    expect(encode(characters, full + 1).output).toMatchObject({ peersOmitted: 1, peers: [] })
  })

  it.each(['x', 'é', '🙂', '\0'])('has the first fifty problems, cut, full of %j', (char) => {
    const problems = Array.from({ length: 3_000 }, (_, at) => `${at} ${char.repeat(600)}`)
    const { output } = report(refuse(problems, 'x'), null)
    expect(output.problems).toHaveLength(51)
    expect(output.problems[49]).toBe(`${problems[49]?.slice(0, 500).toWellFormed()}…`)
    expect(output.problems[50]).toBe('and 2950 more')
    const { file, output: short } = report(crash(char.repeat(400_000), 'x'), null)
    expect(short.problems).toEqual([`${file.problems[0]?.slice(0, 500).toWellFormed()}…`])
  })
})

describe('a list of names', () => {
  it('is a JSON array in their order', () => {
    expect(encodeNames(['n3', 'n1'], 1_000)).toBe('["n3","n1"]')
    expect(encodeNames([], 1_000)).toBe('[]')
  })

  it.each(['x', 'é', '🙂'])('holds as many as fit, and counts the rest, full of %s', (char) => {
    const names = Array.from({ length: 5_000 }, (_, at) => `${at} ${char.repeat(47)}`)
    const text = encodeNames(names, 60_000)
    expect(text).toMatch(SAFE)
    expect(text.length).toBeLessThanOrEqual(60_000)
    expect(text.length).toBeGreaterThan(60_000 - 700)
    const told: string[] = JSON.parse(text)
    expect(told.slice(0, -1)).toEqual(names.slice(0, told.length - 1))
    expect(told.at(-1)).toBe(`and ${5_001 - told.length} more`)
  })

  it('cuts a long one', () => {
    const told = JSON.parse(encodeNames(['🙂'.repeat(400_000), 'n5'], 60_000))
    expect(told).toEqual([`${'🙂'.repeat(150)}…`, 'n5'])
  })
})

describe('docs/report.schema.json', () => {
  const membership = makeMembership({
    members: [makeUnlisted('n4')],
    changed: [{ name: 'n1', before: [], after: [makeMember('n4')] }],
    unknown: [{ name: 'n2', raftAddress: 'n2:50051', status: 'dns', error: 'x' }],
    shared: [['n1', 'n2']],
  })
  const addresses = [
    { address: '10.0.0.1:9324', status: 'dns', error: 'x' },
    { address: '10.0.0.2:9324', status: 'advertises', error: '' },
  ] as const
  const { file } = report(makeVerdict([makeResult('dns', { addresses })], { membership }))

  it('takes a report with each status', () => {
    for (const status of Object.keys(STATUSES) as Status[]) report(makeVerdict(makeRound(status)))
  })

  /** Every object in a value, as a path of keys. */
  const objectsIn = (value: unknown, path: string[] = []): string[][] =>
    typeof value !== 'object' || value === null
      ? []
      : [
          ...(Array.isArray(value) ? [] : [path]),
          ...Object.entries(value).flatMap(([key, inner]) => objectsIn(inner, [...path, key])),
        ]
  const paths = objectsIn(JSON.parse(JSON.stringify(file)))
  const at = (value: unknown, path: readonly string[]): Record<string, unknown> =>
    path.reduce((inner, key) => Reflect.get(Object(inner), key), value) as Record<string, unknown>

  it.each(paths.map((path) => [path.join('.') || 'the report', path] as const))(
    'takes no field more and no field less in %s',
    (_, path) => {
      const more = structuredClone(file)
      at(more, path)['other'] = 1
      expect(() => expectReport(more)).toThrow(/other|additional|unevaluated/)
      for (const key of Object.keys(at(file, path)).filter((name) => name !== 'addresses')) {
        const less = structuredClone(file)
        delete at(less, path)[key]
        expect(() => expectReport(less), key).toThrow()
      }
    },
  )

  it('was tried on every kind of object', () => {
    expect(paths).toHaveLength(9)
  })

  it.each([
    ['a status of its own', { status: 'fine' }],
    ['a peer that passes for another reason', { advertises: true }],
    ['a peer without a reason', { error: '' }],
  ])('refuses %s', (_, change) => {
    const [peer] = file.peers
    expect(() => expectReport({ ...file, peers: [{ ...peer, ...change }] })).toThrow()
  })

  it.each([
    ['peers that do not advertise', {}],
    ['no round', { peers: [], rounds: 0 }],
    ['an unknown membership', { peers: [], membership: { ...file.membership, state: 'unknown' } }],
  ])('refuses an open gate with %s', (_, change) => {
    expect(() => expectReport({ ...file, verdict: 'open', ...change })).toThrow()
  })
})
