import { Agent } from 'node:https'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterEach, describe, expect, it } from 'vitest'
import type { Generation } from '../../sample/cluster.ts'
import { partitionOf, send } from '../../sample/queues.ts'
import {
  type ClusterOptions,
  type RaftCluster,
  startClusterWith,
} from '../../sample/raft-cluster.ts'
import { makeNoQueue, Refusal } from '../../sample/sqs.ts'
import { makeAuthority } from '../support/certificates.ts'

const NAME = 'orders.fifo'
const ATTRIBUTES: Readonly<Record<string, string>> = {
  FifoQueue: 'true',
  PartitionCount: '4',
  FifoThroughputLimit: 'perMessageGroupId',
  DeduplicationScope: 'messageGroup',
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const part of open.splice(0)) await part.close()
})

const READY: readonly Generation[] = ['ready', 'ready', 'ready']
async function start(options: ClusterOptions = {}, generations = READY) {
  const cluster = await startClusterWith(options, ...generations)
  open.push(cluster)
  return cluster
}

interface Access {
  readonly id?: string
  readonly secret?: string
  readonly region?: string
  readonly scheme?: string
  readonly agent?: Agent
}

/** The queue as one node serves it. */
function connect(
  { nodes }: RaftCluster,
  index = 0,
  { id = 'none', secret = 'none', region = 'us-east-1', scheme = 'http', agent }: Access = {},
) {
  const endpoint = `${scheme}://${nodes[index]?.address}`
  const client = new SQSClient({
    endpoint,
    region,
    maxAttempts: 1,
    ...(agent && { requestHandler: { httpsAgent: agent } }),
    credentials: { accessKeyId: id, secretAccessKey: secret },
  })
  open.push({ close: async () => client.destroy() })
  const QueueUrl = `${endpoint}/${NAME}`
  let sent = 0
  return {
    client,
    create: (attributes: Record<string, string> = {}, tags?: Record<string, string>) =>
      client.send(
        new CreateQueueCommand({
          QueueName: NAME,
          Attributes: { ...ATTRIBUTES, ...attributes },
          ...(tags && { tags }),
        }),
      ),
    find: () => client.send(new GetQueueUrlCommand({ QueueName: NAME })),
    listTags: () => client.send(new ListQueueTagsCommand({ QueueUrl })),
    describe: (...AttributeNames: 'All'[]) =>
      client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames })),
    send: (body: string, group: string, id = `${index}-${++sent}`) =>
      client.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: body,
          MessageGroupId: group,
          MessageDeduplicationId: id,
        }),
      ),
    async receive(VisibilityTimeout = 30, MaxNumberOfMessages = 10) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages,
          VisibilityTimeout,
          MessageSystemAttributeNames: ['All'],
        }),
      )
      return Messages
    },
    delete: ({ ReceiptHandle }: Message) =>
      client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
    destroy: () => client.send(new DeleteQueueCommand({ QueueUrl })),
  }
}

const refusal = (name: string, status: number, message: string | RegExp) => ({
  name,
  message: typeof message === 'string' ? message : expect.stringMatching(message),
  $metadata: { httpStatusCode: status },
})
const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body)

describe('the queues of the sample cluster', () => {
  it('are made, told and removed through any node', async () => {
    const cluster = await start()
    const [one, two, three] = [0, 1, 2].map((index) => connect(cluster, index))
    await one?.create({}, { 'htfifo-gate-canary': 'run-1' })
    expect((await two?.find())?.QueueUrl).toBe(`http://${cluster.nodes[1]?.address}/${NAME}`)
    expect((await three?.listTags())?.Tags).toEqual({ 'htfifo-gate-canary': 'run-1' })
    expect((await two?.describe('All'))?.Attributes).toMatchObject({
      PartitionCount: '4',
      FifoQueue: 'true',
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
    })
    expect((await two?.describe())?.Attributes).toEqual({})
    await three?.destroy()
    expect(cluster.queues.size).toBe(0)
    await expect(one?.find()).rejects.toMatchObject(
      refusal('QueueDoesNotExist', 400, 'queue does not exist'),
    )
  })

  it('are made again with the same attributes, and keep their tags', async () => {
    const cluster = await start()
    const node = connect(cluster)
    await node.create({}, { run: 'first' })
    await node.create({}, { run: 'second' })
    expect((await node.listTags()).Tags).toEqual({ run: 'first' })
    await expect(node.create({ PartitionCount: '8' })).rejects.toMatchObject(
      refusal('QueueNameExists', 400, /different attributes/),
    )
  })

  it.each([
    ['3', 'PartitionCount must be a power of two'],
    ['0', /requires an explicit PartitionCount > 1/],
    ['64', 'PartitionCount exceeds the per-queue cap of 32'],
    ['1', /requires an explicit PartitionCount > 1/],
  ])('have no %s partitions', async (count, words) => {
    const cluster = await start()
    await expect(connect(cluster).create({ PartitionCount: count })).rejects.toMatchObject(
      refusal('InvalidAttributeValue', 400, words),
    )
    expect(cluster.queues.size).toBe(0)
  })

  it('are refused while a node does not advertise or is gone', async () => {
    const cluster = await start({}, ['ready', 'ready', 'legacy'])
    const node = connect(cluster)
    const refused = refusal('InvalidAttributeValue', 400, /every cluster peer to advertise/)
    await expect(node.create()).rejects.toMatchObject(refused)
    cluster.nodes[2]?.upgrade('ready')
    await node.create()
    await node.destroy()
    cluster.remove('n3')
    await cluster.nodes[2]?.close()
    await expect(node.create()).rejects.toMatchObject(refused)
  })

  it.each(['other.fifo:4=1,1,1,1', `${NAME}:2=1,1`])('are refused by the map %s', async (map) => {
    const cluster = await start({ partitionMap: map })
    await expect(connect(cluster).create()).rejects.toMatchObject(
      refusal('InvalidAttributeValue', 400, /every requested partition to be covered/),
    )
  })

  it('hash a group as FNV-1a does', () => {
    // The 32-bit hashes of "", "a" and "foobar" are 811c9dc5, e40c292c and bf9cf968.
    expect(['', 'a', 'foobar'].map((text) => partitionOf(text, 32))).toEqual([0x05, 0x0c, 0x08])
    expect(partitionOf('ü', 1)).toBe(0)
  })
})

describe('the messages of a queue', () => {
  it('come in the order of their group, one at a time while it is in flight', async () => {
    const cluster = await start()
    const [one, two] = [connect(cluster, 0), connect(cluster, 1)]
    await one.create()
    for (const body of ['a1', 'a2', 'a3']) await one.send(body, 'a')
    await two.send('b1', 'b')
    const first = await two.receive()
    expect(bodies(first).sort()).toEqual(['a1', 'b1'])
    expect(await one.receive()).toEqual([])
    for (const message of first) await one.delete(message)
    const [second] = await two.receive()
    expect(second).toMatchObject({
      Body: 'a2',
      Attributes: { MessageGroupId: 'a', SequenceNumber: '2', ApproximateReceiveCount: '1' },
    })
  })

  it('come again once their visibility timeout is over, and an old receipt deletes nothing', async () => {
    const cluster = await start()
    const node = connect(cluster)
    await node.create()
    await node.send('a1', 'a')
    const [old] = await node.receive(0)
    const [again] = await node.receive()
    expect(again).toMatchObject({ Body: 'a1', Attributes: { ApproximateReceiveCount: '2' } })
    await node.delete(old ?? {})
    expect(cluster.queues.get(NAME)?.messages).toHaveLength(1)
    await node.delete(again ?? {})
    await node.delete(again ?? {})
    expect(cluster.queues.get(NAME)?.messages).toHaveLength(0)
  })

  it('are taken once for each deduplication id of a group', async () => {
    const cluster = await start()
    const [one, two] = [connect(cluster, 0), connect(cluster, 1)]
    await one.create()
    const { MessageId, SequenceNumber } = await one.send('a1', 'a', 'id')
    expect(await two.send('a1', 'a', 'id')).toMatchObject({ MessageId, SequenceNumber })
    await two.send('b1', 'b', 'id')
    expect(cluster.queues.get(NAME)?.messages).toHaveLength(2)
  })

  it('are at most as many as asked for, and each partition has its turn', async () => {
    const cluster = await start()
    const node = connect(cluster)
    await node.create()
    const groups = Array.from({ length: 8 }, (_, index) => `group-${index}`)
    const partitions = new Set(groups.map((group) => partitionOf(group, 4)))
    expect(partitions.size).toBe(4)
    for (const group of groups) await node.send(group, group)
    const seen = new Set<number>()
    for (let turn = 0; turn < 4; turn++) {
      const messages = await node.receive(30, 1)
      expect(messages).toHaveLength(1)
      seen.add(partitionOf(String(messages[0]?.Body), 4))
    }
    expect(seen.size).toBe(4)
    await expect(node.receive(30, 11)).rejects.toMatchObject({ name: 'InvalidAttributeValue' })
  })
})

describe('a queue over two Raft groups', () => {
  const options = { groups: 2, partitionMap: `${NAME}:4=1,2,1,2` }
  /** A message group for each partition. */
  const groups = [0, 1, 2, 3].map((partition) => {
    const found = Array.from({ length: 99 }, (_, index) => `g${index}`).find(
      (group) => partitionOf(group, 4) === partition,
    )
    return String(found)
  })

  /** Sends so many messages to each partition, and tells what ten receives through all nodes in turn give. */
  async function exchange(cluster: RaftCluster, counts: readonly number[], deletes: boolean) {
    const nodes = [0, 1, 2].map((index) => connect(cluster, index))
    const [first] = nodes
    await first?.create()
    for (const [partition, count] of counts.entries()) {
      for (let at = 0; at < count; at++) {
        await first?.send(`p${partition}k${at}`, String(groups[partition]))
      }
    }
    const got: string[] = []
    for (let turn = 0; turn < 10; turn++) {
      const node = nodes[turn % 3]
      const messages = await node?.receive().catch(({ name }: Error) => name)
      if (typeof messages === 'string') got.push(messages)
      else if (messages?.length) got.push(bodies(messages).join('+'))
      if (!deletes || !Array.isArray(messages)) continue
      for (const message of messages) await node?.delete(message)
    }
    return got
  }

  // What real nodes at d9a031d0 gave, to the letter.
  it('gives all of it, in order, where one node leads both', async () => {
    const cluster = await start(options)
    expect(await exchange(cluster, [2, 2, 2, 2], true)).toEqual([
      'p1k0+p2k0+p3k0+p0k0',
      'p2k1+p3k1+p0k1+p1k1',
    ])
  })

  it('locks no message group between receives outside of the default group', async () => {
    const cluster = await start(options)
    expect(await exchange(cluster, [3, 3, 3, 3], false)).toEqual([
      'p1k0+p2k0+p3k0+p0k0',
      'p3k1+p1k1',
      'p3k2+p1k2',
    ])
  })

  it('gives single messages where two nodes lead, and fails once a message group has several', async () => {
    const single = await start(options)
    single.lead(2, 'n2')
    expect(await exchange(single, [1, 1, 1, 1], true)).toEqual(['p1k0+p2k0+p3k0+p0k0'])
    const several = await start(options)
    several.lead(2, 'n2')
    expect(await exchange(several, [3, 3, 3, 3], false)).toEqual([
      ...Array.from({ length: 4 }, () => 'InternalFailure'),
      'p1k2+p3k2',
    ])
  })

  it('is whole where no partition is in the group that is led elsewhere', async () => {
    const cluster = await start({ groups: 2, partitionMap: `${NAME}:4=1,1,1,1` })
    cluster.lead(2, 'n2')
    expect(await exchange(cluster, [2, 0, 0, 0], true)).toEqual(['p0k0', 'p0k1'])
  })
})

describe('a cluster whose leader is gone', () => {
  it('says so on every node, until there is a new one', async () => {
    const cluster = await start()
    const node = connect(cluster, 1)
    await cluster.nodes[0]?.close()
    await expect(node.find()).rejects.toMatchObject(
      refusal('ServiceUnavailable', 503, /^leader proxy error: dial tcp 127\.0\.0\.1:\d+/),
    )
    cluster.lead(1, null)
    await expect(node.find()).rejects.toMatchObject(
      refusal('ServiceUnavailable', 503, 'no raft leader currently available'),
    )
    cluster.lead(1, 'n3')
    await expect(node.find()).rejects.toMatchObject({ name: 'QueueDoesNotExist' })
  })
})

describe('a cluster with credentials', () => {
  const options = { credentials: { AKID: 'a secret' }, region: 'eu-central-1' }
  const right = { id: 'AKID', secret: 'a secret', region: 'eu-central-1' }

  it('takes what is signed with them, and lets nobody else in', async () => {
    const cluster = await start(options)
    await connect(cluster, 0, right).create()
    for (const [access, name, words] of [
      [{ ...right, id: 'OTHER' }, 'InvalidClientTokenId', 'unknown access key'],
      [{ ...right, secret: 'another' }, 'SignatureDoesNotMatch', /signature does not match/],
      [{ ...right, region: 'us-east-1' }, 'SignatureDoesNotMatch', /region does not match/],
    ] as const) {
      const calls = connect(cluster, 1, access)
      await expect(calls.find()).rejects.toMatchObject(refusal(name, 403, words))
    }
    const client = new SQSClient({
      endpoint: `http://${cluster.nodes[0]?.address}`,
      region: right.region,
      credentials: { accessKeyId: right.id, secretAccessKey: right.secret },
      // An hour behind.
      systemClockOffset: -3_600_000,
      maxAttempts: 1,
    })
    const late = client.send(new GetQueueUrlCommand({ QueueName: NAME }))
    await expect(late).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' })
    client.destroy()
    const unsigned = await fetch(`http://${cluster.nodes[0]?.address}/`, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.GetQueueUrl' },
      body: JSON.stringify({ QueueName: NAME }),
    })
    expect(unsigned.status).toBe(403)
  })
})

describe('a call that is intercepted', () => {
  async function startQueue() {
    const cluster = await start()
    const nodes = [connect(cluster, 0), connect(cluster, 1), connect(cluster, 2)] as const
    await nodes[0].create()
    return { cluster, nodes }
  }

  it('is seen with its node, and goes on as ever', async () => {
    const { cluster, nodes } = await startQueue()
    const calls: string[] = []
    cluster.intercept((call, answer) => {
      calls.push(`${call.node} ${call.action} ${call.input.MessageBody ?? ''}`.trim())
      return answer()
    })
    await nodes[0].send('a1', 'a')
    await nodes[1].receive()
    cluster.intercept(null)
    await nodes[2].receive()
    expect(calls).toEqual(['n1 SendMessage a1', 'n2 ReceiveMessage'])
  })

  it('may hang, on one node only', async () => {
    const { cluster, nodes } = await startQueue()
    cluster.intercept(({ node }, answer) => (node === 'n2' ? new Promise(() => {}) : answer()))
    const impatient = nodes[1].client.send(new GetQueueUrlCommand({ QueueName: NAME }), {
      abortSignal: AbortSignal.timeout(200),
    })
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError' })
    await nodes[0].find()
  })

  it.each([
    null,
    { status: 200, body: '{"QueueUrl":"http://n1/orders.fifo"}', cutAfter: 12 },
    { status: 200, body: '{"QueueUrl":"http://n1/orders.fifo"}', cutAfter: 0 },
  ])('may be cut: %o', async (answer) => {
    const { cluster, nodes } = await startQueue()
    cluster.intercept(() => answer)
    await expect(nodes[0].find()).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('may be refused, on one node or for one action', async () => {
    const { cluster, nodes } = await startQueue()
    cluster.intercept(({ node, action }, answer) => {
      if (node === 'n2') throw makeNoQueue()
      if (action === 'DeleteQueue') throw new Refusal('InternalFailure', '<b>::error::x', 500)
      return answer()
    })
    await expect(nodes[1].describe('All')).rejects.toMatchObject({ name: 'QueueDoesNotExist' })
    await expect(nodes[0].destroy()).rejects.toMatchObject(
      refusal('InternalFailure', 500, '<b>::error::x'),
    )
    expect((await nodes[2].describe('All')).Attributes).toMatchObject({ PartitionCount: '4' })
  })

  it('may be told something else than what happened', async () => {
    const { cluster, nodes } = await startQueue()
    await nodes[0].send('a1', 'a')
    await nodes[0].send('b1', 'b')
    cluster.intercept((_, answer) => {
      const told = answer()
      const { Messages = [] } = told.body as { Messages?: Message[] }
      return { ...told, body: { Messages: [...Messages, ...Messages].reverse() } }
    })
    const [one, two, three, four] = bodies(await nodes[1].receive())
    expect([one, two]).toEqual([three, four])
  })

  it('may take its time, and take effect although it is not answered', async () => {
    const { cluster, nodes } = await startQueue()
    cluster.intercept(async ({ action }, answer) => {
      if (action !== 'SendMessage') return answer()
      answer()
      return null
    })
    await expect(nodes[0].send('a1', 'a')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(bodies(await nodes[1].receive())).toEqual(['a1'])
  })

  it('may be answered with 10 MB, or with what is no JSON', async () => {
    const { cluster, nodes } = await startQueue()
    cluster.intercept(() => ({ status: 200, body: { QueueUrl: 'x'.repeat(10_000_000) } }))
    expect((await nodes[0].find()).QueueUrl).toHaveLength(10_000_000)
    cluster.intercept(() => ({ status: 502, body: '<html>', headers: { server: 'proxy' } }))
    await expect(nodes[0].find()).rejects.toMatchObject({ $metadata: { httpStatusCode: 502 } })
  })

  it('may find messages of somebody else, and an older queue', async () => {
    const { cluster, nodes } = await startQueue()
    const queue = cluster.queues.get(NAME)
    if (queue === undefined) throw new Error('found no queue')
    queue.createdMs -= 3_600_000
    send(queue, 'stranger', 'a', 'id')
    expect(bodies(await nodes[1].receive())).toEqual(['stranger'])
    const told = (await nodes[1].describe('All')).Attributes as Record<string, string>
    expect(Number(told['CreatedTimestamp']) * 1_000).toBeLessThan(Date.now() - 3_500_000)
  })
})

describe('nodes that speak TLS', () => {
  it('take calls over it, and none without the certificate that they ask for', async () => {
    const authority = makeAuthority('sample CA')
    try {
      const { certificate, key } = authority.issue('IP:127.0.0.1')
      const tls = { cert: certificate, key, ca: authority.certificate, requestCert: true }
      const cluster = await start({ tls })
      expect(cluster.peers).toMatch(/^127\.0\.0\.1:\d+=https:\/\/127\.0\.0\.1:\d+,/)
      expect(cluster.nodeMap).toMatch(/^n1=https:\/\/127\.0\.0\.1:\d+,n2=/)
      const agent = new Agent({ ca: authority.certificate, cert: certificate, key })
      const known = connect(cluster, 0, { scheme: 'https', agent })
      await known.create()
      // A node knows nothing of TLS, and tells a plain address.
      expect((await known.find()).QueueUrl).toBe(`http://${cluster.nodes[0]?.address}/${NAME}`)
      const stranger = connect(cluster, 0, {
        scheme: 'https',
        agent: new Agent({ ca: authority.certificate }),
      })
      await expect(stranger.find()).rejects.toThrow(/certificate required/)
    } finally {
      authority.remove()
    }
  })
})
