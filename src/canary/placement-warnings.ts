import type { Reason } from './advice.ts'
import type { Leaders, Problem } from './findings.ts'
import {
  followGroups,
  groupListeners,
  hasMoved,
  type Listener,
  moveCommand,
  type Placement,
  placementOf,
} from './placement.ts'

/** Of two placements, the one that says less; what was not asked after the messages counts for nothing. */
export function worst(before: Placement, after: Placement): Placement {
  const order: readonly Placement[] = ['single', 'spread', 'one-group', 'not-checked']
  if (before === 'not-checked' || after === 'not-checked') return before
  return order.indexOf(before) <= order.indexOf(after) ? before : after
}

/** What is told of where the leaders are, where that limits what was proven. */
export function warnOfPlacement(
  { before, after }: Leaders,
  placement: Placement,
): readonly Problem[] {
  const warn = (reason: Reason, words: string, command = ''): Problem => {
    return { step: 'placement', reason, node: null, partition: null, words, command }
  }
  const moved = followGroups(before, after).filter(hasMoved)
  const changes = moved.map((group) => {
    const [from, to] = [group.before, group.after].map((one) => one?.id || one?.address || 'nobody')
    return `the group of ${group.raftAddresses[0]} was led by ${from}, then by ${to}`
  })
  const changed = changes.length === 0 ? [] : [warn('leaders-changed', changes.join('; '))]
  if (placement !== 'single') return changed
  const listeners = [after, before].find(isSingle) ?? []
  const [group] = groupListeners(listeners)
  const words = `${group?.leader.id || group?.leader.address} leads every group; the next election may change that`
  return [warn('single-leader', words, moveCommand(listeners)), ...changed]
}

const isSingle = (listeners: readonly Listener[] | null): listeners is readonly Listener[] =>
  placementOf(listeners) === 'single'
