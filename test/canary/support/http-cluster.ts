import { createHash } from 'node:crypto'
import type { Answer, Message, Queue } from '../../../src/canary/queue.ts'
import type { Fault } from './fake-cluster.ts'
import { type FakeCluster, makeCluster } from './fake-cluster.ts'
import { json, type Respond, refuse, type SqsServer, serveSqs } from './sqs-server.ts'

export interface HttpCluster extends AsyncDisposable {
  readonly cluster: FakeCluster
  readonly servers: readonly SqsServer[]
}

const NEVER = new AbortController().signal
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** What the node of a queue answers to each operation of the API. */
const operations = (
  queue: Queue,
): Readonly<Record<string, (body: Body) => Promise<Answer<unknown>>>> => ({
  GetQueueUrl: async ({ QueueName }) => {
    const found = await queue.find(QueueName, NEVER)
    const none = {
      code: 'QueueDoesNotExist',
      httpStatus: 400,
      words: 'none',
      fate: 'refused',
    } as const
    if (found.kind === 'ok' && found.value === null) return { kind: 'failed', failure: none }
    return wrap(found, (QueueUrl) => ({ QueueUrl }))
  },
  CreateQueue: async ({ QueueName: name, Attributes, tags }) =>
    wrap(
      await queue.create({ name, partitions: Number(Attributes.PartitionCount), tags }, NEVER),
      (QueueUrl) => ({ QueueUrl }),
    ),
  ListQueueTags: async ({ QueueUrl }) =>
    wrap(await queue.tags(QueueUrl, NEVER), (Tags) => ({ Tags })),
  GetQueueAttributes: async ({ QueueUrl }) =>
    wrap(await queue.describe(QueueUrl, NEVER), ({ partitions, createdAt }) => ({
      Attributes: {
        PartitionCount: String(partitions),
        CreatedTimestamp: String(Math.floor((createdAt ?? 0) / 1_000)),
      },
    })),
  SendMessage: async ({
    QueueUrl,
    MessageBody: body,
    MessageGroupId: group,
    MessageDeduplicationId: id,
  }) =>
    wrap(await queue.send(QueueUrl, { group, id, body }, NEVER), () => ({
      MessageId: id,
      MD5OfMessageBody: md5(body),
    })),
  ReceiveMessage: async ({ QueueUrl }) =>
    wrap(await queue.receive(QueueUrl, NEVER), (messages: readonly Message[]) => ({
      Messages: messages.map(({ body, group, receipt }) => ({
        Body: body,
        MD5OfBody: md5(body),
        ReceiptHandle: receipt,
        Attributes: { MessageGroupId: group },
      })),
    })),
  DeleteMessage: async ({ QueueUrl, ReceiptHandle: receipt }) =>
    wrap(await queue.remove(QueueUrl, { receipt, body: '', group: null }, NEVER), () => ({})),
  DeleteQueue: async ({ QueueUrl }) => wrap(await queue.drop(QueueUrl, NEVER), () => ({})),
})

/** What the library sends; of each operation, its own part of this. */
interface Body {
  readonly QueueName: string
  readonly QueueUrl: string
  readonly Attributes: { readonly PartitionCount: string }
  readonly tags: Readonly<Record<string, string>>
  readonly MessageBody: string
  readonly MessageGroupId: string
  readonly MessageDeduplicationId: string
  readonly ReceiptHandle: string
}

const wrap = <T>(answer: Answer<T>, make: (value: T) => unknown): Answer<unknown> =>
  answer.kind === 'ok' ? { kind: 'ok', value: make(answer.value) } : answer

/** Serves a cluster in memory over HTTP, each node on a port of its own. */
export async function serveCluster(names: readonly string[], fault?: Fault): Promise<HttpCluster> {
  const cluster = makeCluster(fault)
  const servers = await Promise.all(
    names.map((name) => {
      const answers = operations(cluster.nodeQueue(name))
      const respond: Respond = async (response, request) => {
        const answer = await answers[request.operation]?.(request.body as Body)
        if (answer === undefined) response.destroy()
        else if (answer.kind === 'ok') json(answer.value)(response, request)
        else
          refuse(
            answer.failure.httpStatus ?? 500,
            answer.failure.code,
            answer.failure.words,
          )(response, request)
      }
      return serveSqs(respond)
    }),
  )
  return {
    cluster,
    servers,
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]()
    },
  }
}
