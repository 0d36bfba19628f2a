import { GetQueueUrlCommand } from '@aws-sdk/client-sqs'
import type { Step } from '../../sample/runner.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterPlan } from './node.ts'
import { connect, describe, tryQueue } from './queue.ts'
import type { Expected, Scene } from './scene.ts'
import { until } from './until.ts'

const QUEUE = 'htfifo-canary.fifo'
const PROBE = 'htfifo-probe.fifo'
const CREDENTIALS = { id: 'canary', secret: 'only-for-this-scene' }
const GET_QUEUE = new GetQueueUrlCommand({ QueueName: QUEUE })
/** How long the canary may take to create its queue, and the cluster to elect. */
const EVENT_MS = 20_000

const proven = (placement: string): Expected => ({
  code: 0,
  outputs: { proven: 'true', step: 'done', 'queue-left': 'false', placement },
  noLog: /^::error/m,
})

const failed = (step: string | RegExp, log: RegExp): Expected => ({
  code: 1,
  outputs: { proven: 'false', step, 'queue-left': 'false' },
  log,
})

/** Two groups, and two partitioned queues whose partitions are in both of them. */
const TWO_GROUPS = {
  groups: [1, 2],
  partitionMap: [QUEUE, PROBE].map((queue) => `${queue}:4=1,2,1,2`).join(';'),
}

const FOUR_NODES: ClusterPlan = {
  nodes: ['elastickv', 'elastickv', 'elastickv', 'elastickv'],
}

const leadOn = (first: string, second: string) => async (cluster: Cluster) => {
  await cluster.lead(1, first)
  await cluster.lead(2, second)
}

/** What a send and receive that knows nothing of the canary finds on the same cluster with the same leaders. */
async function expectWhatIsSeen({ nodes }: Cluster): Promise<Expected> {
  const addresses = nodes.map(({ sqs }) => sqs)
  const { sent, received, words } = await tryQueue(addresses, PROBE)
  if (received === sent) return proven('spread')
  const seen = `of ${sent} messages sent, ${received} were received. ${words.join('; ')}`
  console.log(`    without the canary: ${seen}`)
  const { outputs, ...rest } = failed('receive', /500|InternalFailure/)
  return { ...rest, outputs: { ...outputs, placement: 'spread' } }
}

/** The queue is gone from every node that runs, or the canary said that it is not. */
async function checkQueueGone({ nodes }: Cluster, { outputs, stdout }: Step): Promise<string[]> {
  if (outputs['queue-left'] === 'true') {
    const [, address] = /delete-queue --endpoint-url http:\/\/(\S+)/.exec(stdout) ?? []
    if (address === undefined) return ['no command that deletes the queue']
    const there = await until(`${address} to answer`, EVENT_MS, () => hasQueue(address))
    return there ? [] : [`the command that deletes the queue asks ${address}, which has none`]
  }
  const left = await Promise.all(
    nodes.map(({ sqs }) => until(`${sqs} to answer`, EVENT_MS, () => hasQueue(sqs))),
  )
  return nodes.filter((_, index) => left[index]).map(({ id }) => `${id} still has the queue`)
}

/** Whether a node has the queue of the canary; a node that does not run has none. */
async function hasQueue(address: string): Promise<boolean | undefined> {
  const client = connect(address, CREDENTIALS)
  try {
    await client.send(GET_QUEUE, { abortSignal: AbortSignal.timeout(EVENT_MS) })
    return true
  } catch (error) {
    const words = describe(error)
    // Anything else is a cluster that has no leader yet.
    return /QueueDoesNotExist|ECONNREFUSED/.test(words) ? false : undefined
  } finally {
    client.destroy()
  }
}

/** Kills the leader once the canary's queue is there. */
async function killLeader({ nodes: [first], leader, kill }: Cluster): Promise<void> {
  await until('the queue', EVENT_MS, async () => (await hasQueue(first?.sqs ?? '')) || undefined)
  await kill(await leader(1))
}

const PROOFS: readonly Scene[] = [
  {
    title: 'canary: one group',
    expected: proven('one-group'),
  },
  {
    title: 'canary: two groups, the leaders on one node',
    plan: TWO_GROUPS,
    arrange: leadOn('n1', 'n1'),
    expected: { ...proven('single'), log: /^::warning/m },
  },
  {
    title: 'canary: two groups, the leaders on one node, and a spread required',
    plan: TWO_GROUPS,
    arrange: leadOn('n2', 'n2'),
    inputs: () => ({ 'require-spread': 'true' }),
    expected: failed('placement', /^::error/m),
  },
  {
    title: 'canary: two groups, the leaders on different nodes',
    plan: TWO_GROUPS,
    arrange: leadOn('n1', 'n2'),
    inputs: () => ({ limit: '15s' }),
    expected: expectWhatIsSeen,
  },
  {
    title: 'canary: a partition map that lacks the queue',
    plan: { partitionMap: 'orders.fifo:4=1,1,1,1' },
    expected: failed('create', /every requested partition to be covered/),
  },
  {
    title: 'canary: a --raftSqsMap that names a node which left and is gone',
    plan: FOUR_NODES,
    arrange: async ({ leave, kill }) => {
      await leave('n4')
      await kill('n4')
    },
    expected: failed('create', /every cluster peer to advertise/),
  },
  {
    title: 'canary: a --raftSqsMap that names a node which left and hangs',
    plan: FOUR_NODES,
    arrange: async ({ leave, hang }) => {
      await leave('n4')
      hang('n4')
    },
    // The server asks its peers for 3 s before it refuses.
    inputs: () => ({ timeout: '5s' }),
    expected: failed('create', /every cluster peer to advertise/),
  },
  {
    title: 'canary: the right credentials',
    plan: { credentials: CREDENTIALS },
    inputs: () => ({
      'access-key-id': CREDENTIALS.id,
      'secret-access-key': CREDENTIALS.secret,
    }),
    expected: {
      ...proven('one-group'),
      log: new RegExp(`^::add-mask::${CREDENTIALS.secret}$`, 'm'),
      noLog: new RegExp(`^(?!::add-mask::).*${CREDENTIALS.secret}`, 'm'),
    },
  },
  {
    title: 'canary: a wrong secret',
    plan: { credentials: CREDENTIALS },
    inputs: () => ({ 'access-key-id': CREDENTIALS.id, 'secret-access-key': 'another-one' }),
    expected: failed(/^(name|create)$/, /SignatureDoesNotMatch/),
  },
  {
    title: 'canary: an unknown key',
    plan: { credentials: CREDENTIALS },
    inputs: () => ({ 'access-key-id': 'nobody', 'secret-access-key': CREDENTIALS.secret }),
    expected: failed(/^(name|create)$/, /InvalidClientTokenId/),
  },
  {
    title: 'canary: the leader is killed in the middle',
    arrange: ({ lead }) => lead(1, 'n1'),
    inputs: () => ({ messages: '100', limit: '30s' }),
    during: killLeader,
    expected: {
      code: 1,
      outputs: {
        proven: 'false',
        step: /^(create|seen|placement|send|receive|empty|delete)$/,
        'queue-left': /^(true|false)$/,
      },
    },
  },
]

/** What the canary proves of real clusters; after each, its queue is gone or named. */
export const CANARY_SCENES: readonly Scene[] = PROOFS.map((scene) => ({
  ...scene,
  action: 'canary',
  after: checkQueueGone,
}))
