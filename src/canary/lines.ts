import { formatDuration } from '../shared/duration.ts'
import { allOf, listSome, logText, plural, showFirst } from '../shared/text.ts'
import { REASONS } from './advice.ts'
import type { Findings, Problem, ProofStep } from './findings.ts'
import { groupListeners, type Placement } from './placement.ts'
import type { Verdict } from './verdict.ts'

/** How many problems an annotation names; with these limits it stays under 4,096 characters. */
const MAX_NAMED = 8
/** How many nodes, and how many partitions, a headline names. */
const MAX_PLACES = 3
const MAX_NAME = 60
const MAX_WORDS = 120
const MAX_FIRST_WORDS = 400
const MAX_COMMAND = 450

/** What is true once a step held. */
const HELD: Readonly<Record<ProofStep, string>> = {
  name: 'the name is free on every node',
  create: 'the queue is created',
  seen: 'every node reports the queue and its partitions',
  placement: 'the leaders were read, if raft-port is set',
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
  const alike = problems.filter(
    ({ step, reason }) => step === first.step && reason === first.reason,
  )
  const places = describePlaces(alike, show)
  return `NOT PROVEN at the step ${first.step}: ${REASONS[first.reason].words}${places}.`
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
    single: `, with the leaders of ${allOf(groups, 'Raft group')} on one node`,
    'one-group': ', in one Raft group',
    'not-checked': '; which nodes lead the groups was not checked',
  }
  return texts[placement]
}

/** The nodes and the partitions of problems, where they are known. */
export function describePlaces(
  problems: readonly Problem[],
  show: (text: string) => string,
): string {
  const nodes = new Set(problems.flatMap(({ node }) => (node === null ? [] : [show(node)])))
  const partitions = new Set(problems.flatMap(({ partition }) => partition ?? []))
  const where = [listPlaces('node', [...nodes]), listPlaces('partition', [...partitions])].flat()
  return where.length === 0 ? '' : ` (${where.join(', ')})`
}

const listPlaces = (noun: string, places: readonly (string | number)[]) =>
  places.length === 0
    ? []
    : [`${plural(places.length, noun)} ${listSome(places.map(String), MAX_PLACES)}`]

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
  const place = describePlaces([problem], (text) => logText(text, MAX_NAME))
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
