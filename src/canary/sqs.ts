import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { type Answer, failed, ok, type Queue, saysNoQueue } from './queue.ts'
import {
  checkUrl,
  readCount,
  readFailure,
  readMessage,
  readTags,
  unreadable,
} from './sqs-answers.ts'
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

  /** Makes one call. What is made of the answer may be a failure as well. */
  async function call<Output, T>(
    sent: Promise<Output>,
    read: (output: Output) => Answer<T>,
  ): Promise<Answer<T>> {
    let output: Output
    try {
      output = await sent
    } catch (error) {
      return failed(readFailure(error, options.explain))
    }
    try {
      return read(output)
    } catch (error) {
      return failed(unreadable(`expected an answer of SQS, found something else (${error})`))
    }
  }
  const done = () => ok(null)

  return {
    async find(name, abortSignal) {
      const command = new GetQueueUrlCommand({ QueueName: name })
      const answer = await call(client.send(command, { abortSignal }), ({ QueueUrl }) =>
        checkUrl(QueueUrl, name),
      )
      return answer.kind === 'failed' && saysNoQueue(answer.failure) ? ok(null) : answer
    },
    tags(url, abortSignal) {
      const command = new ListQueueTagsCommand({ QueueUrl: url })
      return call(client.send(command, { abortSignal }), ({ Tags }) => ok(readTags(Tags)))
    },
    create({ name, partitions, tags }, abortSignal) {
      const command = new CreateQueueCommand({
        QueueName: name,
        // The library's list of attribute names has none of partitions, and passes on what it does not know.
        Attributes: {
          FifoQueue: 'true',
          PartitionCount: String(partitions),
          FifoThroughputLimit: 'perMessageGroupId',
          DeduplicationScope: 'messageGroup',
        } as Record<string, string>,
        tags: { ...tags },
      })
      return call(client.send(command, { abortSignal }), ({ QueueUrl }) => checkUrl(QueueUrl, name))
    },
    describe(url, abortSignal) {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] })
      return call(client.send(command, { abortSignal }), ({ Attributes }) => {
        const attributes: Readonly<Record<string, unknown>> = Attributes ?? {}
        const seconds = readCount(attributes['CreatedTimestamp'])
        return ok({
          partitions: readCount(attributes['PartitionCount']),
          createdAt: seconds === null ? null : seconds * 1_000,
        })
      })
    },
    send(url, { group, id, body }, abortSignal) {
      const command = new SendMessageCommand({
        QueueUrl: url,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: id,
      })
      return call(client.send(command, { abortSignal }), done)
    },
    receive(url, abortSignal) {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: MAX_MESSAGES,
        MessageSystemAttributeNames: ['MessageGroupId'],
      })
      return call(client.send(command, { abortSignal }), ({ Messages }) =>
        ok((Messages ?? []).map(readMessage)),
      )
    },
    remove(url, { receipt }, abortSignal) {
      const command = new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt })
      return call(client.send(command, { abortSignal }), done)
    },
    drop(url, abortSignal) {
      const command = new DeleteQueueCommand({ QueueUrl: url })
      return call(client.send(command, { abortSignal }), done)
    },
    close: () => client.destroy(),
  }
}
