import { type Answer, failed, ok, type Queue, saysNoQueue } from './queue.ts'
import { checkUrl, readCount, readFailure, readMessage, readTags } from './sqs-answers.ts'
import { makeClient, type SqsOptions } from './sqs-client.ts'

/** The most that one receive may ask for in SQS. */
const MAX_MESSAGES = 10

/** One node's queue service, and what ends its connections. */
export interface SqsQueue extends Queue {
  close(): void
}

/**
 * Opens the queue service of the node at this base URL, whatever host the addresses of its queues name. Takes nothing
 * from the environment, files of a profile or a metadata service; uses no proxy, and a new connection for each call.
 */
export function openSqs(base: string, options: SqsOptions): SqsQueue {
  const client = makeClient(base, options)

  /** Waits for one call, and reads its answer; one that cannot be read is a failure like any other. */
  async function call<Output, T>(
    sent: Promise<Output>,
    read: (output: Output) => Answer<T>,
  ): Promise<Answer<T>> {
    try {
      return read(await sent)
    } catch (error) {
      return failed(readFailure(error))
    }
  }
  const done = () => ok(null)

  return {
    async find(name, abortSignal) {
      const sent = client.getQueueUrl({ QueueName: name }, { abortSignal })
      const answer = await call(sent, ({ QueueUrl }) => checkUrl(QueueUrl, name))
      return answer.kind === 'failed' && saysNoQueue(answer.failure) ? ok(null) : answer
    },
    tags(url, abortSignal) {
      const sent = client.listQueueTags({ QueueUrl: url }, { abortSignal })
      return call(sent, ({ Tags }) => ok(readTags(Tags)))
    },
    create({ name, partitions, tags }, abortSignal) {
      // The library's list of attribute names has none of partitions, and passes on what it does not know.
      const attributes: Record<string, string> = {
        FifoQueue: 'true',
        PartitionCount: String(partitions),
        FifoThroughputLimit: 'perMessageGroupId',
        DeduplicationScope: 'messageGroup',
      }
      const settings = { QueueName: name, Attributes: attributes, tags: { ...tags } }
      const sent = client.createQueue(settings, { abortSignal })
      return call(sent, ({ QueueUrl }) => checkUrl(QueueUrl, name))
    },
    describe(url, abortSignal) {
      const wanted = { QueueUrl: url, AttributeNames: ['All' as const] }
      const sent = client.getQueueAttributes(wanted, { abortSignal })
      return call(sent, ({ Attributes }) => {
        const attributes: Readonly<Record<string, unknown>> = Attributes ?? {}
        const seconds = readCount(attributes['CreatedTimestamp'])
        return ok({
          partitions: readCount(attributes['PartitionCount']),
          createdAt: seconds === null ? null : seconds * 1_000,
        })
      })
    },
    send(url, { group, id, body }, abortSignal) {
      const message = {
        QueueUrl: url,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: id,
      }
      return call(client.sendMessage(message, { abortSignal }), done)
    },
    receive(url, abortSignal) {
      const wanted = {
        QueueUrl: url,
        MaxNumberOfMessages: MAX_MESSAGES,
        MessageSystemAttributeNames: ['MessageGroupId' as const],
      }
      const sent = client.receiveMessage(wanted, { abortSignal })
      return call(sent, ({ Messages }) => ok((Messages ?? []).map(readMessage)))
    },
    remove(url, { receipt: ReceiptHandle }, abortSignal) {
      return call(client.deleteMessage({ QueueUrl: url, ReceiptHandle }, { abortSignal }), done)
    },
    drop(url, abortSignal) {
      return call(client.deleteQueue({ QueueUrl: url }, { abortSignal }), done)
    },
    close: () => client.destroy(),
  }
}
