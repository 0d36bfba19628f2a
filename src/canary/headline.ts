import { plural } from '../shared/text.ts'
import { REASONS } from './advice.ts'
import type { Findings, Problem } from './findings.ts'
import { groupListeners, type Placement } from './placement.ts'
import type { Verdict } from './verdict.ts'

/** The verdict in one sentence. It has no foreign text but the name of a node, as `show` makes it safe. */
export function headline(verdict: Verdict, show: (text: string) => string): string {
  const { proven, problems, findings, placement } = verdict
  if (proven && findings !== null) {
    return `PROVEN: ${tellMessages(findings)}${tellPlacement(placement, findings)}.`
  }
  const [first] = problems
  if (first === undefined) return 'NOT PROVEN.'
  return `NOT PROVEN at the step ${first.step}: ${REASONS[first.reason].words}${tellPlace(first, show)}.`
}

function tellMessages({ partitions, nodes }: Findings): string {
  const count = partitions.reduce((sum, { received }) => sum + received.length, 0)
  const used = nodes.filter(({ sent, received }) => sent + received > 0).length
  const all = `${nodes.length} ${plural(nodes.length, 'node')}`
  // Of many nodes, few messages meet some only.
  const through = `${partitions.length} partitions and ${used < nodes.length ? `${used} of ` : ''}${all}`
  return `${count} messages went through ${through}, in order and each exactly once`
}

function tellPlacement(placement: Placement, { leaders }: Findings): string {
  const groups = groupListeners(leaders.after ?? leaders.before ?? []).length
  const tales: Readonly<Record<Placement, string>> = {
    spread: `, with the leaders of the ${groups} Raft groups on several nodes`,
    single: `, with the leaders of ${groups === 2 ? 'both' : `all ${groups}`} Raft groups on one node`,
    'one-group': ', in one Raft group',
    'not-checked': '; which nodes lead was not checked',
  }
  return tales[placement]
}

/** The node and the partition of a problem, where they are known. */
export function tellPlace({ node, partition }: Problem, show: (text: string) => string): string {
  const where = [
    node === null ? '' : `node ${show(node)}`,
    partition === null ? '' : `partition ${partition}`,
  ].filter((part) => part !== '')
  return where.length === 0 ? '' : ` (${where.join(', ')})`
}
