import { describe, expect, it } from 'vitest'
import type { Member, Membership } from '../../src/membership/membership.ts'
import { STATUSES } from '../../src/report/advice.ts'
import { encodeReport, MAX_REPORT_BYTES, makeReport, type Report } from '../../src/report/json.ts'
import type { PeerResult } from '../../src/rounds/result.ts'
import { refuse } from '../../src/rounds/verdict.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeMembership, makeResult, makeRound, makeVerdict } from '../support/rounds.ts'
import { expectReport } from '../support/schema.ts'

const AT = '2026-11-23T12:00:00.000Z'
const SAFE = /^[A-Za-z0-9 \-_.:/,=@+{}[\]"\\]*$/

describe('makeReport', () => {
  it('has exactly the fields of version 1', () => {
    const results = [
      makeResult('advertises'),
      makeResult('legacy', { name: 'n2', httpStatus: 200, error: 'old' }),
    ]
    expect(makeReport(makeVerdict(results, { rounds: 4 }), AT, 12.4)).toEqual({
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
        {
          name: 'n1',
          address: 'n1.internal',
          url: 'http://n1.internal:9324/sqs_health',
          advertises: true,
          status: 'advertises',
          capabilities: ['htfifo'],
          httpStatus: 200,
          latencyMs: 1.5,
          error: '',
        },
        {
          name: 'n2',
          address: 'n2.internal',
          url: 'http://n2.internal:9324/sqs_health',
          advertises: false,
          status: 'legacy',
          capabilities: null,
          httpStatus: 200,
          latencyMs: 1.5,
          error: 'old',
        },
      ],
    })
  })

  it('tells how each address answered, where a name has several', () => {
    const addresses = [
      { address: '10.0.0.1:9324', status: 'advertises', error: '' },
      { address: '10.0.0.2:9324', status: 'legacy', error: 'old' },
    ] as const
    const [peer] = makeReport(makeVerdict([makeResult('legacy', { addresses })]), AT, 0).peers
    expect(peer?.addresses).toEqual(addresses)
    const [single] = makeReport(makeVerdict(makeRound('dns')), AT, 0).peers
    expect(Object.keys(single ?? {})).not.toContain('addresses')
  })

  it('tells the membership whole, but for names that the cluster does not know', () => {
    const n4 = { id: 'n4', address: 'n4:50051', suffrage: 'learner' }
    const { strangers, ...membership } = makeMembership({
      state: 'incomplete',
      members: [{ ...n4, listed: false, knownBy: ['n1'] }],
      changed: [{ name: 'n1', before: [], after: [{ ...n4, ...{ groups: 1 } }] }],
      unknown: [{ name: 'n2', raftAddress: 'n2:50051', status: 'dns', error: 'x' }],
      shared: [['n1', 'n2']],
      strangers: ['n9'],
    })
    const verdict = makeVerdict(makeRound('advertises'), {
      membership: { ...membership, strangers },
    })
    const omitted = { membersOmitted: 0, knownByOmitted: 0, unknownOmitted: 0 }
    const changed = [{ name: 'n1', before: [], after: [n4] }]
    const whole = { ...membership, changed, ...omitted, changedOmitted: 0, sharedOmitted: 0 }
    const report = makeReport(verdict, AT, 0)
    expect(report.membership).toEqual(whole)
    expect(JSON.parse(encodeReport(report)).membership).toEqual(whole)
  })

  it('says open for an open verdict and holds problems', () => {
    expect(makeReport(makeVerdict(makeRound('advertises')), AT, 0).verdict).toBe('open')
    const report = makeReport(refuse(['a', 'b'], 'x'), null, 0)
    expect(report).toMatchObject({ problems: ['a', 'b'], checkedAt: null, rounds: 0, peers: [] })
  })
})

/** Peers whose rows take about 1,400 bytes each. */
const wide = (status: Status, from: number, count: number): PeerResult[] =>
  Array.from({ length: count }, (_, index) =>
    makeResult(status, { name: `n${from + index}`, error: '\u{1f642}'.repeat(100) }),
  )

const encode = (results: readonly PeerResult[]) => {
  const text = encodeReport(makeReport(makeVerdict(results), AT, 0))
  const report: Report = JSON.parse(text)
  return { text, report }
}

describe('encodeReport', () => {
  it('is the whole report where that fits', () => {
    const verdict = makeVerdict(makeRound('advertises', 'dns', 'missing-capability'))
    const report = makeReport(verdict, AT, 5)
    expect(JSON.parse(encodeReport(report))).toEqual(report)
    expect(JSON.parse(encodeReport(makeReport(refuse(['a'], 'x'), null, 0))).peers).toEqual([])
  })

  it('holds nothing that a shell would run', () => {
    const { text, report } = encode([
      makeResult('malformed', { error: '$(id) `id` \' " ; & \n €' }),
    ])
    expect(text).toMatch(SAFE)
    expect(text).toContain('\\u0024\\u0028id\\u0029')
    expect(report.peers[0]?.error).toBe('$(id) `id` \' " ; & \n €')
  })

  it('leaves out advertising peers first, from the end, and counts them', () => {
    const { text, report } = encode([
      ...wide('advertises', 0, 400),
      ...wide('legacy', 400, 100),
      ...wide('advertises', 500, 200),
    ])
    expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    expect(text.length).toBeGreaterThan(MAX_REPORT_BYTES - 3_000)
    const names = report.peers.map(({ name }) => name)
    expect(report.peers.filter(({ advertises }) => !advertises)).toHaveLength(100)
    expect(report.peersOmitted).toBe(700 - names.length)
    const kept = names.length - 100
    expect(kept).toBeGreaterThan(100)
    expect(names.slice(0, kept)).toEqual(Array.from({ length: kept }, (_, at) => `n${at}`))
    expect(names.slice(kept)).toEqual(Array.from({ length: 100 }, (_, at) => `n${400 + at}`))
  })

  it('leaves out blocking peers after that', () => {
    const { text, report } = encode([...wide('advertises', 0, 5), ...wide('legacy', 5, 800)])
    expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    expect(report.peers.every(({ advertises }) => !advertises)).toBe(true)
    expect(report.peers[0]?.name).toBe('n5')
    expect(report.peersOmitted).toBe(805 - report.peers.length)
    expect(report.peers.length).toBeGreaterThan(300)
  })

  it('fits exactly at its limit', () => {
    const sizeOf = (pad: number) => {
      const results = [makeResult('legacy'), makeResult('dns', { error: 'x'.repeat(pad) })]
      return encodeReport(makeReport(makeVerdict(results), AT, 0))
    }
    const frame = sizeOf(1).length - 1
    const full = sizeOf(MAX_REPORT_BYTES - frame - 1)
    expect(JSON.parse(full)).toMatchObject({ peersOmitted: 0 })
    expect(full.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    const over = sizeOf(MAX_REPORT_BYTES - frame + 1)
    expect(JSON.parse(over)).toMatchObject({ peersOmitted: 1, peers: [{ status: 'legacy' }] })
  })

  it('is valid and within its limit for problems of any number and size', () => {
    const problems = Array.from({ length: 3_000 }, (_, at) => `${at} ${'\u{1f642}'.repeat(300)}`)
    const text = encodeReport(makeReport(refuse(problems, 'x'), null, 0))
    expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    const kept = JSON.parse(text).problems
    expect(kept[0]).toBe(problems[0])
    expect(kept.at(-1)).toBe(`and ${3_001 - kept.length} more problems`)
    expect(kept.length).toBeGreaterThan(20)
  })
})

describe('encodeReport of a large cluster', () => {
  const TEXTS = ['n', '🙂', '$("`', '\u0000']
  const member = (text: string, at: number): Member => {
    return { id: `${text}${at}`, address: `${text}${at}:50051`, suffrage: text }
  }

  const encoded = (rest: Partial<Membership>, results = makeRound('advertises', 'legacy')) => {
    const membership = makeMembership({ state: 'incomplete', ...rest })
    const report = makeReport(makeVerdict(results, { membership }), AT, 0)
    expectReport(report)
    const text = encodeReport(report)
    expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    expect(text).toMatch(SAFE)
    const shown: Report = JSON.parse(text)
    expectReport(shown)
    if (shown.membership === null) throw new Error('no membership')
    return { file: report, output: shown, membership: shown.membership }
  }

  it.each(TEXTS)('leaves out listed members before any unlisted one, and counts: %j', (text) => {
    const knownBy = Array.from({ length: 1_000 }, (_, at) => `n${at}`)
    const members = Array.from({ length: 10_000 }, (_, at) => {
      return { ...member(text, at), listed: at % 500 !== 499, knownBy }
    })
    const { file, membership, output } = encoded({ members })
    expect(output.peers).toHaveLength(2)
    expect(membership.members.filter(({ listed }) => !listed)).toHaveLength(20)
    expect(membership.members.length).toBeGreaterThan(100)
    expect(membership.membersOmitted).toBe(10_000 - membership.members.length)
    expect(membership.members[0]?.id).toBe(`${text}0`)
    expect(membership.members[0]?.knownBy).toEqual(knownBy.slice(0, 10))
    expect(membership.knownByOmitted).toBe(9_000_000 + 900_000)
    expect(file.membership?.members).toHaveLength(10_000)
    expect(file.membership?.knownByOmitted).toBe(9_000_000)
  })

  it('keeps the state and the first unlisted members where not even they fit', () => {
    const members = Array.from({ length: 10_000 }, (_, at) => {
      const long = member('🙂'.repeat(500), at)
      return { ...long, listed: false, knownBy: Array<string>(50).fill('🙂'.repeat(500)) }
    })
    const { membership } = encoded({ members, shared: [['a', 'b']] })
    expect(membership.state).toBe('incomplete')
    expect(membership.members.length).toBeGreaterThan(5)
    expect(membership.membersOmitted).toBe(10_000 - membership.members.length)
    expect(membership.members[0]?.id).toBe(`${'🙂'.repeat(150)}…`)
    expect(membership).toMatchObject({ shared: [], sharedOmitted: 1 })
  })

  it('keeps peers beside a membership of any size, and a membership beside peers of any size', () => {
    const members = Array.from({ length: 3_000 }, (_, at) => {
      return { ...member('x'.repeat(250), at), listed: false, knownBy: ['n1'] }
    })
    const { membership, output } = encoded({ members }, wide('legacy', 0, 900))
    expect(membership.members.length).toBeGreaterThan(200)
    expect(output.peers.length).toBeGreaterThan(200)
    expect(output.peersOmitted).toBe(900 - output.peers.length)
  })

  it('counts changes, peers that did not tell and shared names that do not fit', () => {
    const all = Array.from({ length: 1_000 }, (_, at) => member('m', at))
    const changed = Array.from({ length: 1_000 }, (_, at) => {
      return { name: `n${at}`, before: all, after: all }
    })
    const error = 'x'.repeat(5_000)
    const unknown = Array.from({ length: 1_000 }, (_, at) => {
      return { name: `n${at}`, raftAddress: `n${at}:50051`, status: 'timeout', error } as const
    })
    const shared = Array.from({ length: 20_000 }, (_, at) => [`n${at}`, `m${at}`])
    const { file, membership } = encoded({ members: [], changed })
    expect(file.membership).toMatchObject({ changedOmitted: 950 })
    expect(membership.changed.length + membership.changedOmitted).toBe(1_000)
    expect(membership.changed.length).toBeGreaterThan(0)
    const untold = encoded({ members: [], unknown }).membership
    expect(untold.unknown[0]?.error).toBe(`${'x'.repeat(300)}…`)
    expect(untold.unknown.length).toBeGreaterThan(300)
    expect(untold.unknown.length + untold.unknownOmitted).toBe(1_000)
    const double = encoded({ members: [], shared }).membership
    expect(double.shared.length).toBeGreaterThan(5_000)
    expect(double.shared.length + double.sharedOmitted).toBe(20_000)
  })
})

describe('docs/report.schema.json', () => {
  const membership = makeMembership({
    state: 'incomplete',
    members: [{ id: 'n4', address: 'n4:50051', suffrage: 'voter', listed: false, knownBy: ['n1'] }],
    changed: [{ name: 'n1', before: [], after: [{ id: 'a', address: 'b', suffrage: 'c' }] }],
    unknown: [{ name: 'n2', raftAddress: 'n2:50051', status: 'dns', error: 'x' }],
    shared: [['n1', 'n2']],
  })
  const addresses = [
    { address: '10.0.0.1:9324', status: 'dns', error: 'x' },
    { address: '10.0.0.2:9324', status: 'advertises', error: '' },
  ] as const
  const report = makeReport(makeVerdict([makeResult('dns', { addresses })], { membership }), AT, 1)

  it('takes a report with everything in it, and one with each status', () => {
    expectReport(report)
    for (const status of Object.keys(STATUSES) as Status[]) {
      expectReport(makeReport(makeVerdict(makeRound(status)), AT, 1))
    }
    expectReport(makeReport(refuse(['a'], 'x'), null, 1))
  })

  /** Every object in a value, as a path of keys. */
  const objectsIn = (value: unknown, path: string[] = []): string[][] =>
    typeof value !== 'object' || value === null
      ? []
      : [
          ...(Array.isArray(value) ? [] : [path]),
          ...Object.entries(value).flatMap(([key, inner]) => objectsIn(inner, [...path, key])),
        ]
  const paths = objectsIn(JSON.parse(JSON.stringify(report)))
  const at = (value: unknown, path: readonly string[]): Record<string, unknown> =>
    path.reduce((inner, key) => Reflect.get(Object(inner), key), value) as Record<string, unknown>

  it.each(paths.map((path) => [path.join('.') || 'the report', path] as const))(
    'takes no field more and no field less in %s',
    (_, path) => {
      const more = structuredClone(report)
      at(more, path)['other'] = 1
      expect(() => expectReport(more)).toThrow(/other|additional|unevaluated/)
      for (const key of Object.keys(at(report, path)).filter((name) => name !== 'addresses')) {
        const less = structuredClone(report)
        delete at(less, path)[key]
        expect(() => expectReport(less), key).toThrow()
      }
    },
  )

  it('has looked into every kind of object', () => {
    expect(paths.length).toBeGreaterThan(8)
  })

  it.each([
    ['a status of its own', { status: 'fine' }],
    ['a peer that passes for another reason', { advertises: true }],
    ['a peer without a reason', { error: '' }],
  ])('refuses %s', (_, change) => {
    const [peer] = report.peers
    expect(() => expectReport({ ...report, peers: [{ ...peer, ...change }] })).toThrow()
  })

  it.each([
    ['peers that do not advertise', {}],
    ['no round', { peers: [], rounds: 0 }],
    [
      'an unknown membership',
      { peers: [], membership: { ...report.membership, state: 'unknown' } },
    ],
  ])('refuses an open gate with %s', (_, change) => {
    expect(() => expectReport({ ...report, verdict: 'open', ...change })).toThrow()
  })
})

describe('the room of the report output', () => {
  it('is used up to less than one more peer, however many are left out', () => {
    const results = Array.from({ length: 6_000 }, (_, at) => {
      return makeResult('advertises', { name: `n${1_000 + at}` })
    })
    const { text, report } = encode(results)
    expect(report.peersOmitted).toBeGreaterThan(2_000)
    expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    const { peers } = makeReport(makeVerdict(results), AT, 0)
    expect(text.length).toBeGreaterThan(MAX_REPORT_BYTES - JSON.stringify(peers[0]).length - 1)
  })

  it('is 128 KiB at most for problems, with what stands between them', () => {
    // In JSON each takes twelve bytes, and a comma.
    const problems = Array.from({ length: 20_000 }, () => 'a'.repeat(10))
    const text = encodeReport(makeReport(refuse(problems, 'x'), null, 0))
    const kept = Math.floor((128 * 1_024 - 1) / 13)
    expect(JSON.parse(text).problems).toEqual([
      ...problems.slice(0, kept),
      `and ${20_000 - kept} more problems`,
    ])
  })
})

it('a peer with one address has that address in its row alone', () => {
  const addresses = [{ address: '10.0.0.1:9324', status: 'dns', error: 'x' }] as const
  const [peer] = makeReport(makeVerdict([makeResult('dns', { addresses })]), AT, 0).peers
  expect(peer).not.toHaveProperty('addresses')
})
