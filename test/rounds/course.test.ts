import { describe, expect, it } from 'vitest'
import type { Membership } from '../../src/membership/membership.ts'
import { type WatchOptions, watch } from '../../src/rounds/course.ts'
import type { Change, RoundNote } from '../../src/rounds/note.ts'
import type { PeerResult } from '../../src/rounds/result.ts'
import { isOpen } from '../../src/rounds/verdict.ts'
import { makeMembership, makeNote, makeRound } from '../support/rounds.ts'

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
  /** How long each round takes, in milliseconds. */
  readonly roundMs?: number
  /** Aborts in the round or the pause with this number. */
  readonly abortIn?: { readonly round?: number; readonly pause?: number }
}

/** Runs a watch on a clock that moves only with rounds and pauses, and writes down what it does. */
async function play(script: Script, options: Partial<WatchOptions> = {}) {
  const { rounds, roundMs = 100, abortIn = {} } = script
  const controller = new AbortController()
  const pauses: number[] = []
  const notes: RoundNote[] = []
  let now = 1_000
  let polls = 0
  const course = await watch({
    waitMs: 0,
    intervalMs: 5_000,
    stableRounds: 1,
    signal: controller.signal,
    now: () => now,
    onRound: (note) => notes.push(note),
    async poll() {
      polls++
      if (polls > 10_000) throw new Error('the watch does not end')
      now += roundMs
      if (polls === abortIn.round) controller.abort()
      const results = rounds[polls - 1] ?? rounds.at(-1) ?? []
      const membership = script.memberships?.[polls - 1] ?? null
      return { results, membership, checkedAt: `round ${polls}` }
    },
    async pause(ms) {
      pauses.push(ms)
      now += ms
      if (pauses.length === abortIn.pause) controller.abort()
    },
    ...options,
  })
  return { course, pauses, notes, polls }
}

describe('isOpen', () => {
  it('wants at least one peer, and all of them advertising', () => {
    expect(isOpen({ results: [], membership: null })).toBe(false)
    expect(isOpen({ results: OPEN, membership: null })).toBe(true)
    expect(isOpen({ results: SHUT, membership: null })).toBe(false)
  })

  it('wants a membership that is complete, where the cluster was asked', () => {
    expect(isOpen({ results: OPEN, membership: COMPLETE })).toBe(true)
    expect(isOpen({ results: SHUT, membership: COMPLETE })).toBe(false)
    expect(isOpen({ results: OPEN, membership: INCOMPLETE })).toBe(false)
    expect(isOpen({ results: OPEN, membership: UNKNOWN })).toBe(false)
  })
})

describe('without wait', () => {
  it('an open round ends the run', async () => {
    const { course, pauses } = await play({ rounds: [OPEN] })
    expect(course).toMatchObject({ rounds: 1, streak: 1, results: OPEN })
    expect(pauses).toEqual([])
  })

  it('a closed round ends the run', async () => {
    const { course, pauses } = await play({ rounds: [SHUT, OPEN] })
    expect(course).toMatchObject({ rounds: 1, streak: 0, results: SHUT })
    expect(pauses).toEqual([])
  })

  it('stable rounds follow at the full interval', async () => {
    const { course, pauses } = await play({ rounds: [OPEN] }, { stableRounds: 3 })
    expect(course).toMatchObject({ rounds: 3, streak: 3 })
    expect(pauses).toEqual([5_000, 5_000])
  })

  it('the first closed round among them ends the run', async () => {
    const { course } = await play({ rounds: [OPEN, SHUT, OPEN] }, { stableRounds: 3 })
    expect(course).toMatchObject({ rounds: 2, streak: 0, results: SHUT })
  })
})

describe('with wait', () => {
  it('polls on until the gate opens', async () => {
    const { course, pauses, polls } = await play({ rounds: [SHUT, SHUT, OPEN] }, { waitMs: 60_000 })
    expect(course).toMatchObject({ rounds: 3, streak: 1, results: OPEN, checkedAt: 'round 3' })
    expect(pauses).toEqual([5_000, 5_000])
    expect(polls).toBe(3)
  })

  it('the last pause is cut so that one more whole round decides at the deadline', async () => {
    const { course, pauses, notes } = await play({ rounds: [SHUT] }, { waitMs: 12_000 })
    expect(pauses).toEqual([5_000, 5_000, 1_700])
    expect(notes.map(({ leftMs }) => leftMs)).toEqual([11_900, 6_800, 1_700, 0])
    expect(course).toMatchObject({ rounds: 4, streak: 0, results: SHUT })
  })

  it('a round that ends exactly at the deadline is the last', async () => {
    const { course, pauses } = await play({ rounds: [SHUT, OPEN], roundMs: 500 }, { waitMs: 500 })
    expect(course).toMatchObject({ rounds: 1, streak: 0 })
    expect(pauses).toEqual([])
  })

  it('a round past the deadline still counts', async () => {
    const { course } = await play({ rounds: [SHUT, OPEN], roundMs: 400 }, { waitMs: 500 })
    expect(course).toMatchObject({ rounds: 2, streak: 1, results: OPEN })
  })

  it('a fall-back starts the streak again', async () => {
    const { course } = await play(
      { rounds: [OPEN, SHUT, OPEN, OPEN, SHUT] },
      { waitMs: 60_000, stableRounds: 2 },
    )
    expect(course).toMatchObject({ rounds: 4, streak: 2, results: OPEN })
  })

  it('a stable round may start exactly at the deadline', async () => {
    const { course } = await play({ rounds: [OPEN] }, { waitMs: 5_100, stableRounds: 2 })
    expect(course).toMatchObject({ rounds: 2, streak: 2 })
  })

  it('the deadline ends a streak that is too short, and squeezes no round in before it', async () => {
    const { course, pauses } = await play(
      { rounds: [OPEN] },
      { waitMs: 12_000, intervalMs: 5_000, stableRounds: 9 },
    )
    expect(course).toMatchObject({ rounds: 3, streak: 3 })
    expect(pauses).toEqual([5_000, 5_000])
  })
})

describe('the membership of each round', () => {
  it('keeps it closed as a blocking peer does, and starts the count again', async () => {
    const { course, notes } = await play(
      { rounds: [OPEN], memberships: [COMPLETE, INCOMPLETE, UNKNOWN, COMPLETE, COMPLETE] },
      { waitMs: 60_000, stableRounds: 2 },
    )
    expect(course).toMatchObject({ rounds: 5, streak: 2, membership: COMPLETE })
    expect(notes.map(({ membership }) => membership)).toEqual([
      'complete',
      'incomplete',
      'unknown',
      'complete',
      'complete',
    ])
  })

  it('is told where it changes, although no peer does', async () => {
    const { course } = await play(
      { rounds: [OPEN], memberships: [INCOMPLETE, INCOMPLETE, COMPLETE] },
      { waitMs: 60_000 },
    )
    expect(course.notes.map(({ round }) => round)).toEqual([1, 3])
  })

  it('of the last round alone counts', async () => {
    const { course } = await play(
      { rounds: [OPEN], memberships: [COMPLETE, INCOMPLETE] },
      { stableRounds: 3 },
    )
    expect(course).toMatchObject({ rounds: 2, streak: 0, membership: INCOMPLETE })
  })
})

describe('a cancel', () => {
  it('in a round ends the run with that round', async () => {
    const { course, pauses } = await play(
      { rounds: [SHUT], abortIn: { round: 2 } },
      { waitMs: 60_000 },
    )
    expect(course).toMatchObject({ rounds: 2 })
    expect(pauses).toHaveLength(1)
  })

  it('in a pause starts no further round', async () => {
    const { course, polls } = await play(
      { rounds: [SHUT, OPEN], abortIn: { pause: 1 } },
      { waitMs: 60_000 },
    )
    expect(course).toMatchObject({ rounds: 1, results: SHUT })
    expect(polls).toBe(1)
  })

  it('ends the run after an open round as well, where more of them are wanted', async () => {
    const { course } = await play(
      { rounds: [OPEN], abortIn: { round: 1 } },
      { waitMs: 60_000, stableRounds: 3 },
    )
    expect(course).toMatchObject({ rounds: 1, streak: 1 })
  })
})

describe('notes', () => {
  it('are told for every round, with what changed, and kept where something did', async () => {
    const { course, notes } = await play({ rounds: [SHUT, SHUT, OPEN] }, { waitMs: 60_000 })
    const first: readonly Change[] = [
      { name: 'n2', from: null, to: 'refused' },
      { name: 'n1', from: null, to: 'advertises' },
    ]
    const last: readonly Change[] = [{ name: 'n2', from: 'refused', to: 'advertises' }]
    const shut = { advertising: 1, total: 2 }
    expect(notes).toEqual([
      makeNote({ ...shut, round: 1, atMs: 100, leftMs: 59_900, changes: first }),
      makeNote({ ...shut, round: 2, atMs: 5_200, leftMs: 54_800 }),
      makeNote({ round: 3, atMs: 10_300, advertising: 2, total: 2, leftMs: 49_700, changes: last }),
    ])
    expect(course.notes).toEqual([notes[0], notes[2]])
    expect(course.notesOmitted).toBe(0)
  })

  it('are kept for the first round and the last 49 of them; the others are counted', async () => {
    const rounds = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? SHUT : OPEN))
    const { course } = await play({ rounds: [...rounds, OPEN] }, { waitMs: 3e6, stableRounds: 2 })
    expect(course.rounds).toBe(61)
    expect(course.notes).toHaveLength(50)
    expect(course.notesOmitted).toBe(10)
    expect(course.notes.map(({ round }) => round)).toEqual([
      1,
      ...Array.from({ length: 49 }, (_, index) => index + 12),
    ])
  })
})
