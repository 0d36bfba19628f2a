import { describe, expect, it } from 'vitest'
import type { Membership } from '../../src/membership/membership.ts'
import { type LoopOptions, pollLoop, type TimelineEntry } from '../../src/rounds/loop.ts'
import type { PeerResult } from '../../src/rounds/result.ts'
import { makeRound } from '../support/rounds.ts'
import { makeMembership } from '../support/verdicts.ts'

const OPEN = makeRound('advertises', 'advertises')
const SHUT = makeRound('advertises', 'refused')
const COMPLETE = makeMembership({ state: 'complete' })
const INCOMPLETE = makeMembership({ state: 'incomplete' })
const UNKNOWN = makeMembership({ state: 'unknown' })

interface Script {
  /** What each round finds; the last one again and again. */
  readonly rounds: readonly (readonly PeerResult[])[]
  /** What the cluster says of the list in each round; null where there is none. */
  readonly memberships?: readonly Membership[]
  readonly roundMs?: number
  /** Aborts in the round or the pause with this number. */
  readonly abortIn?: { readonly round?: number; readonly pause?: number }
}

/** Runs a loop on a clock that moves only with rounds and pauses, and writes down what it does. */
async function play(script: Script, options: Partial<LoopOptions> = {}) {
  const { rounds, roundMs = 100, abortIn = {} } = script
  const controller = new AbortController()
  const pauses: number[] = []
  const entries: TimelineEntry[] = []
  let now = 1_000
  let polls = 0
  const run = await pollLoop({
    waitMs: 0,
    intervalMs: 5_000,
    stableRounds: 1,
    signal: controller.signal,
    now: () => now,
    onRound: (entry) => entries.push(entry),
    async poll() {
      polls++
      if (polls > 10_000) throw new Error('the loop does not end')
      now += roundMs
      if (polls === abortIn.round) controller.abort()
      const results = rounds[polls - 1] ?? rounds.at(-1) ?? []
      const membership = script.memberships?.[polls - 1] ?? null
      return { results, membership, warnings: [`w${polls}`], checkedAt: `round ${polls}` }
    },
    async pause(ms) {
      pauses.push(ms)
      now += ms
      if (pauses.length === abortIn.pause) controller.abort()
    },
    ...options,
  })
  return { run, pauses, entries, polls }
}

const WAIT = { waitMs: 60_000 }

describe('a run without wait', () => {
  it.each([
    ['with an open round, if one is enough', [OPEN], 1, { rounds: 1, streak: 1 }, []],
    ['with a closed round', [SHUT, OPEN], 1, { rounds: 1, streak: 0 }, []],
    [
      'after as many stable rounds as are wanted',
      [OPEN],
      3,
      { rounds: 3, streak: 3 },
      [5_000, 5_000],
    ],
    [
      'with the first closed one among them',
      [OPEN, SHUT, OPEN],
      3,
      { rounds: 2, streak: 0 },
      [5_000],
    ],
  ])('ends %s', async (_, rounds, stableRounds, ended, pauses) => {
    const played = await play({ rounds }, { stableRounds })
    expect(played.run).toMatchObject(ended)
    expect(played.pauses).toEqual(pauses)
  })
})

describe('a run with wait', () => {
  it('polls on until the gate opens, and knows the last round alone', async () => {
    const { run, pauses, polls } = await play({ rounds: [SHUT, SHUT, OPEN] }, WAIT)
    expect(run).toMatchObject({
      rounds: 3,
      streak: 1,
      results: OPEN,
      warnings: ['w3'],
      checkedAt: 'round 3',
    })
    expect(pauses).toEqual([5_000, 5_000])
    expect(polls).toBe(3)
  })

  it('shortens the last pause, so that one more round decides as the wait ends', async () => {
    const { run, pauses, entries } = await play({ rounds: [SHUT] }, { waitMs: 12_000 })
    expect(pauses).toEqual([5_000, 5_000, 1_700])
    expect(entries.map(({ leftMs }) => leftMs)).toEqual([11_900, 6_800, 1_700, 0])
    expect(run).toMatchObject({ rounds: 4, streak: 0, results: SHUT })
  })

  it.each([
    ['that ends with it is the last', 500, { rounds: 1, streak: 0 }],
    ['that began before its end still counts', 400, { rounds: 2, streak: 1 }],
  ])('ends in time: a round %s', async (_, roundMs, ended) => {
    const { run } = await play({ rounds: [SHUT, OPEN], roundMs }, { waitMs: 500 })
    expect(run).toMatchObject(ended)
  })

  it('counts stable rounds anew after a closed one', async () => {
    const rounds = [OPEN, SHUT, OPEN, OPEN, SHUT]
    const { run } = await play({ rounds }, { ...WAIT, stableRounds: 2 })
    expect(run).toMatchObject({ rounds: 4, streak: 2, results: OPEN })
  })

  it.each([
    ['may start as the wait ends', 5_100, 2, { rounds: 2, streak: 2 }, [5_000]],
    ['is never squeezed in before', 12_000, 9, { rounds: 3, streak: 3 }, [5_000, 5_000]],
  ])(
    'keeps stable rounds an interval apart: one %s',
    async (_, waitMs, stableRounds, ended, pauses) => {
      const played = await play({ rounds: [OPEN] }, { waitMs, stableRounds })
      expect(played.run).toMatchObject(ended)
      expect(played.pauses).toEqual(pauses)
    },
  )
})

describe('the membership', () => {
  it('keeps a round closed as a blocking peer does, and starts the count anew', async () => {
    const memberships = [COMPLETE, INCOMPLETE, UNKNOWN, COMPLETE, COMPLETE]
    const { run, entries } = await play(
      { rounds: [OPEN], memberships },
      { ...WAIT, stableRounds: 2 },
    )
    expect(run).toMatchObject({ rounds: 5, streak: 2, membership: COMPLETE })
    expect(entries.map(({ membership }) => membership)).toEqual(
      memberships.map(({ state }) => state),
    )
  })

  it('is in the timeline where it changes, although no peer does', async () => {
    const { run } = await play(
      { rounds: [OPEN], memberships: [INCOMPLETE, INCOMPLETE, COMPLETE] },
      WAIT,
    )
    expect(run.timeline.map(({ round }) => round)).toEqual([1, 3])
  })
})

describe('a run that is cancelled', () => {
  it.each([
    ['in a round ends with that round', [SHUT], { round: 2 }, 1, { rounds: 2, streak: 0 }, 1],
    [
      'in a pause starts no further round',
      [SHUT, OPEN],
      { pause: 1 },
      1,
      { rounds: 1, streak: 0 },
      1,
    ],
    [
      'in an open round wants no more of them',
      [OPEN],
      { round: 1 },
      3,
      { rounds: 1, streak: 1 },
      0,
    ],
  ])('%s', async (_, rounds, abortIn, stableRounds, ended, pauses) => {
    const played = await play({ rounds, abortIn }, { ...WAIT, stableRounds })
    expect(played.run).toMatchObject(ended)
    expect(played.polls).toBe(ended.rounds)
    expect(played.pauses).toHaveLength(pauses)
  })
})

describe('the timeline', () => {
  it('tells every round with what changed, and keeps those with changes', async () => {
    const { run, entries } = await play({ rounds: [SHUT, SHUT, OPEN] }, WAIT)
    const shut = { advertising: 1, total: 2, membership: null }
    const first = [
      { name: 'n2', from: null, to: 'refused' },
      { name: 'n1', from: null, to: 'advertises' },
    ]
    const last = [{ name: 'n2', from: 'refused', to: 'advertises' }]
    expect(entries).toEqual([
      { ...shut, round: 1, atMs: 100, leftMs: 59_900, changes: first },
      { ...shut, round: 2, atMs: 5_200, leftMs: 54_800, changes: [] },
      { ...shut, round: 3, atMs: 10_300, advertising: 2, leftMs: 49_700, changes: last },
    ])
    expect(run.timeline).toEqual([entries[0], entries[2]])
    expect(run.timelineOmitted).toBe(0)
  })

  it('has peers that are not ready first, each in the order of the list', async () => {
    const rounds = [
      makeRound('legacy', 'advertises', 'legacy', 'legacy', 'dns'),
      makeRound('advertises', 'legacy', 'advertises', 'legacy', 'timeout'),
    ]
    const { entries } = await play({ rounds, abortIn: { round: 2 } }, WAIT)
    expect(entries[1]?.changes.map(({ name }) => name)).toEqual(['n2', 'n5', 'n1', 'n3'])
  })

  it('keeps the first round and the last 49 with changes; the others are counted', async () => {
    const rounds = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? SHUT : OPEN))
    const { run } = await play({ rounds: [...rounds, OPEN] }, { waitMs: 3e6, stableRounds: 2 })
    expect(run).toMatchObject({ rounds: 61, timelineOmitted: 10 })
    expect(run.timeline.map(({ round }) => round)).toEqual([
      1,
      ...Array.from({ length: 49 }, (_, index) => index + 12),
    ])
  })
})
