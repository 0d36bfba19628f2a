import { describe, expect, it } from 'vitest'
import {
  encodeBlocking,
  encodeReport,
  MAX_REPORT_BYTES,
  makeReport,
} from '../../src/report/json.ts'
import type { PeerResult } from '../../src/rounds/result.ts'
import { refuse } from '../../src/rounds/verdict.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeResult, makeRound, makeVerdict } from '../support/rounds.ts'

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
  return { text, report: JSON.parse(text) }
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
    expect(report.peers[0].error).toBe('$(id) `id` \' " ; & \n €')
  })

  it('leaves out advertising peers first, from the end, and counts them', () => {
    const { text, report } = encode([
      ...wide('advertises', 0, 400),
      ...wide('legacy', 400, 100),
      ...wide('advertises', 500, 200),
    ])
    expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    expect(text.length).toBeGreaterThan(MAX_REPORT_BYTES - 3_000)
    const names: string[] = report.peers.map(({ name }: { name: string }) => name)
    expect(names.filter((_, at) => !report.peers[at].advertises)).toHaveLength(100)
    expect(report.peersOmitted).toBe(700 - names.length)
    const kept = names.length - 100
    expect(kept).toBeGreaterThan(100)
    expect(names.slice(0, kept)).toEqual(Array.from({ length: kept }, (_, at) => `n${at}`))
    expect(names.slice(kept)).toEqual(Array.from({ length: 100 }, (_, at) => `n${400 + at}`))
  })

  it('leaves out blocking peers after that', () => {
    const { text, report } = encode([...wide('advertises', 0, 5), ...wide('legacy', 5, 800)])
    expect(text.length).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    expect(report.peers.every(({ advertises }: PeerRow) => !advertises)).toBe(true)
    expect(report.peers[0].name).toBe('n5')
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

interface PeerRow {
  readonly advertises: boolean
}

describe('encodeBlocking', () => {
  it('is the names of the peers that do not advertise, in their order', () => {
    const verdict = makeVerdict(makeRound('dns', 'advertises', 'missing-capability'))
    expect(encodeBlocking(verdict)).toBe('["n1","n3"]')
    expect(encodeBlocking(makeVerdict(makeRound('advertises')))).toBe('[]')
    expect(encodeBlocking(makeVerdict([]))).toBe('[]')
  })

  it('holds nothing that a shell would run', () => {
    const verdict = makeVerdict([makeResult('dns', { name: '$(id)' })])
    expect(encodeBlocking(verdict)).toBe('["\\u0024\\u0028id\\u0029"]')
  })

  it('is bounded, and counts what it leaves out', () => {
    const results = Array.from({ length: 5_000 }, (_, at) =>
      makeResult('dns', { name: `${at} ${'x'.repeat(95)}` }),
    )
    const text = encodeBlocking(makeVerdict(results))
    expect(text.length).toBeLessThan(256 * 1_024 + 32)
    const names: string[] = JSON.parse(text)
    expect(names[0]).toMatch(/^0 x/)
    expect(names.at(-1)).toBe(`and ${5_001 - names.length} more`)
    expect(names.length).toBeGreaterThan(2_000)
  })
})
