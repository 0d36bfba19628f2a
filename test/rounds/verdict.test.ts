import { describe, expect, it } from 'vitest'
import { blockingPeers, crash, fillHeadline, judge, refuse } from '../../src/rounds/verdict.ts'
import { makeCourse, makeRound } from '../support/rounds.ts'

const ready = makeRound('advertises', 'advertises')

describe('judge', () => {
  it('opens for a last round in which all advertise', () => {
    const verdict = judge(makeCourse(ready, { rounds: 3, streak: 1 }), 'htfifo', 1)
    expect(verdict).toEqual({
      open: true,
      headline: 'OPEN: all 2 nodes advertise {capability}.',
      capability: 'htfifo',
      problems: [],
      results: ready,
      rounds: 3,
      membership: null,
    })
  })

  it('opens for a single peer', () => {
    const { open, headline } = judge(makeCourse(makeRound('advertises'), { streak: 1 }), 'x', 1)
    expect(open).toBe(true)
    expect(headline).toBe('OPEN: the only node advertises {capability}.')
  })

  it('is closed for an empty round, whatever its streak', () => {
    expect(judge(makeCourse([], { streak: 9 }), 'htfifo', 1).open).toBe(false)
  })

  it.each([
    [1, 'CLOSED: the only node does not advertise {capability}.', makeRound('refused')],
    [
      1,
      'CLOSED: 1 of 2 nodes does not advertise {capability}.',
      makeRound('advertises', 'refused'),
    ],
    [
      9,
      'CLOSED: 2 of 3 nodes do not advertise {capability}.',
      makeRound('dns', 'advertises', 'legacy'),
    ],
  ])(
    'is closed by any blocking peer, whatever the streak says: %i',
    (streak, headline, results) => {
      const verdict = judge(makeCourse(results, { streak }), 'x', 1)
      expect(verdict.open).toBe(false)
      expect(verdict.headline).toBe(headline)
    },
  )

  it('is closed while the streak is too short', () => {
    const verdict = judge(makeCourse(ready, { streak: 2 }), 'x', 3)
    expect(verdict.open).toBe(false)
    expect(verdict.headline).toBe(
      'CLOSED: all 2 nodes advertise {capability}, but only for 2 of 3 rounds in a row.',
    )
    expect(judge(makeCourse(ready, { streak: 3 }), 'x', 3).open).toBe(true)
    expect(judge(makeCourse(ready, { streak: 4 }), 'x', 3).open).toBe(true)
  })

  it('is closed for a run that was cancelled, even if all advertise', () => {
    const verdict = judge(makeCourse(ready, { streak: 1, cancelled: true }), 'x', 1)
    expect(verdict.open).toBe(false)
    expect(verdict.headline).toMatch(/^CLOSED: the run was cancelled/)
  })
})

describe('a verdict without a round', () => {
  it('is closed for problems with the inputs', () => {
    expect(refuse(['a', 'b'], 'x')).toEqual({
      open: false,
      headline: 'CLOSED: nothing was polled, 2 problems with the inputs.',
      capability: 'x',
      problems: ['a', 'b'],
      results: [],
      rounds: 0,
      membership: null,
    })
    expect(refuse(['a'], 'x').headline).toContain('1 problem with')
  })

  it('is closed for a crash', () => {
    expect(crash('TypeError: x', 'htfifo')).toEqual({
      open: false,
      headline: 'CLOSED: the gate itself failed.',
      capability: 'htfifo',
      problems: ['the gate failed: TypeError: x'],
      results: [],
      rounds: 0,
      membership: null,
    })
  })
})

describe('blockingPeers', () => {
  it('are all that do not advertise, in the order of the input', () => {
    const results = makeRound('legacy', 'advertises', 'missing-capability')
    const verdict = judge(makeCourse(results), 'x', 1)
    expect(blockingPeers(verdict).map(({ peer }) => peer.name)).toEqual(['n1', 'n3'])
  })
})

it('fillHeadline shows the capability as it is told to, to the letter', () => {
  const verdict = judge(makeCourse(ready, { streak: 1 }), '$& {capability}', 1)
  expect(fillHeadline(verdict, (text) => `<${text}>`)).toBe(
    'OPEN: all 2 nodes advertise <$& {capability}>.',
  )
})
