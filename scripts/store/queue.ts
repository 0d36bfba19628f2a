import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Credentials } from './node.ts'

const CALL_MS = 5_000
const GROUPS = 8
/** With one message in each group, a cluster that does not work can look as if it did. */
const PER_GROUP = 3
/** How long the next message may take to come out. */
const NEXT_MS = 3_000

/** `PartitionCount` is the store's own, so the SDK has no type for it. */
const ATTRIBUTES: Record<string, string> = {
  FifoQueue: 'true',
  PartitionCount: '4',
  FifoThroughputLimit: 'perMessageGroupId',
  DeduplicationScope: 'messageGroup',
}

/** A client of one node that makes each call once. */
export function connect(address: string, pair: Credentials = { id: 'any', secret: 'any' }) {
  return new SQSClient({
    endpoint: `http://${address}`,
    region: 'us-east-1',
    credentials: { accessKeyId: pair.id, secretAccessKey: pair.secret },
    maxAttempts: 1,
  })
}

/** What became of the messages that were sent through a partitioned queue. */
export interface Passage {
  readonly sent: number
  readonly received: number
  /** The refusals, each in the server's words and once. */
  readonly words: readonly string[]
}

/**
 * Sends messages into a queue of four partitions and receives them, all through the nodes in turn, and removes the
 * queue. Knows nothing of the canary: a scene compares both.
 */
export async function tryQueue(addresses: readonly string[], name: string): Promise<Passage> {
  const clients = addresses.map((address) => connect(address))
  const through = (turn: number) => clients[turn % clients.length] as SQSClient
  const words = new Set<string>()
  const limit = () => ({ abortSignal: AbortSignal.timeout(CALL_MS) })
  const { QueueUrl } = await through(0).send(
    new CreateQueueCommand({ QueueName: name, Attributes: ATTRIBUTES }),
    limit(),
  )
  const queue = { QueueUrl: QueueUrl ?? '' }
  const received = new Set<string>()
  let sent = 0
  try {
    for (let turn = 0; turn < GROUPS * PER_GROUP; turn++) {
      const MessageGroupId = `group-${turn % GROUPS}`
      const MessageBody = `${MessageGroupId} ${Math.floor(turn / GROUPS)}`
      const message = { MessageGroupId, MessageBody, MessageDeduplicationId: `${turn}` }
      await through(turn).send(new SendMessageCommand({ ...queue, ...message }), limit())
      sent++
    }
    let deadline = performance.now() + NEXT_MS
    for (let turn = 0; received.size < sent && performance.now() < deadline; turn++) {
      try {
        const { Messages = [] } = await through(turn).send(
          new ReceiveMessageCommand({ ...queue, MaxNumberOfMessages: 10 }),
          limit(),
        )
        for (const { Body = '', ReceiptHandle } of Messages) {
          received.add(Body)
          deadline = performance.now() + NEXT_MS
          await through(turn).send(new DeleteMessageCommand({ ...queue, ReceiptHandle }), limit())
        }
        if (Messages.length === 0) await sleep(100)
      } catch (error) {
        words.add(describe(error))
        await sleep(100)
      }
    }
  } finally {
    await through(0).send(new DeleteQueueCommand(queue), limit())
    for (const client of clients) client.destroy()
  }
  return { sent, received: received.size, words: [...words] }
}

/** An error of the SDK as status, code and words. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { $metadata: { httpStatusCode = 0 } = {} } = error as {
    $metadata?: { httpStatusCode?: number }
  }
  return `${httpStatusCode} ${error.name}: ${error.message}`
}
