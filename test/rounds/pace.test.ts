import { expect, it } from 'vitest'
import { makePace, type Pace } from '../../src/rounds/pace.ts'

const frozen = () => 0

/** Begins as many exchanges as may start without waiting; returns what ends each. */
async function beginAll(pace: Pace, limit: number): Promise<(() => void)[]> {
  const ends: (() => void)[] = []
  while (ends.length < limit && (await isFree(pace))) ends.push(pace.begin())
  return ends
}

/** Whether one more may start at once: a turn that is free resolves before the next task. */
const isFree = (pace: Pace) =>
  Promise.race([pace.turn().then(() => true), Promise.resolve().then(later)])
const later = async () => {
  for (let microtask = 0; microtask < 10; microtask++) await undefined
  return false
}

it('lets so many start at once, and the next as soon as one has ended', async () => {
  const pace = makePace(600_000, frozen)
  const ends = await beginAll(pace, 1_000)
  expect(ends.length).toBeGreaterThanOrEqual(64)
  expect(ends.length).toBeLessThan(1_000)
  const turn = pace.turn()
  ends[0]?.()
  await turn
  expect(await isFree(pace)).toBe(true)
})

it('never waits for peers that stay silent', async () => {
  const pace = makePace(600_000)
  const ends = await beginAll(pace, 1_000)
  for (let more = 0; more < ends.length; more++) {
    await pace.turn()
    pace.begin()
  }
  expect(await beginAll(pace, 1_000)).not.toHaveLength(1_000)
})

it('widens with quick answers', async () => {
  const pace = makePace(600_000, frozen)
  const ends = await beginAll(pace, 1_000)
  for (const end of ends) end()
  expect((await beginAll(pace, 1_000)).length).toBeGreaterThan(ends.length)
})

it('takes the end of an exchange once', async () => {
  const pace = makePace(600_000, frozen)
  const [end, ...others] = await beginAll(pace, 1_000)
  for (let times = 0; times < 100; times++) end?.()
  expect((await beginAll(pace, 1_000)).length).toBeLessThanOrEqual(others.length)
})

it('holds no place for a peer that a whole window of others has overtaken', async () => {
  const pace = makePace(600_000, frozen)
  const [, ...others] = await beginAll(pace, 1_000)
  const full = others.length + 1
  // Each quick answer makes room for two: its own place, and one more.
  let ends = others
  while (ends.length < 2 * full) {
    for (const end of ends) end()
    ends = await beginAll(pace, 1_000)
  }
  for (const end of ends) end()
  const window = (await beginAll(pace, 10_000)).length
  expect(window).toBeGreaterThan(ends.length)
})
