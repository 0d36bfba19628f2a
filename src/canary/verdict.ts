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
  /** Null where nothing was created, because the inputs or the gate did not let it. */
  readonly findings: Findings | null
}

/**
 * The verdict on what the steps found: proven only if each of them held, every message came through in order, the queue
 * is gone and the run was not cancelled. Pure.
 *
 * @param cancelled whether the run was cancelled, which it may have been after its last step
 */
export function judge(findings: Findings, { cancelled }: { readonly cancelled: boolean }): Verdict {
  const { problems: found, notices, reached, leaders, queueLeft, deleteCommand } = findings
  const at = (reason: Reason, words: string, command = ''): Problem => {
    return { step: reached, reason, node: null, partition: null, words, command }
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
  if (queueLeft) {
    const words = `the queue ${findings.queue} may still be there`
    problems.push(at('queue-left', words, deleteCommand))
  }
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

/** The problem that says why comes first, and what is left behind next, so that no list is cut before it. */
function arrange(problems: readonly Problem[], first: Problem | undefined): readonly Problem[] {
  const rank = (problem: Problem) =>
    problem === first ? 0 : problem.reason === 'queue-left' ? 1 : 2
  return problems.toSorted((one, other) => rank(one) - rank(other))
}

/** The verdict where nothing was created: bad inputs, a closed gate, or a crash outside of the proof. */
export function refuse(
  step: 'inputs' | 'gate',
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
