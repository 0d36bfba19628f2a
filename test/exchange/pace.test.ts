import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { type PaceOptions, runPaced } from '../../src/exchange/pace.ts'

const items = (count: number) => Array.from({ length: count }, (_, index) => index)
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Runs a function for each item, as a task that cannot be cancelled. */
const pace = <Result>(
  count: number,
  run: (item: number) => Promise<Result>,
  options: Partial<PaceOptions<number, Result>> = {},
) =>
  runPaced<number, Result>(items(count), {
    start: (item) => ({ result: run(item), cancel: () => undefined }),
    signal: new AbortController().signal,
    skip() {
      throw new Error('nothing is cancelled')
    },
    ...options,
  })

it('results come in the order of the items, whichever ends first', async () => {
  const results = await pace(100, async (item) => {
    for (let turns = item % 7; turns > 0; turns--) await turn()
    return item
  })
  expect(results).toEqual(items(100))
})

it('of nothing there is no result', async () => {
  expect(await pace(0, async () => 1)).toEqual([])
})

it('all run at the same time', async () => {
  const all = Promise.withResolvers<void>()
  let started = 0
  await pace(2_000, async () => {
    if (++started === 2_000) all.resolve()
    await all.promise
  })
  expect(started).toBe(2_000)
})

it('the event loop takes a turn after every 32 that are started', async () => {
  const startedBy: number[] = []
  let started = 0
  let counting = true
  const count = () => {
    startedBy.push(started)
    if (counting) setImmediate(count)
  }
  setImmediate(count)
  await pace(100, async () => void started++)
  counting = false
  expect([...new Set(startedBy)].slice(0, 3)).toEqual([32, 64, 96])
})

it.each([
  [
    1,
    'as it starts',
    () => {
      throw new Error('out of luck')
    },
  ],
  [1, 'at once', () => Promise.reject(new Error('out of luck'))],
  [99, 'at once', () => Promise.reject(new Error('out of luck'))],
  [1, 'later', () => turn().then(() => Promise.reject(new Error('out of luck')))],
])('task %i of 100 that breaks %s ends the run with its error', async (broken, _, run) => {
  const all = pace<unknown>(100, (item) => (item === broken ? run() : turn()))
  await expect(all).rejects.toThrow('out of luck')
})

it('once aborted, it cancels what runs, once, and starts nothing more', async () => {
  const { signal, abort } = abortable()
  const cancelled: number[] = []
  const results = await pace<string>(6, async () => '', {
    start(item) {
      const { promise, resolve } = Promise.withResolvers<string>()
      if (item === 0) resolve('ended')
      if (item === 3) abort()
      const cancel = () => {
        cancelled.push(item)
        resolve('cancelled')
      }
      return { result: promise, cancel }
    },
    signal,
    skip: (item) => `skipped ${item}`,
  })
  expect(results).toEqual([
    'ended',
    'cancelled',
    'cancelled',
    'cancelled',
    'skipped 4',
    'skipped 5',
  ])
  expect(cancelled).toEqual([0, 1, 2, 3])
})

it('it listens no more when it is over, however it ended', async () => {
  const { signal } = abortable()
  await pace(3, async () => 1, { signal })
  await pace(3, () => Promise.reject(new Error('x')), { signal }).catch(() => undefined)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
