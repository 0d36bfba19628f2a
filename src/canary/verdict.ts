import type { Reason } from './advice.ts'
import type { Findings, Problem, Step } from './findings.ts'
import { type Placement, placementOf } from './placement.ts'
import { warnOfPlacement, worst } from './placement-warnings.ts'

/** What the canary comes to, and what it rests on. */
export interface Verdict {
  readonly proven: boolean
  /** The step that did not hold; `done` where all did. */
  readonly step: Step | 'done'
  /** What keeps it from being proven; the first says why, the others stand beside it. */
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
  readonly placement: Placement
  /** Whether the queue may still be there. */
  readonly queueLeft: boolean
  /** Null where nothing was created, because the inputs or the gate did not let it, and after a crash. */
  readonly findings: Findings | null
}

/**
 * The verdict on what the steps found: proven only if each of them held, every message came through in order, the queue
 * is gone and the run was not cancelled. Pure.
 *
 * @param cancelled whether the run was cancelled, which it may have been after its last step
 */
export function judge(findings: Findings, { cancelled }: { readonly cancelled: boolean }): Verdict {
  const { problems: found, notices, reached, leaders, queueLeft } = findings
  const at = (reason: Reason, words: string): Problem => {
    return { step: reached, reason, node: null, partition: null, words, command: '' }
  }
  const problems = [...found]
  const isCancelled = cancelled || problems.some(({ reason }) => reason === 'cancelled')
  if (isCancelled && !problems.some(({ reason }) => reason === 'cancelled')) {
    problems.push(at('cancelled', 'the run was cancelled'))
  }
  // What no step noted and is not whole nevertheless is a defect of the steps, and never proven.
  if (problems.length === 0 && !isWhole(findings)) {
    problems.push(at('crashed', 'the findings are not whole, although no step told why'))
  }
  if (queueLeft) problems.push(tellLeft(findings))
  const first = problems.find(({ reason }) => reason === 'cancelled') ?? problems[0]
  const placement = worst(placementOf(leaders.before), placementOf(leaders.after))
  return {
    proven: problems.length === 0,
    step: first?.step ?? 'done',
    problems: arrange(problems, first),
    warnings: [
      ...notices,
      // A problem of the same kind says it already.
      ...(problems.some(({ reason }) => reason === 'not-spread')
        ? []
        : warnOfPlacement(leaders, placement)),
    ],
    placement,
    queueLeft,
    findings,
  }
}

function tellLeft({ queue, reached, deleteCommand: command }: Findings): Problem {
  const words = `the queue ${queue} may still be there`
  return { step: reached, reason: 'queue-left', node: null, partition: null, words, command }
}

/** The problem that says why comes first, and what is left behind next, so that no list is cut before it. */
function arrange(problems: readonly Problem[], first: Problem | undefined): readonly Problem[] {
  const rank = (problem: Problem) =>
    problem === first ? 0 : problem.reason === 'queue-left' ? 1 : 2
  return problems.toSorted((one, other) => rank(one) - rank(other))
}

/**
 * The verdict where the canary itself failed before the proof or after it. Of what the proof found, only the queue is told.
 */
export function crash(reason: string, findings: Findings | null): Verdict {
  const verdict = refuse(findings?.reached ?? 'gate', [reason], 'crashed')
  if (findings === null || !findings.queueLeft) return verdict
  return { ...verdict, problems: [...verdict.problems, tellLeft(findings)], queueLeft: true }
}

/** The verdict where there are no findings: bad inputs, a closed gate, or a crash. */
export function refuse(
  step: Step,
  problems: readonly string[],
  reason: Extract<Reason, 'inputs' | 'gate-closed' | 'crashed'>,
): Verdict {
  return {
    proven: false,
    step,
    problems: problems.map((words) => {
      return { step, reason, node: null, partition: null, words, command: '' }
    }),
    warnings: [],
    placement: 'not-checked',
    queueLeft: false,
    findings: null,
  }
}

/** Whether the findings say what a proof has to say, whatever the steps noted. */
function isWhole({ reached, partitions, nodes, messages, crash }: Findings): boolean {
  const isThrough = partitions.every(
    ({ sent, received }) =>
      sent.length === messages &&
      received.length === messages &&
      received.every(({ place }, index) => place === index),
  )
  const isSeen = nodes.length > 0 && nodes.every(({ seen }) => seen === true)
  return reached === 'delete' && partitions.length > 0 && isThrough && isSeen && crash === null
}
