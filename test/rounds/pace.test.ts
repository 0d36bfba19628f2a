import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type Paced, runPaced } from '../../src/rounds/pace.ts'

const items = (count: number) => Array.from({ length: count }, (_, index) => index)
const turn = () => new Promise((resolve) => setImmediate(resolve))
const never = new AbortController().signal

/** Runs a function for each item, as a task that is never cancelled. */
const pace = <Result extends Paced>(
  count: number,
  run: (item: number) => Promise<Result>,
): Promise<readonly Result[]> =>
  runPaced(items(count), {
    start: (item) => ({ result: run(item), cancel: () => {} }),
    signal: never,
    skip() {
      throw new Error('nothing is cancelled')
    },
  })

describe('a paced run', () => {
  it('gives the results in the order of the items, whichever ends first', async () => {
    const results = await pace(100, async (item) => {
      for (let turns = item % 7; turns > 0; turns--) await turn()
      return { item, starved: false }
    })
    expect(results.map(({ item }) => item)).toEqual(items(100))
  })

  it('of nothing is empty', async () => {
    expect(await pace(0, async () => ({ starved: false }))).toEqual([])
  })

  it('starts all without waiting for one that is silent', async () => {
    const all = Promise.withResolvers<void>()
    let started = 0
    await pace(2_000, async () => {
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
    await pace(50, async () => {
      const until = performance.now() + 1
      while (performance.now() < until);
      return { starved: false }
    })
    counting = false
    expect(turns).toBeGreaterThan(5)
  })
})

describe('a task that breaks', () => {
  it.each([
    [
      'as it starts',
      () => {
        throw new Error('out of luck')
      },
    ],
    ['later', () => Promise.reject(new Error('out of luck'))],
  ])('%s ends the run with its error', async (_, run: () => Promise<Paced>) => {
    const all = pace(3, (item) => (item === 1 ? run() : Promise.resolve({ starved: false })))
    await expect(all).rejects.toThrow('out of luck')
  })
})

describe('once the run is cancelled', () => {
  it('cancels what is under way, once, and starts nothing more', async () => {
    const { signal, abort } = abortable()
    const cancelled: number[] = []
    const results = await runPaced(items(6), {
      start(item) {
        const { promise, resolve } = Promise.withResolvers<Paced & { how: string }>()
        if (item === 0) resolve({ starved: false, how: 'ended' })
        if (item === 3) abort()
        const cancel = () => {
          cancelled.push(item)
          resolve({ starved: false, how: 'cancelled' })
        }
        return { result: promise, cancel }
      },
      signal,
      skip: (item) => ({ starved: false, how: `skipped ${item}` }),
    })
    expect(cancelled).toEqual([1, 2, 3])
    expect(results.map(({ how }) => how)).toEqual([
      'ended',
      'cancelled',
      'cancelled',
      'cancelled',
      'skipped 4',
      'skipped 5',
    ])
  })

  it('listens no more when it is over', async () => {
    const { signal } = abortable()
    const result = { starved: false }
    const start = () => ({ result: Promise.resolve(result), cancel: () => {} })
    await runPaced(items(3), { start, signal, skip: () => result })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

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
    const results = await pace(500, run)
    expect(results.filter(({ starved }) => starved)).toEqual([])
    expect(results.map(({ item }) => item)).toEqual(items(500))
    expect(most()).toBeLessThanOrEqual(free)
  })

  it('those that never get one end starved, and the run ends', async () => {
    const results = await pace(300, machine(0).run)
    expect(results.every(({ starved }) => starved)).toBe(true)
  })
})
