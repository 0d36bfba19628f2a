import { setImmediate as turn } from 'node:timers/promises'

/** How long a batch of starts and the turn of the event loop behind it should take, in milliseconds. */
const MAX_TURN_MS = 10

/** A task under way, whose result always comes. */
export interface Task<Result> {
  readonly result: Promise<Result>
  /** Ends the task now; does nothing once it has ended. */
  cancel(): void
}

/** What a task comes to. */
export interface Paced {
  /** Whether the runner had no file descriptor left for it. */
  readonly starved: boolean
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
 * Runs a task for each item, all at the same time, and resolves with their results in the order of the items. The tasks
 * are started in batches, with a turn of the event loop behind each, in which all that has arrived is read. A batch grows
 * while turns are quick and halves where one was not, so that thousands of tasks do not starve the clocks of one another
 * on any machine, and nothing waits for a slow one. A task that found no file descriptor is run again, with fewer beside
 * it; it stays starved only where it was alone. Rejects as soon as a task does, or could not be started.
 */
export async function runPaced<Item, Result extends Paced>(
  items: readonly Item[],
  { start, signal, skip }: PaceOptions<Item, Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const queue = [...items.keys()].reverse()
  const running = new Set<Task<Result>>()
  let most = Number.POSITIVE_INFINITY
  let ended = Promise.withResolvers<void>()

  async function run(index: number, task: Task<Result>): Promise<void> {
    running.add(task)
    const place = running.size
    if (signal.aborted) task.cancel()
    const result = await task.result
    running.delete(task)
    if (result.starved && place > 1) {
      most = Math.min(most, place - 1)
      queue.push(index)
    } else results[index] = result
    ended.resolve()
  }

  const failures: unknown[] = []
  const failed = (error: unknown) => {
    failures.push(error)
    ended.resolve()
  }
  const cancelAll = () => {
    for (const task of running) task.cancel()
  }
  signal.addEventListener('abort', cancelAll)
  let batch = 1
  let started = 0
  let since = performance.now()
  try {
    while (queue.length > 0 || running.size > 0) {
      const index = running.size < most ? queue.pop() : undefined
      if (index === undefined) {
        await ended.promise
        if (failures.length > 0) throw failures[0]
        ended = Promise.withResolvers<void>()
        continue
      }
      const item = items[index] as Item
      if (signal.aborted) {
        results[index] = skip(item)
        continue
      }
      run(index, start(item)).catch(failed)
      if (++started < batch) continue
      await turn()
      batch = performance.now() - since > MAX_TURN_MS ? Math.ceil(batch / 2) : batch + 1
      started = 0
      since = performance.now()
    }
    return results
  } finally {
    signal.removeEventListener('abort', cancelAll)
  }
}
