import { ask } from './call.ts'
import { moveCommand } from './commands.ts'
import type { Listener } from './findings.ts'
import { findDeposed, groupListeners, nameMember, placementOf } from './placement.ts'
import { ok } from './queue.ts'
import { fail, type Run } from './run.ts'

/** Asks who leads, before anything is sent. With `requireSpread`, the leaders have to be on several nodes. */
export async function askBefore(run: Run): Promise<void> {
  run.leaders = { before: await askLeaders(run, run.stop), after: null }
  checkLeaders(run, run.leaders.before)
}

/** Asks who leads once all messages are through. */
export async function askAfter(run: Run): Promise<void> {
  run.leaders = { ...run.leaders, after: await askLeaders(run, run.stop) }
  checkLeaders(run, run.leaders.after)
}

/** Asks who leads where a step failed, because an election may be the reason. Notes no problem of its own. */
export async function askAfterFailure(run: Run): Promise<void> {
  const { before, after } = run.leaders
  if (before === null || after !== null) return
  run.leaders = { before, after: await askLeaders(run, run.options.signal) }
}

/** What the listeners say; null where none are known, or not in time. */
async function askLeaders(run: Run, signal: AbortSignal): Promise<readonly Listener[] | null> {
  const { askLeaders: start, timeoutMs, now } = run.options
  if (start === null) return null
  // The calls have the time limit themselves; this is for what else may take time.
  const bounds = { timeoutMs: 2 * timeoutMs, signal, now }
  const answer = await ask(async (s) => ok(await start(s)), bounds)
  return answer.kind === 'ok' ? answer.value : null
}

function checkLeaders(run: Run, listeners: readonly Listener[] | null): void {
  const { askLeaders: start, requireSpread } = run.options
  if (run.stop.aborted) return
  if (listeners === null && start !== null) {
    fail(run, 'leaders-unknown', { words: 'the Raft listeners did not answer in time' })
  }
  for (const { leader, node, raftAddress, error } of listeners ?? []) {
    if (leader !== null) continue
    const words = `${raftAddress}: ${error || 'it names no leader'}`
    fail(run, 'leaders-unknown', { node, words })
  }
  const deposed = findDeposed(listeners ?? [])
  if (deposed !== undefined) {
    const { node, raftAddress, leader } = deposed
    const words = `${raftAddress}: it names ${nameMember(leader)} as the leader, and others name it`
    fail(run, 'leaders-unknown', { node, words })
  }
  if (!requireSpread || run.problems.length > 0) return
  const placement = placementOf(listeners)
  if (placement === 'not-checked') {
    const words = 'the leaders are not known, because no Raft addresses are'
    fail(run, 'placement-not-checked', { words })
  } else if (placement === 'single') {
    const [group] = groupListeners(listeners ?? [])
    const words = `one node leads all groups: ${nameMember(group?.leader)}`
    fail(run, 'not-spread', { words, command: moveCommand(listeners ?? []) })
  }
}
