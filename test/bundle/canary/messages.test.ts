import { describe, expect, it } from 'vitest'
import { send } from '../../../sample/queues.ts'
import type { RaftCluster } from '../../../sample/raft-cluster.ts'
import type { Step } from '../../../sample/runner.ts'
import type { Answer, Call } from '../../../sample/sqs.ts'
import type { Reason } from '../../../src/canary/advice.ts'
import type { ProofStep } from '../../../src/canary/findings.ts'
import {
  annotationOf,
  canaryReportOf,
  checkCanaryEnd,
  QUEUE,
  reasonsOf,
  runCanary,
  startNodes,
  watchCalls,
} from '../../support/canary.ts'
import { sample } from '../../support/sampling.ts'

/** A message as an answer holds it. */
interface Told {
  readonly Body: string
  readonly Attributes: { readonly MessageGroupId: string }
}

/** What a node makes of the messages that it gives. */
type Change = (messages: readonly Told[], cluster: RaftCluster) => readonly Told[]

/** Changes what nodes answer to receives, until it is once something else. */
function changeOnce(cluster: RaftCluster, change: Change) {
  let done = false
  return ({ action }: Call, answer: () => Answer): Answer => {
    const { status, body } = answer()
    if (action !== 'ReceiveMessage' || done) return { status, body }
    const before = (body as { Messages: readonly Told[] }).Messages
    const Messages = change(before, cluster)
    done = Messages !== before
    return { status, body: { Messages } }
  }
}

const isSecond = ({ Body }: Told) => Body.endsWith('/1')

interface Row {
  readonly name: string
  readonly change: Change
  readonly step: ProofStep
  readonly reason: Reason
  readonly words: RegExp
}

const ROWS: readonly Row[] = [
  {
    name: 'comes twice in one answer',
    change: (messages) => (messages[0] === undefined ? messages : [messages[0], ...messages]),
    step: 'receive',
    reason: 'twice',
    words: /^message 0 of group \w+-\d+ arrived again$/,
  },
  {
    name: 'comes again after it was deleted',
    change: (messages, { queues }) => {
      const queue = queues.get(QUEUE)
      const gone = [...(queue?.sent.values() ?? [])].find(
        (message) => message.receives > 0 && !queue?.messages.includes(message),
      )
      if (gone === undefined) return messages
      return [
        ...messages,
        {
          ...messages[0],
          Body: gone.body,
          MD5OfBody: gone.md5,
          ReceiptHandle: 'again',
          Attributes: { MessageGroupId: gone.groupId },
        },
      ]
    },
    step: 'receive',
    reason: 'twice',
    words: /arrived again$/,
  },
  {
    name: 'comes before the one in front of it',
    change: (messages, { queues }) => {
      const first = messages[0]
      const next = [...(queues.get(QUEUE)?.sent.values() ?? [])].find(
        ({ groupId, body }) => groupId === first?.Attributes.MessageGroupId && body.endsWith('/1'),
      )
      if (first === undefined || next === undefined) return messages
      return [{ ...first, Body: next.body, MD5OfBody: next.md5 }, ...messages]
    },
    step: 'receive',
    reason: 'out-of-order',
    words: /^message 1 of group \w+-\d+ arrived where message 0 was due$/,
  },
  {
    name: 'does not come',
    change: (messages, { queues }) => {
      const lost = messages.find(isSecond)
      if (lost === undefined) return messages
      const queue = queues.get(QUEUE)
      if (queue !== undefined) {
        queue.messages = queue.messages.filter(({ body }) => body !== lost.Body)
      }
      return messages.filter((message) => message !== lost)
    },
    step: 'receive',
    reason: 'out-of-order',
    words: /^message 2 of group \w+-\d+ arrived where message 1 was due$/,
  },
  {
    name: 'has another body than it was sent with',
    change: (messages) =>
      messages[0] === undefined ? messages : [{ ...messages[0], Body: 'changed' }],
    step: 'receive',
    reason: 'unreadable',
    words: /checksum/,
  },
  {
    name: 'comes as one of another group',
    change: ([first, ...others]) =>
      first === undefined
        ? []
        : [{ ...first, Attributes: { MessageGroupId: 'elsewhere' } }, ...others],
    step: 'receive',
    reason: 'foreign-message',
    words: /arrived as one of group "elsewhere"$/,
  },
]

const check = (step: Step, row: Pick<Row, 'step' | 'reason' | 'words'>) => {
  expect(checkCanaryEnd(step)).toBe('not proven')
  expect(step.outputs).toMatchObject({ step: row.step, 'queue-left': 'false' })
  const problem = canaryReportOf(step).problems.find(({ reason }) => reason === row.reason)
  expect(problem).toMatchObject({ step: row.step, words: expect.stringMatching(row.words) })
  expect(problem?.node).toMatch(/^n[123]$/)
  expect(annotationOf(step)).toContain(`at the step ${row.step}: `)
}

describe('a message that', () => {
  // A test of the proof has each of them.
  it.concurrent.each(sample(2, ROWS))('$name: $reason', async (row) => {
    await using cluster = await startNodes()
    watchCalls(cluster, changeOnce(cluster, row.change))
    const step = await runCanary(cluster, { limit: '3s' })
    check(step, row)
    expect(cluster.queues.size).toBe(0)
    if (row.name !== 'does not come') return
    expect(reasonsOf(step)).toContain('missing')
    const { partitions } = canaryReportOf(step)
    expect(partitions.map(({ count }) => count).sort()).toEqual([2, 3, 3, 3])
    expect(annotationOf(step)).toMatch(
      /1 of 3 messages of group \S+ did not arrive; the first is message 1/,
    )
  })

  it.concurrent('is of somebody else is left alone and told', async () => {
    await using cluster = await startNodes()
    let receipt: string | null | undefined = null
    const { calls } = watchCalls(cluster, ({ action }, answer) => {
      const queue = cluster.queues.get(QUEUE)
      if (action === 'ReceiveMessage' && queue?.sent.size === 12) {
        send(queue, 'an order of somebody', 'orders', '1')
      }
      if (action === 'DeleteQueue') {
        receipt = queue?.messages.find(({ groupId }) => groupId === 'orders')?.receipt
      }
      return answer()
    })
    const step = await runCanary(cluster)
    const removed = calls
      .filter(({ action }) => action === 'DeleteMessage')
      .map(({ input }) => input.ReceiptHandle)
    check(step, {
      step: 'receive',
      reason: 'foreign-message',
      words: /^found a message that this run did not send: "an order of somebody"$/,
    })
    expect(receipt).toMatch(/^[\w-]+$/)
    expect(removed).toHaveLength(12)
    expect(removed).not.toContain(receipt)
    expect(canaryReportOf(step).partitions.every(({ count }) => count === 3)).toBe(true)
  })

  it.concurrent('comes when all came ends at the step empty', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, ({ action }, answer) => {
      const queue = cluster.queues.get(QUEUE)
      if (action === 'ReceiveMessage' && queue?.sent.size === 12 && queue.messages.length === 0) {
        send(queue, 'late', 'orders', '1')
      }
      return answer()
    })
    check(await runCanary(cluster), {
      step: 'empty',
      reason: 'foreign-message',
      words: /^found a message that this run did not send: "late"$/,
    })
    expect(cluster.queues.size).toBe(0)
  })
})

describe('a queue that one node', () => {
  const broken = async (act: (call: Call, answer: () => Answer) => Answer) => {
    const cluster = await startNodes()
    watchCalls(cluster, (call, answer) => (call.node === 'n2' ? act(call, answer) : answer()))
    return cluster
  }
  const noQueue: Answer = {
    status: 400,
    body: { __type: 'QueueDoesNotExist', message: 'queue does not exist' },
  }

  it.concurrent('does not see ends at the step seen', async () => {
    await using cluster = await broken(() => noQueue)
    const step = await runCanary(cluster)
    check(step, {
      step: 'seen',
      reason: 'queue-missing',
      words: /^GetQueueUrl: .* does not exist$/,
    })
    expect(annotationOf(step)).toContain('(node n2)')
    expect(step.summary).toContain('❌ no')
    expect(cluster.queues.size).toBe(0)
  })

  it.concurrent.each([
    ['another number of partitions', { PartitionCount: '8' }, /^found 8 partitions, expected 4$/],
    ['none', {}, /^found no partitions, expected 4$/],
  ])('tells with %s of partitions ends at the step seen', async (_, Attributes, words) => {
    await using cluster = await broken(({ action }, answer) =>
      action === 'GetQueueAttributes' ? { status: 200, body: { Attributes } } : answer(),
    )
    const step = await runCanary(cluster)
    check(step, { step: 'seen', reason: 'other-partitions', words })
    expect(cluster.queues.size).toBe(0)
  })

  it.concurrent('still tells after its deletion ends at the step delete', async () => {
    let url: Answer | null = null
    let tags: Answer | null = null
    // A node whose view is old goes on to tell what it told.
    await using cluster = await broken(({ action, input }, answer) => {
      const told = answer()
      if (action === 'GetQueueUrl' && told.status === 200) {
        url = told
        tags = { status: 200, body: { Tags: cluster.queues.get(input.QueueName ?? '')?.tags } }
      }
      const old = action === 'GetQueueUrl' ? url : action === 'ListQueueTags' ? tags : null
      return old ?? told
    })
    const step = await runCanary(cluster)
    check(step, { step: 'delete', reason: 'still-there', words: /is still there$/ })
    expect(annotationOf(step)).toContain('(node n2)')
    expect(annotationOf(step)).toContain('The node answers from a stale view')
  })
})
