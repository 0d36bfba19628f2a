import { describe, expect, it } from 'vitest'
import type { Run } from '../../src/rounds/loop.ts'
import { isOpen } from '../../src/rounds/round.ts'
import { blockingPeers, crash, judge, refuse } from '../../src/rounds/verdict.ts'
import { makeRound } from '../support/rounds.ts'
import { makeMembership } from '../support/verdicts.ts'

const READY = makeRound('advertises', 'advertises')
const makeRun = (rest: Partial<Run> = {}): Run => ({
  results: READY,
  membership: null,
  warnings: [],
  checkedAt: '',
  rounds: 3,
  streak: 1,
  timeline: [],
  timelineOmitted: 0,
  ...rest,
})
const judged = (rest: Partial<Run>, stableRounds = 1, cancelled = false) =>
  judge(makeRun(rest), { capability: 'x', stableRounds }, cancelled).open

describe('a round', () => {
  it.each([
    ['all of its peers advertise', READY, null, true],
    ['all advertise and the membership is complete', READY, 'complete', true],
    ['there is no peer', [], null, false],
    ['one peer does not advertise', makeRound('advertises', 'legacy'), null, false],
    ['one peer does not advertise to a complete membership', makeRound('dns'), 'complete', false],
    ['the membership is incomplete', READY, 'incomplete', false],
    ['the membership is unknown', READY, 'unknown', false],
  ] as const)('is open only so: %s', (_, results, state, open) => {
    const membership = state === null ? null : makeMembership({ state })
    expect(isOpen({ results, membership })).toBe(open)
    expect(judged({ results, membership, streak: 9 })).toBe(open)
  })
})

describe('the verdict', () => {
  it('is open after enough open rounds in a row, and tells what it rests on', () => {
    const membership = makeMembership({})
    const run = makeRun({ membership, warnings: ['w'], streak: 2 })
    expect(judge(run, { capability: 'x', stableRounds: 2 }, false)).toEqual({
      open: true,
      capability: 'x',
      problems: [],
      crash: null,
      cancelled: false,
      results: READY,
      membership,
      warnings: ['w'],
      rounds: 3,
      streak: 2,
      stableRounds: 2,
    })
  })

  it.each([
    [0, 1, false],
    [2, 3, false],
    [3, 3, true],
    [4, 3, true],
  ])('with a streak of %i of %i is open: %s', (streak, stableRounds, open) => {
    expect(judged({ streak }, stableRounds)).toBe(open)
  })

  it('is closed for a run that was cancelled, even if all advertise', () => {
    expect(judged({}, 1, true)).toBe(false)
    expect(judge(makeRun(), { capability: 'x', stableRounds: 1 }, true).cancelled).toBe(true)
  })
})

describe('a verdict without a round', () => {
  const nothing = { open: false, capability: 'x', results: [], rounds: 0, membership: null }

  it('is closed, with the problems of the inputs', () => {
    expect(refuse(['a', 'b'], 'x')).toMatchObject({ ...nothing, problems: ['a', 'b'], crash: null })
  })

  it('is closed, with the reason of a crash', () => {
    expect(crash('TypeError: x', 'x')).toMatchObject({
      ...nothing,
      problems: [],
      crash: 'TypeError: x',
    })
  })
})

it('blocking peers are all that do not advertise, in the order of the input', () => {
  const results = makeRound('legacy', 'advertises', 'missing-capability')
  expect(blockingPeers({ results }).map(({ peer }) => peer.name)).toEqual(['n1', 'n3'])
})
