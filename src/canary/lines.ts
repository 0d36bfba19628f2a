import { formatDuration } from '../shared/duration.ts'
import { listSome, logText, plural, showFirst } from '../shared/text.ts'
import { REASONS } from './advice.ts'
import type { Findings, Problem, ProofStep } from './findings.ts'
import { groupListeners, type Placement } from './placement.ts'
import type { Verdict } from './verdict.ts'

/** How many problems an annotation names; with these limits it stays under 4,096 characters. */
const MAX_NAMED = 8
const MAX_NAME = 60
const MAX_WORDS = 120
const MAX_FIRST_WORDS = 400
const MAX_COMMAND = 450

/** What is true once a step held. */
const HELD: Readonly<Record<ProofStep, string>> = {
  name: 'the name is free on every node',
  create: 'the queue is created',
  seen: 'every node reports the queue and its partitions',
  placement: 'the leaders are read where raft-port is given',
  send: 'all messages were accepted',
  receive: 'all messages arrived, in order and each exactly once',
  empty: 'no node has any messages left',
  delete: 'the queue is deleted, and no node reports it any more',
}

/** The verdict in one sentence. It has no foreign text but the name of a node, as `show` makes it safe. */
export function headline(verdict: Verdict, show: (text: string) => string): string {
  const { proven, problems, findings, placement } = verdict
  if (proven && findings !== null) {
    return `PROVEN: ${describeMessages(findings)}${describePlacement(placement, findings)}.`
  }
  const [first] = problems
  if (first === undefined) return 'NOT PROVEN.'
  const nodes = problems
    .filter(({ step, reason }) => step === first.step && reason === first.reason)
    .flatMap(({ node }) => node ?? [])
  const place =
    nodes.length > 1
      ? ` (nodes ${listSome(
          nodes.map((node) => show(node)),
          3,
        )})`
      : describePlace(first, show)
  return `NOT PROVEN at the step ${first.step}: ${REASONS[first.reason].words}${place}.`
}

function describeMessages({ partitions, nodes }: Findings): string {
  const count = partitions.reduce((sum, { received }) => sum + received.length, 0)
  const used = nodes.filter(({ sent, received }) => sent + received > 0).length
  const all = `${nodes.length} ${plural(nodes.length, 'node')}`
  // Of many nodes, few messages meet some only.
  const through = `${partitions.length} partitions and ${used < nodes.length ? `${used} of ` : ''}${all}`
  return `${count} messages went through ${through}, in order and each exactly once`
}

function describePlacement(placement: Placement, { leaders }: Findings): string {
  const groups = groupListeners(leaders.after ?? leaders.before ?? []).length
  const texts: Readonly<Record<Placement, string>> = {
    spread: `, with the leaders of the ${groups} Raft groups on several nodes`,
    single: `, with the leaders of ${groups === 2 ? 'both' : `all ${groups}`} Raft groups on one node`,
    'one-group': ', in one Raft group',
    'not-checked': '; which nodes lead the groups was not checked',
  }
  return texts[placement]
}

/** The node and the partition of a problem, where they are known. */
export function describePlace(
  { node, partition }: Problem,
  show: (text: string) => string,
): string {
  const where = [
    node === null ? '' : `node ${show(node)}`,
    partition === null ? '' : `partition ${partition}`,
  ].filter((part) => part !== '')
  return where.length === 0 ? '' : ` (${where.join(', ')})`
}

/** One line as a step ends. */
export const stepLine = (step: ProofStep, ms: number, held: boolean): string =>
  held
    ? `✓ ${step}: ${HELD[step]}, ${formatDuration(ms)}`
    : `✗ ${step}: failed, ${formatDuration(ms)}`

/** The verdict in one line. */
export const headlineText = (verdict: Verdict): string =>
  `htfifo canary ${headline(verdict, (text) => logText(text, MAX_NAME))}`

/** One line on a problem or a warning. */
export function problemLine(problem: Problem, max?: number): string {
  const { step, reason, words } = problem
  const place = describePlace(problem, (text) => logText(text, MAX_NAME))
  const command = problem.command === '' ? '' : ` — ${logText(problem.command, MAX_COMMAND)}`
  return `${step}${place}: ${REASONS[reason].words}: ${logText(words, max)}${command}`
}

/**
 * The one error annotation of a run that is not proven: the verdict, what the server said, what to do about it, whether
 * the queue is left and how to delete it, and the next problems. Under 4,096 characters.
 */
export function annotation(verdict: Verdict): string {
  const [first, ...others] = verdict.problems
  const lines = [headlineText(verdict)]
  if (first !== undefined) {
    lines.push(logText(first.words, MAX_FIRST_WORDS))
    lines.push(`What to do: ${REASONS[first.reason].advice.replaceAll('`', '')}`)
    if (first.command !== '') lines.push(logText(first.command, MAX_COMMAND))
  }
  const rest = showFirst(others, MAX_NAMED - 1, (problem) => problemLine(problem, MAX_WORDS))
  return [...lines, ...rest].join('\n')
}
