import { describe, expect, it } from 'vitest'
import { runPaced } from '../../src/rounds/pace.ts'

const items = (count: number) => Array.from({ length: count }, (_, index) => index)
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a paced run', () => {
  it('gives the results in the order of the items, whichever ends first', async () => {
    const results = await runPaced(items(100), async (item) => {
      for (let turns = item % 7; turns > 0; turns--) await turn()
      return { item, starved: false }
    })
    expect(results.map(({ item }) => item)).toEqual(items(100))
  })

  it('of nothing is empty', async () => {
    expect(await runPaced([], async () => ({ starved: false }))).toEqual([])
  })

  it('starts all without waiting for one that is silent', async () => {
    const all = Promise.withResolvers<void>()
    let started = 0
    await runPaced(items(2_000), async () => {
      if (++started === 2_000) all.resolve()
      await all.promise
      return { starved: false }
    })
    expect(started).toBe(2_000)
  })

  it('lets the event loop turn while it starts', async () => {
    let turns = 0
    let counting = true
    const count = () => {
      turns++
      if (counting) setImmediate(count)
    }
    setImmediate(count)
    await runPaced(items(50), async () => {
      const until = performance.now() + 1
      while (performance.now() < until);
      return { starved: false }
    })
    counting = false
    expect(turns).toBeGreaterThan(5)
  })
})

describe('where file descriptors run out', () => {
  /** A machine that has so many; what is run holds one for a turn. */
  function machine(free: number) {
    let held = 0
    let most = 0
    const run = async (item: number) => {
      if (held >= free) {
        await turn()
        return { item, starved: true }
      }
      most = Math.max(most, ++held)
      await turn()
      held--
      return { item, starved: false }
    }
    return { run, most: () => most }
  }

  it.each([1, 2, 10, 128])('every item gets one of %i in the end', async (free) => {
    const { run, most } = machine(free)
    const results = await runPaced(items(500), run)
    expect(results.filter(({ starved }) => starved)).toEqual([])
    expect(results.map(({ item }) => item)).toEqual(items(500))
    expect(most()).toBeLessThanOrEqual(free)
  })

  it('those that never get one end starved, and the run ends', async () => {
    const results = await runPaced(items(300), machine(0).run)
    expect(results.every(({ starved }) => starved)).toBe(true)
  })
})
