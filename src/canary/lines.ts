import { formatDuration } from '../shared/duration.ts'
import { logText } from '../shared/text.ts'
import { REASONS } from './advice.ts'
import type { Problem, ProofStep } from './findings.ts'
import { headline, tellPlace } from './headline.ts'
import type { Verdict } from './verdict.ts'

/** How many problems an annotation names; with these limits it stays under 4,096 characters. */
const MAX_NAMED = 8
const MAX_NAME = 60
const MAX_WORDS = 120
const MAX_FIRST_WORDS = 400
const MAX_COMMAND = 450

const TAKEN: Readonly<Record<ProofStep, string>> = {
  name: 'the name is free on every node',
  create: 'the queue is created',
  seen: 'every node reports the queue and its partitions',
  placement: 'who leads each group',
  send: 'all messages are taken',
  receive: 'all messages came, in order, each once',
  empty: 'no node has more to give',
  delete: 'the queue is deleted, and every node says so',
}

/** One line as a step ends. */
export const stepLine = (step: ProofStep, ms: number, held: boolean): string =>
  held
    ? `✓ ${step}: ${TAKEN[step]}, ${formatDuration(ms)}`
    : `✗ ${step}: failed, ${formatDuration(ms)}`

/** The verdict in one line. */
export const headlineText = (verdict: Verdict): string =>
  `htfifo canary ${headline(verdict, (text) => logText(text, MAX_NAME))}`

/** One line on a problem or a warning. */
export function problemLine(problem: Problem, max?: number): string {
  const { step, reason, words } = problem
  const place = tellPlace(problem, (text) => logText(text, MAX_NAME))
  const command = problem.command === '' ? '' : ` — ${logText(problem.command, MAX_COMMAND)}`
  return `${step}${place}: ${REASONS[reason].words}: ${logText(words, max)}${command}`
}

/**
 * The one error annotation of a run that is not proven: the verdict, what the server said, what to do about it, whether
 * the queue is left and how to delete it, and the next problems. Under 4,096 characters.
 */
export function annotation(verdict: Verdict): string {
  const { problems } = verdict
  const [first, ...others] = problems
  const lines = [headlineText(verdict)]
  if (first !== undefined) {
    lines.push(logText(first.words, MAX_FIRST_WORDS))
    lines.push(`What to do: ${REASONS[first.reason].advice.replaceAll('`', '')}`)
    if (first.command !== '') lines.push(logText(first.command, MAX_COMMAND))
  }
  lines.push(...others.slice(0, MAX_NAMED - 1).map((problem) => problemLine(problem, MAX_WORDS)))
  const more = problems.length - MAX_NAMED
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}
