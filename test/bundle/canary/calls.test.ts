import { describe, expect, it } from 'vitest'
import type { Step } from '../../../sample/runner.ts'
import type { Answer } from '../../../sample/sqs.ts'
import type { Reason } from '../../../src/canary/advice.ts'
import type { ProofStep } from '../../../src/canary/findings.ts'
import {
  annotationOf,
  type CallName,
  canaryReportOf,
  checkCanaryEnd,
  checkNothingLeft,
  runCanary,
  startNodes,
  watchCalls,
} from '../../support/canary.ts'
import { trackProcess } from '../../support/process.ts'
import { sample } from '../../support/sampling.ts'

const TIMEOUT_MS = 1_000
/** What a busy machine may take on top, in milliseconds. */
const SLACK_MS = 2_500

/** The calls of which each node gets some in one step, and the step. */
const SHARED = {
  GetQueueUrl: 'name',
  GetQueueAttributes: 'seen',
  SendMessage: 'send',
  ReceiveMessage: 'receive',
  DeleteMessage: 'receive',
} as const satisfies Partial<Record<CallName, ProofStep>>

/** The calls that one node gets, and the step. */
const ALONE = {
  CreateQueue: 'create',
  ListQueueTags: 'create',
  DeleteQueue: 'delete',
} as const satisfies Partial<Record<CallName, ProofStep>>

/** What a broken node does with a call. */
interface Fault {
  readonly reason: Reason
  readonly words: RegExp
  readonly act: (answer: () => Answer) => Answer | null | Promise<Answer | null>
}

const BIG = 'x'.repeat(10_000_000)
const FAULTS: readonly Fault[] = [
  {
    reason: 'timeout',
    words: /no complete answer within 1s/,
    act: () => new Promise(() => undefined),
  },
  {
    reason: 'disconnected',
    words: /the connection was cut before the answer was complete \(ECONNRESET: aborted\)$/,
    act: (answer) => ({ ...answer(), cutAfter: 1 }),
  },
  {
    reason: 'unreadable',
    words: /the answer is larger than 1048576 bytes/,
    act: (answer) => ({ ...answer(), body: BIG }),
  },
]

describe('a call that hangs, is cut in mid-answer, or gets an answer of 10 MB', () => {
  const check = (end: Step, step: ProofStep, call: CallName, node: string, fault: Fault) => {
    const { problems, nodes } = canaryReportOf(end)
    const problem = problems.find((one) => one.node === node)
    const isSlow = call === 'CreateQueue' && fault.reason === 'timeout'
    expect(problem).toMatchObject({ step, reason: isSlow ? 'create-timeout' : fault.reason })
    expect(problem?.words).toMatch(new RegExp(`^${call}: `))
    expect(problem?.words).toMatch(fault.words)
    expect(nodes.find(({ name }) => name === node)?.error).toMatch(fault.words)
    expect(annotationOf(end)).toContain(`at the step ${step}: `)
    expect(annotationOf(end)).toMatch(/^htfifo canary .* \(nodes? n[123]/)
  }

  it.concurrent.each(Object.entries(SHARED) as [keyof typeof SHARED, ProofStep][])(
    '%s, each of the three at a node of its own: the step %s, and each node by its name',
    async (call, step) => {
      await using cluster = await startNodes()
      const { names } = watchCalls(cluster, ({ node, action }, answer) => {
        const fault = FAULTS[Number(node.slice(1)) - 1]
        return action === call && fault !== undefined ? fault.act(answer) : answer()
      })
      const end = await runCanary(cluster, { timeout: '1s', limit: '4s' })
      expect(checkCanaryEnd(end)).toBe('not proven')
      expect(end.outputs['step']).toBe(step)
      for (const [index, fault] of FAULTS.entries()) check(end, step, call, `n${index + 1}`, fault)
      // A step that receives goes on, to tell what else fails.
      const stepMs = canaryReportOf(end).durationsMs[step] ?? Infinity
      expect(stepMs).toBeLessThan((step === 'receive' ? 4_000 : TIMEOUT_MS) + SLACK_MS)
      // GetQueueUrl is what the clean-up begins with.
      expect(end.outputs['queue-left']).toBe('false')
      expect(names().some((name) => name.endsWith('CreateQueue'))).toBe(step !== 'name')
      expect(cluster.queues.size).toBe(0)
    },
  )

  const alone = (Object.entries(ALONE) as [keyof typeof ALONE, ProofStep][]).flatMap(
    ([call, step]) => FAULTS.map((fault) => ({ call, step, fault, reason: fault.reason })),
  )
  // Of the nine, one for each call and each fault.
  it.concurrent.each(sample(4, alone))(
    '$call at the first node: $reason',
    async ({ call, step, fault }) => {
      await using cluster = await startNodes()
      const { names } = watchCalls(cluster, ({ node, action }, answer) =>
        node === 'n1' && action === call ? fault.act(answer) : answer(),
      )
      const end = await runCanary(cluster, { timeout: '1s' })
      expect(checkCanaryEnd(end)).toBe('not proven')
      check(end, step, call, 'n1', fault)
      expect(canaryReportOf(end).durationsMs[step]).toBeLessThan(TIMEOUT_MS + SLACK_MS)
      // A creation without an answer may still be carried out.
      const isUnsure = call === 'CreateQueue' && fault.reason === 'timeout'
      expect(end.outputs['queue-left']).toBe(isUnsure ? 'true' : 'false')
      checkNothingLeft(end, cluster)
      expect(cluster.queues.size).toBe(0)
      expect(names().filter((name) => name.endsWith('CreateQueue'))).toHaveLength(1)
    },
  )
})

describe('GetQueueUrl that hangs', () => {
  it.concurrent.each([
    ['once the queue is created', 'seen', (_: number, size: number) => size > 0],
    [
      'once the queue is deleted',
      'delete',
      (count: number, size: number) => count > 1 && size === 0,
    ],
  ] as const)('%s', async (_, step, hangs) => {
    await using cluster = await startNodes()
    let count = 0
    watchCalls(cluster, ({ node, action }, answer) => {
      if (node !== 'n2' || action !== 'GetQueueUrl') return answer()
      return hangs(count++, cluster.queues.size) ? new Promise(() => undefined) : answer()
    })
    const end = await runCanary(cluster, { timeout: '1s' })
    expect(checkCanaryEnd(end)).toBe('not proven')
    const [problem] = canaryReportOf(end).problems
    expect(problem).toMatchObject({ step, reason: 'timeout', node: 'n2' })
    expect(cluster.queues.size).toBe(0)
  })
})

it.concurrent('a node that is gone after the gate is unreachable, and the queue is deleted', async () => {
  await using cluster = await startNodes()
  watchCalls(cluster, async ({ action }, answer) => {
    const told = answer()
    if (action === 'CreateQueue') await cluster.nodes[1]?.close()
    return told
  })
  const end = await runCanary(cluster)
  expect(checkCanaryEnd(end)).toBe('not proven')
  expect(canaryReportOf(end).problems).toMatchObject([
    { step: 'seen', reason: 'unreachable', node: 'n2', words: expect.stringContaining('refused') },
  ])
  expect(end.outputs['queue-left']).toBe('false')
  expect(cluster.queues.size).toBe(0)
})

it.concurrent('an answer that waited while the canary was stopped is too late', async () => {
  await using cluster = await startNodes()
  const canary = trackProcess()
  let isStopped = false
  watchCalls(cluster, ({ action }, answer) => {
    if (action === 'SendMessage' && !isStopped) {
      isStopped = true
      canary.kill('SIGSTOP')
      setTimeout(() => canary.kill('SIGCONT'), TIMEOUT_MS + 500)
    }
    return answer()
  })
  const end = await runCanary(cluster, { timeout: '1s' }, canary)
  expect(checkCanaryEnd(end)).toBe('not proven')
  expect(canaryReportOf(end).problems[0]).toMatchObject({ step: 'send', reason: 'timeout' })
  expect(cluster.queues.size).toBe(0)
})

describe('the limit', () => {
  it('of all steps ends a run of calls that are each in time, and the queue is deleted', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, async ({ action }, answer) => {
      if (action === 'SendMessage') await new Promise((resolve) => setTimeout(resolve, 150))
      return answer()
    })
    const startedAt = performance.now()
    const end = await runCanary(cluster, { limit: '1s', messages: '100', timeout: '2s' })
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    expect(checkCanaryEnd(end)).toBe('not proven')
    expect(end.outputs).toMatchObject({ step: 'send', 'queue-left': 'false' })
    expect(canaryReportOf(end).problems.map(({ reason }) => reason)).toEqual(['limit'])
    expect(annotationOf(end)).toContain('Raise limit')
    expect(cluster.queues.size).toBe(0)
  })
})
