import { setImmediate as turn } from 'node:timers/promises'

/** How long tasks may be started in one turn of the event loop, in milliseconds; a turn that takes longer is a busy one. */
const SLICE_MS = 2
/** How many busy turns in a row are let pass before more tasks are started all the same. */
const MAX_BUSY_TURNS = 25

/** What a paced task comes to. */
export interface Paced {
  /** Whether the runner had no file descriptor left for it. */
  readonly starved: boolean
}

/**
 * Runs a task for each item, all at the same time, and resolves with their results in the order of the items. After
 * every few starts the event loop takes turns until it has little to do, so that thousands of tasks do not starve the
 * clocks of one another, and nothing waits for a slow one. A task that found no file descriptor is run again, with fewer beside it; it
 * stays starved only where it was alone.
 */
export async function runPaced<Item, Result extends Paced>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const queue = [...items.keys()].reverse()
  let running = 0
  let most = Number.POSITIVE_INFINITY
  let ended = Promise.withResolvers<void>()

  async function start(index: number, item: Item): Promise<void> {
    const place = ++running
    const result = await run(item)
    running--
    if (result.starved && place > 1) {
      most = Math.min(most, place - 1)
      queue.push(index)
    } else results[index] = result
    ended.resolve()
  }

  let sliceStart = performance.now()
  while (queue.length > 0 || running > 0) {
    const index = running < most ? queue.pop() : undefined
    if (index === undefined) {
      await ended.promise
      ended = Promise.withResolvers<void>()
      sliceStart = performance.now()
      continue
    }
    void start(index, items[index] as Item)
    for (let busy = 0; performance.now() - sliceStart > SLICE_MS && busy < MAX_BUSY_TURNS; busy++) {
      sliceStart = performance.now()
      await turn()
    }
  }
  return results
}
