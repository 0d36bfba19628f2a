import { setImmediate as turn } from 'node:timers/promises'

/** How many tasks are started before the event loop takes a turn, in which all that has arrived is read. */
const BATCH = 32

/** A task that is running, and whose result always comes. */
export interface Task<Result> {
  readonly result: Promise<Result>
  /** Ends the task now; does nothing once it has ended. */
  cancel(): void
}

export interface PaceOptions<Item, Result> {
  /** Starts the task of an item. */
  readonly start: (item: Item) => Task<Result>
  /** Once aborted, what runs is cancelled, and nothing more is started. */
  readonly signal: AbortSignal
  /** The result of an item that was not started. */
  readonly skip: (item: Item) => Result
}

/**
 * Runs a task for each item, all at the same time, and resolves with their results in the order of the items. They are
 * started in batches, so that thousands of tasks do not starve the clocks of one another. Rejects if a task does.
 */
export async function runPaced<Item, Result>(
  items: readonly Item[],
  { start, signal, skip }: PaceOptions<Item, Result>,
): Promise<readonly Result[]> {
  const running = new Set<Task<Result>>()
  const cancelAll = () => {
    for (const task of running) task.cancel()
  }
  const run = async (item: Item): Promise<Result> => {
    if (signal.aborted) return skip(item)
    const task = start(item)
    running.add(task)
    if (signal.aborted) task.cancel()
    try {
      return await task.result
    } finally {
      running.delete(task)
    }
  }
  signal.addEventListener('abort', cancelAll)
  try {
    const results: Promise<Result>[] = []
    for (const item of items) {
      const result = run(item)
      // A rejection is met below, maybe some turns later.
      result.catch(() => undefined)
      results.push(result)
      if (results.length % BATCH === 0) await turn()
    }
    return await Promise.all(results)
  } finally {
    signal.removeEventListener('abort', cancelAll)
  }
}
