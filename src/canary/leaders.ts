import { fail } from './notes.ts'
import { type Listener, moveCommand, placementOf } from './placement.ts'
import type { Run } from './run.ts'

/** Asks who leads, before anything is sent. With `requireSpread`, the leaders have to be on several nodes. */
export async function askBefore(run: Run): Promise<void> {
  const before = await askLeaders(run)
  run.leaders = { before, after: null }
  checkSpread(run, before)
}

/** Asks who leads once all messages are through. */
export async function askAfter(run: Run): Promise<void> {
  const after = await askLeaders(run)
  run.leaders = { ...run.leaders, after }
  checkSpread(run, after)
}

/** Asks who leads where a step failed, because an election may be the reason. Notes no problem of its own. */
export async function askAfterwards(run: Run, signal: AbortSignal): Promise<void> {
  const { before, after } = run.leaders
  if (before === null || after !== null || signal.aborted) return
  run.leaders = { before, after: await askInTime(run, signal) }
}

async function askLeaders(run: Run): Promise<readonly Listener[] | null> {
  const listeners = await askInTime(run, run.stop)
  if (listeners === null && run.options.askLeaders !== null && !run.stop.aborted) {
    fail(run, 'leaders-unknown', { words: 'the Raft listeners did not answer in time' })
  }
  for (const { leader, node, raftAddress, error } of listeners ?? []) {
    if (leader !== null) continue
    const words = `${raftAddress}: ${error || 'it names no leader'}`
    fail(run, 'leaders-unknown', { node, words })
  }
  return listeners
}

/** What the listeners say; null where none are known, or not in time. */
async function askInTime(run: Run, signal: AbortSignal): Promise<readonly Listener[] | null> {
  const { askLeaders: ask, timeoutMs } = run.options
  if (ask === null || signal.aborted) return null
  const { promise: stopped, resolve } = Promise.withResolvers<null>()
  const stop = () => resolve(null)
  // The calls have the time limit themselves; this is for what else may take time.
  const timer = setTimeout(stop, 2 * timeoutMs)
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([ask(signal), stopped])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

function checkSpread(run: Run, listeners: readonly Listener[] | null): void {
  if (!run.options.requireSpread || run.problems.length > 0 || run.stop.aborted) return
  const placement = placementOf(listeners)
  if (placement === 'not-checked') {
    const words = 'the leaders are not known, because no Raft addresses are'
    fail(run, 'placement-not-checked', { words })
  } else if (placement === 'single') {
    const words = `one node leads all groups: ${describeLeader(listeners ?? [])}`
    fail(run, 'not-spread', { words, command: moveCommand(listeners ?? []) })
  }
}

function describeLeader(listeners: readonly Listener[]): string {
  const leader = listeners.find((one) => one.leader !== null)?.leader
  return leader?.id || leader?.address || 'unknown'
}
