import { moveCommand } from './commands.ts'
import type { Listener } from './findings.ts'
import { findDeposed, groupListeners, nameMember, placementOf } from './placement.ts'
import { fail, type Run } from './run.ts'

/**
 * Asks who leads: the first time before anything is sent, the second time once all messages are through. With
 * `requireSpread`, the leaders have to be on several nodes.
 */
export async function checkLeaders(run: Run): Promise<void> {
  const listeners = (await askLeaders(run, run.stop)) ?? []
  if (run.stop.aborted) return
  for (const { leader, node, raftAddress, error } of listeners) {
    if (leader !== null) continue
    const words = `${raftAddress}: ${error || 'it names no leader'}`
    fail(run, 'leaders-unknown', { node, words })
  }
  const deposed = findDeposed(listeners)
  if (deposed !== undefined) {
    const { node, raftAddress, leader } = deposed
    const words = `${raftAddress}: it names ${nameMember(leader)} as the leader, but others name it`
    fail(run, 'leaders-unknown', { node, words })
  }
  if (!run.options.requireSpread || run.problems.length > 0) return
  const placement = placementOf(listeners)
  if (placement === 'spread' || placement === 'one-group') return
  const [group] = groupListeners(listeners)
  const words = `one node leads all groups: ${nameMember(group?.leader)}`
  fail(run, 'not-spread', { words, command: moveCommand(listeners) })
}

/** Asks who leads where a step failed, because an election may be the reason. Notes no problem of its own. */
export async function askAfterFailure(run: Run): Promise<void> {
  const { before, after } = run.leaders
  const { signal } = run.options
  if (before !== null && after === null && !signal.aborted) await askLeaders(run, signal)
}

async function askLeaders(run: Run, signal: AbortSignal): Promise<readonly Listener[] | null> {
  const listeners = (await run.options.askLeaders?.(signal)) ?? null
  if (signal.aborted) return null
  const { before } = run.leaders
  run.leaders = before === null ? { before: listeners, after: null } : { before, after: listeners }
  return listeners
}
