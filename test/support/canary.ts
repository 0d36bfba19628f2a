import { expect } from 'vitest'
import {
  type ClusterOptions,
  type RaftCluster,
  startClusterWith,
} from '../../sample/raft-cluster.ts'
import { runStep, type Step, type StepOptions } from '../../sample/runner.ts'
import type { Answer, Call } from '../../sample/sqs.ts'
import type { Report } from '../../src/canary/json.ts'
import { findCommands } from './commands.ts'

/** The queue of the canary, by default. */
export const QUEUE = 'htfifo-canary.fifo'
/** The tag of its queues. */
export const TAG = 'htfifo-gate-canary'

/** The calls of SQS that a canary makes. */
export const CALLS = [
  'GetQueueUrl',
  'CreateQueue',
  'ListQueueTags',
  'GetQueueAttributes',
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'DeleteQueue',
] as const
export type CallName = (typeof CALLS)[number]

/** Starts a cluster of nodes with the newest binary, three by default; `await using` closes it. */
export async function startNodes(
  options: ClusterOptions = {},
  count = 3,
): Promise<RaftCluster & AsyncDisposable> {
  const cluster = await startClusterWith(options, ...Array(count).fill('ready'))
  return Object.assign(cluster, { [Symbol.asyncDispose]: () => cluster.close() })
}

/** Runs the bundle of the canary over all nodes of a cluster, with time for a busy machine; `inputs` come on top. */
export const runCanary = (
  cluster: Pick<RaftCluster, 'nodeMap'>,
  inputs: Readonly<Record<string, string>> = {},
  options: Omit<StepOptions, 'action'> = {},
): Promise<Step> =>
  runStep({ peers: cluster.nodeMap, timeout: '20s', ...inputs }, { ...options, action: 'canary' })

/** The report of a step, from its output. */
export const canaryReportOf = ({ outputs }: Step): Report => JSON.parse(outputs['report'] ?? '')

/** What kept a step from being proven: the reasons, each once, in their order. */
export const reasonsOf = (step: Step): readonly string[] => [
  ...new Set(canaryReportOf(step).problems.map(({ reason }) => reason)),
]

/** The error annotation of a step, as its reader sees it. */
export function annotationOf({ stdout }: Step): string {
  const [error] = findCommands(stdout).filter(({ name }) => name === 'error')
  return error?.data ?? ''
}

/** All calls that a cluster gets from now on, as `n1 CreateQueue`, with what stands between each and its answer. */
export function watchCalls(
  cluster: RaftCluster,
  act: (call: Call, answer: () => Answer) => Answer | null | Promise<Answer | null> = (_, answer) =>
    answer(),
): { readonly calls: Call[]; readonly names: () => string[] } {
  const calls: Call[] = []
  cluster.intercept((call, answer) => {
    calls.push(call)
    return act(call, answer)
  })
  return { calls, names: () => calls.map(({ node, action }) => `${node} ${action}`) }
}

/**
 * Checks what holds for every end of a canary, however it was disturbed: status 0, `proven=true`, the step `done`, a
 * proven summary and report, and no error annotation go together; otherwise it is status 1 and exactly one error
 * annotation. All outputs are set. Only a signal before its first line kills it, and then it has written nothing.
 */
export function checkCanaryEnd(step: Step): 'proven' | 'not proven' | 'not begun' {
  const { code, stdout, stderr, outputs, summary } = step
  if (code === null) {
    expect({ stdout, stderr, outputs, summary }).toEqual({
      stdout: '',
      stderr: '',
      outputs: {},
      summary: '',
    })
    return 'not begun'
  }
  const count = (name: string) =>
    findCommands(stdout).filter((command) => command.name === name).length
  const report = outputs['report'] === undefined ? undefined : canaryReportOf(step)
  const proven = code === 0
  expect({
    code,
    proven: outputs['proven'],
    verdict: report?.verdict,
    done: outputs['step'] === 'done',
    errors: count('error'),
    notices: count('notice'),
    headings: [...summary.matchAll(/^## \S+ htfifo canary ((?:NOT )?PROVEN)/gm)].map(
      ([, word]) => word,
    ),
    stderr,
    outputs: Object.keys(outputs).sort(),
  }).toEqual({
    code: proven ? 0 : 1,
    proven: proven ? 'true' : 'false',
    verdict: proven ? 'proven' : 'not-proven',
    done: proven,
    errors: proven ? 0 : 1,
    notices: proven ? 1 : 0,
    headings: [proven ? 'PROVEN' : 'NOT PROVEN'],
    stderr: '',
    outputs: ['placement', 'proven', 'queue-left', 'report', 'report-path', 'step'],
  })
  expect(outputs).toMatchObject({
    step: report?.step,
    'queue-left': String(report?.queueLeft),
    placement: report?.placement,
  })
  return proven ? 'proven' : 'not proven'
}

/**
 * Checks that a canary left no queue, or named the one that it left: `queue-left` and, in the annotation, the command that
 * deletes it.
 */
export function checkNothingLeft(step: Step, { queues }: RaftCluster): void {
  if (queues.has(QUEUE)) {
    expect(step.outputs['queue-left']).toBe('true')
    expect(annotationOf(step)).toMatch(/aws sqs delete-queue .*\/htfifo-canary\.fifo/)
  }
  if (step.outputs['queue-left'] === 'true') expect(annotationOf(step)).toContain(QUEUE)
}
