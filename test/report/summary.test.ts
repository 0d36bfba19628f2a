import { describe, expect, it } from 'vitest'
import { STATUSES } from '../../src/report/advice.ts'
import { renderSummary, type SummaryContext } from '../../src/report/summary.ts'
import type { Turn } from '../../src/rounds/course.ts'
import type { PeerResult } from '../../src/rounds/result.ts'
import { refuse } from '../../src/rounds/verdict.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeCourse, makeResult, makeRound, makeVerdict } from '../support/rounds.ts'

const MIB = 1_048_576
const CONTEXT: SummaryContext = {
  checkedAt: '2026-11-23T12:00:00.000Z',
  durationMs: 1_500,
  warnings: [],
  course: null,
  queues: [],
}
const render = (results: readonly PeerResult[], context: Partial<SummaryContext> = {}) =>
  renderSummary(makeVerdict(results), { ...CONTEXT, ...context })

/** The names in the first column of the table of peers, in their order. */
const namesIn = (summary: string) =>
  [...summary.matchAll(/^\| `(n\d+)` \|/gm)].map(([, name]) => name)

describe('the summary', () => {
  it('tells every peer in a row, with address, status in words, capabilities, latency and detail', () => {
    const summary = render([
      makeResult('advertises', { capabilities: ['a', 'htfifo'] }),
      makeResult('missing-capability', { name: 'n2' }),
      makeResult('dns', { name: 'n3', error: 'the name does not resolve' }),
    ])
    const rows = summary.split('\n').filter((line) => /^\| `n\d` /.test(line))
    expect(rows[0]).toMatch(/`n1` \| `n1\.internal` \| .*ready \| `a`, `htfifo` \| 2ms \|/)
    expect(rows[1]).toMatch(/`n2` .*capability missing \| none \| 2ms \| not in its list \|$/)
    expect(rows[2]).toMatch(/`n3` .*name not found \| {2}\| 2ms \| `the name does not resolve` \|$/)
    expect(summary).toContain('2026-11-23 12:00:00 UTC')
    expect(summary).toContain('1.5s')
  })

  it('tells what to do about each reason that occurred, once, and about no other', () => {
    const summary = render(makeRound('advertises', 'dns', 'dns', 'legacy'))
    expect(summary.split(STATUSES.dns.advice)).toHaveLength(2)
    expect(summary).toContain(STATUSES.legacy.advice)
    expect(summary).not.toContain(STATUSES.refused.advice)
    for (const status of Object.keys(STATUSES) as Status[]) {
      expect(render(makeRound(status))).toContain(STATUSES[status].words)
      expect(render(makeRound(status))).toContain(STATUSES[status].advice)
    }
  })

  it('does not advise where all advertise', () => {
    const summary = render(makeRound('advertises'))
    expect(summary).not.toContain('What to do')
    expect(summary).not.toContain('must not go out')
    expect(render(makeRound('dns'))).toContain('must not go out')
  })

  it('shows the verdict with the capability as code, even where it looks like another word', () => {
    const headline = 'CLOSED: 1 of 2 nodes does not advertise {capability}.'
    const verdict = makeVerdict(makeRound('dns'), { headline, capability: 'node' })
    expect(renderSummary(verdict, CONTEXT)).toContain('1 of 2 nodes does not advertise `node`.')
    const link = '[x](http://a.invalid)'
    const open = makeVerdict(makeRound('advertises'), {
      headline: 'OPEN: the only node advertises {capability}.',
      capability: link,
    })
    expect(renderSummary(open, CONTEXT)).toContain(`advertises \`${link}\`.`)
  })

  it('keeps the order of the input up to twenty rows, and puts blocking peers first past that', () => {
    const statuses = Array<Status>(20).fill('advertises').with(7, 'dns').with(19, 'legacy')
    expect(namesIn(render(makeRound(...statuses)))).toEqual(
      statuses.map((_, index) => `n${index + 1}`),
    )
    const names = namesIn(render(makeRound(...statuses, 'advertises', 'refused')))
    expect(names.slice(0, 5)).toEqual(['n8', 'n20', 'n22', 'n1', 'n2'])
    expect(names).toHaveLength(22)
  })

  it('shows the first eight capabilities and counts the others', () => {
    const capabilities = Array.from({ length: 10 }, (_, index) => `c${index}`)
    const summary = render([makeResult('missing-capability', { capabilities })])
    expect(summary).toContain('`c7`, and 2 more')
    expect(summary).not.toContain('c8')
  })

  it('lists problems and warnings, the first fifty', () => {
    const problems = Array.from({ length: 60 }, (_, index) => `problem ${index}`)
    const summary = renderSummary(refuse(problems, 'x'), {
      ...CONTEXT,
      checkedAt: null,
      warnings: ['careful'],
    })
    expect(summary).toContain('- `problem 0`\n')
    expect(summary).toContain('- `problem 49`\n- and 10 more')
    expect(summary).toMatch(/- .*`careful`/)
    expect(summary).toContain('nothing was polled')
    expect(summary).not.toContain('Checked at')
    expect(summary).not.toContain('| --- |')
    expect(render(makeRound('dns'))).not.toContain('and 0 more')
  })

  it('shows the partition map and what it does not cover', () => {
    const queues = [{ queue: 'orders.fifo', groups: ['1', '2', '2', '1'] }]
    const summary = render(makeRound('advertises'), { queues })
    expect(summary).toContain('| `orders.fifo` | 4 | `1, 2, 2, 1` |')
    expect(summary).toContain('2 Raft groups')
    expect(summary).toContain('no guard')
    expect(render(makeRound('advertises'))).not.toContain('Partition map')
  })
})

describe('the course of a run of several rounds', () => {
  const turn = (round: number, changes: Turn['changes']): Turn => ({
    round,
    atMs: round * 1_000,
    advertising: round,
    total: 3,
    leftMs: 0,
    changes,
  })

  it('tells the rounds in which something changed', () => {
    const course = makeCourse([], {
      rounds: 9,
      turns: [
        turn(1, [{ name: 'n1', from: null, to: 'dns' }]),
        turn(3, [{ name: 'n1', from: 'dns', to: 'advertises' }]),
      ],
      turnsOmitted: 4,
    })
    const summary = render(makeRound('advertises'), { course })
    expect(summary).toMatch(/\| 1 \| 1s \| 1 of 3 \|/)
    expect(summary).toMatch(/\| 3 \| 3s \| 3 of 3 \| .*`n1` name not found → ready \|/)
    expect(summary).toContain('4 more rounds')
  })

  it('is left out after a single round', () => {
    const course = makeCourse([], { turns: [turn(1, [])] })
    expect(render(makeRound('dns'), { course })).not.toContain('How it went')
  })
})

describe('the size of the summary', () => {
  it('holds all rows that fit, blocking peers first, and counts the others', () => {
    const results = Array.from({ length: 20_000 }, (_, index) =>
      makeResult(index === 19_999 ? 'dns' : 'advertises', { name: `n${index}` }),
    )
    const summary = render(results)
    const names = namesIn(summary)
    expect(names[0]).toBe('n19999')
    expect(names.length).toBeGreaterThan(5_000)
    expect(summary).toContain(`And ${20_000 - names.length} more nodes`)
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB)
    expect(Buffer.byteLength(summary)).toBeGreaterThan(900_000)
  })

  it.each(['|', '🙂', '\u202e', '`', 'é'])('is under 1 MiB whatever is full of %j', (char) => {
    const name = char.repeat(1_200)
    const hostile = { name, error: name, capabilities: Array<string>(300).fill(name) }
    const results = Array.from({ length: 3_000 }, () => makeResult('malformed', hostile))
    const changes = results.map(() => ({ name, from: 'unhealthy', to: 'legacy' }) as const)
    const turns = Array.from({ length: 50 }, (_, index) => ({
      round: index + 2,
      atMs: 1,
      advertising: 0,
      total: 3_000,
      leftMs: 0,
      changes,
    }))
    const groups = Array.from({ length: 32 }, () => '18446744073709551615')
    const queues = Array.from({ length: 150 }, (_, index) => ({
      queue: `${index}${'q'.repeat(70)}.fifo`,
      groups,
    }))
    const summary = render(results, {
      warnings: Array<string>(500).fill(name),
      course: makeCourse([], { rounds: 99, turns }),
      queues,
    })
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB)
    expect(summary).toMatch(/And \d+ more nodes/)
  })
})
