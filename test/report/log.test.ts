import { describe, expect, it } from 'vitest'
import { STATUSES } from '../../src/report/advice.ts'
import { annotation, headlineText, peerLine, turnLine } from '../../src/report/log.ts'
import type { Change } from '../../src/rounds/course.ts'
import { refuse } from '../../src/rounds/verdict.ts'
import type { Status } from '../../src/shared/status.ts'
import { makePeer, makeResult, makeRound, makeVerdict } from '../support/rounds.ts'

describe('peerLine', () => {
  it('tells name, address, how the peer answered and how long it took', () => {
    expect(peerLine(makeResult('advertises'))).toBe('✓ n1 at n1.internal: advertises, 2ms')
  })

  it('tells why a peer does not pass', () => {
    const line = peerLine(makeResult('refused', { error: 'connection refused (ECONNREFUSED)' }))
    expect(line).toMatch(/^✗ n1 at n1\.internal: refused \(.*\): connection refused \(ECONN/)
  })

  it('shows the list of a peer that lacks the capability', () => {
    expect(peerLine(makeResult('missing-capability'))).toContain('its list is []')
    const listed = makeResult('missing-capability', { capabilities: ['a', 'b'] })
    expect(peerLine(listed)).toContain('its list is ["a","b"]')
  })

  it('tells an address once where it is the name as well', () => {
    const peer = makePeer('kv01', { address: 'kv01' })
    expect(peerLine(makeResult('advertises', { peer }))).toBe('✓ kv01: advertises, 2ms')
  })

  it('has words for every status', () => {
    for (const status of Object.keys(STATUSES) as Status[]) {
      expect(peerLine(makeResult(status))).toContain(status)
    }
  })
})

describe('turnLine', () => {
  const turn = { round: 2, atMs: 0, advertising: 1, total: 3, changes: [], leftMs: 0 }
  const change = (index: number): Change => ({ name: `n${index}`, from: 'legacy', to: 'dns' })

  it('tells a round without change, and how much time is left', () => {
    expect(turnLine(turn)).toBe('round 2: 1 of 3 advertise; no change')
    expect(turnLine({ ...turn, leftMs: 61_000 })).toBe(
      'round 2: 1 of 3 advertise; no change; 1m1s left',
    )
  })

  it('tells what changed, the first five by name', () => {
    const first: Change = { name: 'n9', from: null, to: 'advertises' }
    expect(turnLine({ ...turn, changes: [first, change(1)] })).toContain(
      '; n9 advertises, n1 legacy → dns',
    )
    const five = turnLine({ ...turn, changes: [1, 2, 3, 4, 5].map(change) })
    expect(five).toContain('n5 legacy → dns')
    expect(five).not.toContain('more')
    const seven = turnLine({ ...turn, changes: [1, 2, 3, 4, 5, 6, 7].map(change) })
    expect(seven).toContain('n5 legacy → dns, and 2 more')
    expect(seven).not.toContain('n6')
  })
})

describe('headlineText', () => {
  it('disarms what the capability holds', () => {
    const verdict = makeVerdict([], {
      headline: 'OPEN: all 2 nodes advertise {capability}.',
      capability: '##[error]x',
    })
    expect(headlineText(verdict)).not.toContain('##[')
    expect(headlineText(verdict)).toContain('OPEN')
  })
})

describe('annotation', () => {
  it('names the verdict and every blocking peer with its reason', () => {
    const lines = annotation(makeVerdict(makeRound('advertises', 'refused', 'dns'))).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain('CLOSED')
    expect(lines[1]).toMatch(/^n2: refused .*why refused$/)
    expect(lines[2]).toMatch(/^n3: dns .*why dns$/)
  })

  it('names the first ten, and how many more there are', () => {
    const ten = annotation(makeVerdict(makeRound(...Array<Status>(10).fill('dns'))))
    expect(ten.split('\n')).toHaveLength(11)
    expect(ten).not.toContain('more')
    const lines = annotation(makeVerdict(makeRound(...Array<Status>(12).fill('dns')))).split('\n')
    expect(lines).toHaveLength(12)
    expect(lines[10]).toMatch(/^n10: /)
    expect(lines[11]).toBe('and 2 more')
  })

  it('names problems', () => {
    const lines = annotation(refuse(['peers: a', 'timeout: b'], 'x')).split('\n')
    expect(lines.slice(1)).toEqual(['peers: a', 'timeout: b'])
  })

  it.each(['x', '\u{10ffff}', '##[', '🙂', '\u202e', '%'])(
    'stays under 4,096 characters for names and reasons full of %j',
    (text) => {
      const long = text.repeat(5_000)
      const statuses = Object.keys(STATUSES).filter((status) => status !== 'advertises')
      const longest = statuses.reduce((a, b) => {
        const size = (status: string) => status.length + STATUSES[status as Status].words.length
        return size(a) >= size(b) ? a : b
      }) as Status
      const results = Array.from({ length: 99_999 }, () =>
        makeResult(longest, { name: long, error: long }),
      )
      const headline = 'CLOSED: 99999 of 99999 nodes do not advertise {capability}.'
      const told = annotation(makeVerdict(results, { headline, capability: '🙂'.repeat(100) }))
      expect(told.length).toBeLessThan(4_096)
      expect(told.split('\n')).toHaveLength(12)
      expect(told).toMatch(/and 99989 more$/)
      const problems = annotation(refuse(Array<string>(50).fill(long), 'x'))
      expect(problems.length).toBeLessThan(4_096)
      expect(problems).toMatch(/and 40 more$/)
    },
  )
})
