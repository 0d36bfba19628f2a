import type { Reason } from './advice.ts'
import { moveCommand } from './commands.ts'
import { type Findings, makeProblem, type Problem, type Step } from './findings.ts'
import { isWhole } from './partition.ts'
import {
  followGroups,
  groupListeners,
  hasMoved,
  nameMember,
  type Placement,
  placementOf,
  placementOver,
} from './placement.ts'

/** The decision of the canary, and what it rests on. */
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
  const { notices, reached, queueLeft } = findings
  const problems = [...findings.problems]
  const find = (reason: Reason) => problems.find((problem) => problem.reason === reason)
  if (cancelled && find('cancelled') === undefined) {
    problems.push(makeProblem(reached, 'cancelled', { words: 'the run was cancelled' }))
  }
  // Findings that are incomplete although no step noted a problem are a defect of the steps, and never proven.
  if (problems.length === 0 && !isComplete(findings)) {
    const words = 'the findings are incomplete, although no step failed'
    problems.push(makeProblem(reached, 'crashed', { words }))
  }
  if (queueLeft) problems.push(reportLeft(findings))
  const first = find('cancelled') ?? problems[0]
  // The problem that says why comes first, and what is left behind next, so that no list is cut before it.
  const rank = (problem: Problem) =>
    problem === first ? 0 : problem.reason === 'queue-left' ? 1 : 2
  return {
    proven: problems.length === 0,
    step: first?.step ?? 'done',
    problems: problems.toSorted((one, other) => rank(one) - rank(other)),
    warnings: [
      ...notices,
      // A problem says the same already.
      ...(find('not-spread') === undefined ? warnOfSingle(findings) : []),
      ...warnOfChanges(findings),
    ],
    placement: placementOver(findings.leaders),
    queueLeft,
    findings,
  }
}

/** Whether the findings say what a proof has to say, whatever the steps noted. */
function isComplete({ reached, partitions, nodes, messages, crash }: Findings): boolean {
  const isThrough = partitions.every((partition) => isWhole(partition, messages))
  const isSeen = nodes.length > 0 && nodes.every(({ seen }) => seen === true)
  return reached === 'delete' && partitions.length > 0 && isThrough && isSeen && crash === null
}

const reportLeft = ({ queue, reached, deleteCommand: command }: Findings): Problem =>
  makeProblem(reached, 'queue-left', { words: `the queue ${queue} may still be there`, command })

function warnOfSingle({ leaders }: Findings): readonly Problem[] {
  const { before, after } = leaders
  if (placementOver(leaders) !== 'single') return []
  const listeners = (placementOf(after) === 'single' ? after : before) ?? []
  const [group] = groupListeners(listeners)
  const words = `${nameMember(group?.leader)} leads every group; the next election may change that`
  return [makeProblem('placement', 'single-leader', { words, command: moveCommand(listeners) })]
}

function warnOfChanges({ leaders }: Findings): readonly Problem[] {
  const changes = followGroups(leaders)
    .filter(hasMoved)
    .map(({ raftAddresses: [address], before, after }) => {
      return `the group of ${address} was led by ${nameMember(before)}, then by ${nameMember(after)}`
    })
  return changes.length === 0
    ? []
    : [makeProblem('placement', 'leaders-changed', { words: changes.join('; ') })]
}

/**
 * The verdict where the canary itself failed before the proof or after it. Of the findings, it reports only the queue.
 */
export function crash(reason: string, findings: Findings | null): Verdict {
  const verdict = refuse(findings?.reached ?? 'gate', [reason], 'crashed')
  if (findings === null || !findings.queueLeft) return verdict
  return { ...verdict, problems: [...verdict.problems, reportLeft(findings)], queueLeft: true }
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
    problems: problems.map((words) => makeProblem(step, reason, { words })),
    warnings: [],
    placement: 'not-checked',
    queueLeft: false,
    findings: null,
  }
}
