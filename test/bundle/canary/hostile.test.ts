import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeQueue } from '../../../sample/queues.ts'
import type { RaftCluster } from '../../../sample/raft-cluster.ts'
import type { Step } from '../../../sample/runner.ts'
import type { Answer, Call } from '../../../sample/sqs.ts'
import {
  canaryReportOf,
  checkCanaryEnd,
  QUEUE,
  runCanary,
  startNodes,
  TAG,
  watchCalls,
} from '../../support/canary.ts'
import { findCommands } from '../../support/commands.ts'
import { inHeader, LOG_ATTACKS, SUMMARY_ATTACKS } from '../../support/hostile.ts'
import { checkSummary } from '../../support/html.ts'
import { startReplies } from '../../support/replies.ts'
import { sample } from '../../support/sampling.ts'

/** Every sixth one: each needs a node of its own, and test/canary has all of them. */
const ATTACKS = sample(6, [...LOG_ATTACKS, ...SUMMARY_ATTACKS])
/** What moves a cursor, ends a line, hides or turns text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const OWN_COMMANDS = new Set(['error', 'warning', 'notice', 'group', 'endgroup', 'debug'])

/** Checks that nothing that nodes said is a command in the log, or markup in the summary. */
function checkHarmless(step: Step): void {
  checkCanaryEnd(step)
  const commands = findCommands(step.stdout)
  expect(commands.filter(({ name }) => !OWN_COMMANDS.has(name))).toEqual([])
  expect(step.stdout.replaceAll('\n', '')).not.toMatch(UNSEEN)
  for (const { data } of commands) {
    expect(data.length).toBeLessThan(4_096)
    for (const line of data.split('\n')) expect(findCommands(line)).toEqual([])
  }
  checkSummary(step.summary)
  // Nothing that a shell minds.
  expect(step.outputs['report']).toMatch(/^[A-Za-z0-9 \-_.:/,=@+{}[\]"\\]*$/)
}

/** What each node is to say: a text of its own. */
const attackOf = ({ node }: Call) => ATTACKS[Number(node.slice(1)) - 1] ?? ''

type Act = (call: Call, answer: () => Answer, cluster: RaftCluster) => Answer

/** Runs a canary over one node for each attack. */
async function attack(act: Act, inputs: Readonly<Record<string, string>> = {}): Promise<Step> {
  await using cluster = await startNodes({}, ATTACKS.length)
  watchCalls(cluster, (call, answer) => act(call, answer, cluster))
  return await runCanary(cluster, { timeout: '20s', ...inputs })
}

it.concurrent('the address of a queue leads to no other host', async () => {
  let asked = 0
  const trap = await startReplies(() => {
    asked++
    return 'HTTP/1.1 500 No\r\n\r\n'
  })
  await using cluster = await startNodes()
  watchCalls(cluster, ({ action }, answer) => {
    const told = answer()
    return told.status === 200 && /^(GetQueueUrl|CreateQueue)$/.test(action)
      ? { status: 200, body: { QueueUrl: `http://${trap.address}/123/${QUEUE}` } }
      : told
  })
  expect(checkCanaryEnd(await runCanary(cluster))).toBe('proven')
  expect(asked).toBe(0)
  await trap.close()
})

describe('texts of nodes start no command, move no cursor and are no markup', () => {
  it('as the code and the words of an error, as its header, and in the debug log', async () => {
    for (const debug of [undefined, '1']) {
      await using cluster = await startNodes({}, ATTACKS.length)
      watchCalls(cluster, (call) => {
        const text = attackOf(call)
        const header = encodeURI(inHeader(text).toWellFormed())
        return {
          status: 400,
          body: { __type: text, message: text, Message: text, code: text },
          ...(debug === '1' && {
            headers: { 'x-amzn-errortype': header, 'x-amzn-query-error': header },
          }),
        }
      })
      const step = await runCanary(cluster, { timeout: '20s' }, { env: { RUNNER_DEBUG: debug } })
      checkHarmless(step)
      expect(step.outputs).toMatchObject({ step: 'name', 'queue-left': 'false' })
      expect(canaryReportOf(step).problems.length).toBeGreaterThan(12)
    }
  })

  it('as the address of the queue', async () => {
    const step = await attack((call) => ({
      status: 200,
      body: {
        QueueUrl:
          Number(call.node.slice(1)) % 2 ? attackOf(call) : `http://${attackOf(call)}/${QUEUE}`,
      },
    }))
    checkHarmless(step)
    expect(step.outputs['step']).toBe('name')
  })

  it('as the address and the attributes of the queue once it is there, which is deleted', async () => {
    let isGone = false
    const step = await attack((call, answer, { queues }) => {
      const isCreated = queues.has(QUEUE)
      const told = answer()
      isGone ||= isCreated && !queues.has(QUEUE)
      const text = attackOf(call)
      const isOdd = Number(call.node.slice(1)) % 2 === 1
      if (call.action === 'GetQueueUrl' && isCreated && call.node !== 'n1' && isOdd) {
        return { status: 200, body: { QueueUrl: text } }
      }
      if (call.action !== 'GetQueueAttributes') return told
      const Attributes = { PartitionCount: text, CreatedTimestamp: text, [text]: text }
      return { status: 200, body: { Attributes } }
    })
    checkHarmless(step)
    expect(step.outputs).toMatchObject({ step: 'seen', 'queue-left': 'false' })
    expect(canaryReportOf(step).problems.length).toBeGreaterThan(12)
    expect(isGone).toBe(true)
  })

  it('as a message and its group', async () => {
    const step = await attack(
      (call, answer, { queues }) => {
        const told = answer()
        if (call.action !== 'ReceiveMessage') return told
        const text = attackOf(call)
        const own = [...(queues.get(QUEUE)?.sent.values() ?? [])][0]
        const foreign: Record<string, unknown> = {
          Body: text,
          MD5OfBody: createHash('md5').update(text).digest('hex'),
          ReceiptHandle: text,
          MessageId: text,
          Attributes: { MessageGroupId: text },
        }
        const others = [foreign, { ...foreign, Body: own?.body, MD5OfBody: own?.md5 }]
        // The library minds the checksum of all of them.
        if (Number(call.node.slice(1)) % 10 === 0) others.push({ ...foreign, MD5OfBody: text })
        return { status: 200, body: { Messages: others } }
      },
      { limit: '5s' },
    )
    checkHarmless(step)
    expect(step.outputs).toMatchObject({ step: 'receive', 'queue-left': 'false' })
    const reasons = canaryReportOf(step).problems.map(({ reason }) => reason)
    expect(reasons.filter((reason) => reason === 'foreign-message').length).toBeGreaterThan(8)
    expect(reasons).toContain('unreadable')
  })

  it('as the tag of a queue, young and old', async () => {
    for (const [text, ageMs, reason] of [
      [LOG_ATTACKS.join(' '), 0, 'another-canary'],
      [SUMMARY_ATTACKS.join(' ').slice(0, 900).toWellFormed(), 700_000, 'leftover'],
    ] as const) {
      await using cluster = await startNodes({}, 2)
      const attributes = { FifoQueue: 'true', PartitionCount: '4' }
      const queue = makeQueue(QUEUE, attributes, { [TAG]: text, [text.slice(0, 100)]: text })
      queue.createdMs -= ageMs
      cluster.queues.set(QUEUE, queue)
      const step = await runCanary(cluster)
      checkHarmless(step)
      const { problems, warnings } = canaryReportOf(step)
      expect([...problems, ...warnings][0]?.reason).toBe(reason)
    }
  })

  it('as the leader of a group, before and after', async () => {
    await using cluster = await startNodes({ apart: true }, 20)
    const tell = (shift: number) => {
      for (const [index, node] of cluster.nodes.entries()) {
        const text =
          ATTACKS[(index + shift * 13) % ATTACKS.length]?.slice(0, 100).toWellFormed() ?? ''
        node.tellStatus({ leaderId: text, leaderAddress: text || 'x' })
      }
    }
    tell(0)
    watchCalls(cluster, ({ action }, answer) => {
      if (action === 'ReceiveMessage') tell(1)
      return answer()
    })
    const step = await runCanary(cluster, { 'raft-port': cluster.raftPorts, timeout: '20s' })
    checkHarmless(step)
    expect(canaryReportOf(step).groups.length).toBeGreaterThan(9)
    expect(canaryReportOf(step).warnings.map(({ reason }) => reason)).toContain('leaders-changed')
  })
})
