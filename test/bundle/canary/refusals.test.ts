import { describe, expect, it } from 'vitest'
import type { ClusterOptions, RaftCluster } from '../../../sample/raft-cluster.ts'
import { type Answer, type Call, Refusal } from '../../../sample/sqs.ts'
import type { Reason } from '../../../src/canary/advice.ts'
import type { Step } from '../../../src/canary/findings.ts'
import {
  annotationOf,
  type CallName,
  canaryReportOf,
  checkCanaryEnd,
  checkNothingLeft,
  QUEUE,
  runCanary,
  startNodes,
  watchCalls,
} from '../../support/canary.ts'
import { sample } from '../../support/sampling.ts'

const CREDENTIALS = { AKIDEXAMPLE: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYzEXAMPLEKEY' }
const RIGHT = {
  'access-key-id': 'AKIDEXAMPLE',
  'secret-access-key': CREDENTIALS.AKIDEXAMPLE,
}

interface Refused {
  readonly name: string
  readonly cluster?: ClusterOptions
  readonly inputs?: Readonly<Record<string, string>>
  readonly prepare?: (cluster: RaftCluster) => unknown
  /** The nodes of the list; all by default. */
  readonly listed?: number
  readonly act?: (call: Call, cluster: RaftCluster) => void
  readonly step: Step
  readonly reason: Reason
  /** The server's words, in the annotation. */
  readonly words: string
  /** What the annotation says to do. */
  readonly advice: RegExp
  readonly left?: boolean
}

const ROWS: readonly Refused[] = [
  {
    name: "a node of the server's own list that is not in the list of the canary, and does not advertise",
    prepare: (cluster) => cluster.join('listing'),
    listed: 3,
    step: 'create',
    reason: 'capability-refused',
    words: 'requires every cluster peer to advertise the htfifo capability',
    advice:
      /its own --raftSqsMap names a node .* htfifo capability gate rejected partitioned CreateQueue/,
  },
  {
    name: "a node that is gone, but not from the server's own list",
    prepare: async (cluster) => (await cluster.join('ready')).close(),
    listed: 3,
    step: 'create',
    reason: 'capability-refused',
    words: 'CreateQueue was refused with 400 InvalidAttributeValue',
    advice: /is gone.*Correct --raftSqsMap on every node/,
  },
  {
    name: 'a map that lacks the queue',
    cluster: { partitionMap: 'orders.fifo:4=1,1,1,1' },
    step: 'create',
    reason: 'map-lacks-queue',
    words: 'requires every requested partition to be covered by the partition routing map',
    advice: /Give every node a map with this queue/,
  },
  {
    name: 'a map with fewer partitions for the queue',
    cluster: { partitionMap: `${QUEUE}:2=1,1` },
    step: 'create',
    reason: 'map-lacks-queue',
    words: 'covered',
    advice: /has fewer partitions for it/,
  },
  {
    name: 'an access key that is not known',
    cluster: { credentials: CREDENTIALS },
    inputs: { ...RIGHT, 'access-key-id': 'AKIDOTHER' },
    step: 'name',
    reason: 'credentials',
    words: '403 InvalidClientTokenId: unknown access key',
    advice: /one of the pairs in --sqsCredentialsFile/,
  },
  {
    name: 'a wrong secret',
    cluster: { credentials: CREDENTIALS },
    inputs: { ...RIGHT, 'secret-access-key': 'no-such-secret' },
    step: 'name',
    reason: 'credentials',
    words: '403 SignatureDoesNotMatch',
    advice: /--sqsCredentialsFile/,
  },
  {
    name: 'no credentials, where the cluster has some',
    cluster: { credentials: CREDENTIALS },
    step: 'name',
    reason: 'credentials',
    words: '403 InvalidClientTokenId',
    advice: /the canary needs both/,
  },
  {
    name: 'another region',
    cluster: { credentials: CREDENTIALS, region: 'eu-central-1' },
    inputs: RIGHT,
    step: 'name',
    reason: 'region',
    words: 'credential scope region does not match server region',
    advice: /Set region to the value of --sqsRegion/,
  },
  {
    name: 'no leader from the start',
    prepare: (cluster) => cluster.lead(1, null),
    step: 'name',
    reason: 'no-leader',
    words: '503 ServiceUnavailable: no raft leader currently available',
    advice: /about three seconds/,
  },
  {
    name: 'a leader that is lost while messages are sent, and does not come back',
    act: ({ action }, cluster) => {
      if (action === 'SendMessage') cluster.lead(1, null)
    },
    step: 'send',
    reason: 'no-leader',
    words: 'no raft leader currently available',
    advice: /raftadmin ADDRESS leader/,
    left: true,
  },
]

interface Mixed {
  readonly action: CallName
  readonly step: Step
  /** One for each node. */
  readonly refusals: readonly {
    readonly as: ConstructorParameters<typeof Refusal>
    readonly reason: Reason
    readonly advice: string
  }[]
}

const MIXED: readonly Mixed[] = [
  {
    action: 'GetQueueUrl',
    step: 'name',
    refusals: [
      {
        as: ['RequestTimeTooSkewed', 'the clocks are too far apart', 403],
        reason: 'clock',
        advice: 'Set the clock of the runner and of the nodes',
      },
      {
        as: ['ServiceUnavailable', 'leader address not found', 503],
        reason: 'leader-unmapped',
        advice: 'The `--raftSqsMap` of this node lacks the leader',
      },
      {
        as: ['ServiceUnavailable', 'leader proxy error: dial tcp 127.0.0.1:1', 503],
        reason: 'no-leader',
        advice: 'wait until the cluster is stable',
      },
    ],
  },
  {
    action: 'CreateQueue',
    step: 'create',
    refusals: [
      {
        as: ['InvalidAttributeValue', 'PartitionCount must be a power of two'],
        reason: 'partition-count',
        advice: 'set `partitions`',
      },
      {
        as: ['InvalidAttributeValue', 'this node does not advertise htfifo'],
        reason: 'leader-not-capable',
        advice: 'upgrade that node',
      },
      {
        as: ['InvalidAttributeName', 'unknown attribute PartitionCount'],
        reason: 'attribute-refused',
        advice: 'an old binary, or another service',
      },
      {
        as: ['QueueNameExists', 'queue already exists with different attributes'],
        reason: 'queue-exists',
        advice: 'somebody else made it',
      },
    ],
  },
  {
    action: 'SendMessage',
    step: 'send',
    refusals: [
      {
        as: ['InternalFailure', 'internal error', 500],
        reason: 'internal-error',
        advice: 'sqs adapter internal error',
      },
      {
        as: ['Throttling', 'rate exceeded'],
        reason: 'throttled',
        advice: 'Lower `messages` or `partitions`',
      },
      {
        as: ['InvalidParameterValue', 'no such thing'],
        reason: 'refused-otherwise',
        advice: 'Its words say why',
      },
      {
        as: ['QueueDoesNotExist', 'queue does not exist'],
        reason: 'queue-missing',
        advice: 'This node may belong to another cluster',
      },
    ],
  },
]

describe('a call that is refused for', () => {
  // A test of the proof, or of the reasons, has each of them.
  it.concurrent.each(sample(2, ROWS))('$name: $step, $reason', async (row) => {
    await using cluster = await startNodes(row.cluster)
    await row.prepare?.(cluster)
    const { names } = watchCalls(cluster, (call, answer) => {
      row.act?.(call, cluster)
      return answer()
    })
    const nodes = cluster.nodes.slice(0, row.listed).map(({ id, address }) => `${id}=${address}`)
    const step = await runCanary({ nodeMap: nodes.join() }, row.inputs)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: row.step, 'queue-left': String(row.left ?? false) })
    expect(canaryReportOf(step).problems[0]).toMatchObject({
      step: row.step,
      reason: row.reason,
      node: expect.stringMatching(/^n[123]$/),
    })
    const annotation = annotationOf(step)
    expect(annotation).toContain(`htfifo canary NOT PROVEN at the step ${row.step}: `)
    expect(annotation).toContain(row.words)
    expect(annotation).toMatch(row.advice)
    expect(step.summary).toContain(`(\`${row.reason}\`)`)
    checkNothingLeft(step, cluster)
    expect(cluster.queues.size).toBe(row.left ? 1 : 0)
    // No call is made a second time: each node was asked to create at most once.
    const creations = names().filter((name) => name.endsWith('CreateQueue'))
    expect(new Set(creations).size).toBe(creations.length)
    const told = [
      step.stdout.replace(/^::add-mask::.*$/gm, ''),
      step.summary,
      ...Object.values(step.outputs),
    ].join()
    for (const secret of [row.inputs?.['access-key-id'], row.inputs?.['secret-access-key']]) {
      if (secret !== undefined) expect(told).not.toContain(secret)
    }
  })

  it.concurrent.each(MIXED)('many reasons, each at a node of its own: $action', async (mixed) => {
    const { action, step: name, refusals } = mixed
    await using cluster = await startNodes({}, refusals.length)
    watchCalls(cluster, (call, answer) => {
      const refusal = refusals[Number(call.node.slice(1)) - 1]
      if (call.action === action && refusal !== undefined) throw new Refusal(...refusal.as)
      return answer()
    })
    // As many partitions as nodes, so that the first message of each goes through a node of its own.
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: name, 'queue-left': 'false' })
    const { problems } = canaryReportOf(step)
    expect(problems.map(({ reason, node }) => [node, reason]).sort()).toEqual(
      refusals.map(({ reason }, index) => [`n${index + 1}`, reason]),
    )
    for (const { as, reason, advice } of refusals) {
      const [code, words, status = 400] = as
      const told = `${action} was refused with ${status} ${code}: ${words}`
      expect(problems.find((one) => one.reason === reason)).toMatchObject({
        step: name,
        words: told,
      })
      expect(annotationOf(step)).toContain(told)
      const [, row = ''] = step.summary.split(`(\`${reason}\`)`)
      expect(row.split('\n')[0]).toContain(advice)
    }
    expect(cluster.queues.size).toBe(0)
  })

  it.concurrent('one node alone is told, and another one takes the creation', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, ({ node, action }, answer) => {
      if (node === 'n1' && action === 'CreateQueue')
        throw new Refusal('ServiceUnavailable', 'no leader', 503)
      return answer()
    })
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('proven')
    expect(canaryReportOf(step).warnings).toMatchObject([
      { reason: 'create-elsewhere', node: 'n1' },
    ])
    expect(cluster.queues.size).toBe(0)
  })
})

describe('what is no answer of SQS', () => {
  it.concurrent('ends at the step name, and nothing is created', async () => {
    const html = { 'content-type': 'text/html' }
    const answers: readonly Answer[] = [
      { status: 200, body: '<html>portal</html>', headers: html },
      { status: 200, body: '' },
      { status: 200, body: {} },
      { status: 200, body: { QueueUrl: 'http://n1/other.fifo' } },
      { status: 200, body: { QueueUrl: { a: [1] } } },
      { status: 200, body: [1, 2] },
      { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
      { status: 404, body: 'not found' },
      { status: 500, body: '<html>bad gateway</html>', headers: html },
      { status: 200, body: '{}', headers: { 'content-encoding': 'gzip' } },
    ]
    await using cluster = await startNodes({}, answers.length)
    const { names } = watchCalls(
      cluster,
      ({ node }, whole) => answers[Number(node.slice(1)) - 1] ?? whole(),
    )
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'name', 'queue-left': 'false' })
    const { problems } = canaryReportOf(step)
    expect(problems.map(({ reason, node }) => [node, reason])).toEqual(
      cluster.nodes.map(({ id }) => [id, 'unreadable']),
    )
    // Each once, and nothing but the first question.
    expect(names().sort()).toEqual(cluster.nodes.map(({ id }) => `${id} GetQueueUrl`).sort())
  })
})
