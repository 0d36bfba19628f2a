import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import {
  makeQueue,
  type Placement,
  type Queue,
  type Queues,
  receive,
  remove,
  send,
} from './queues.ts'
import { findSignatureFault } from './signature.ts'

/** What a call of SQS has as its input; each action has some of these. */
export interface CallInput {
  readonly QueueName?: string
  readonly QueueUrl?: string
  readonly Attributes?: Readonly<Record<string, string>>
  readonly AttributeNames?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  readonly MessageBody?: string
  readonly MessageGroupId?: string
  readonly MessageDeduplicationId?: string
  readonly MaxNumberOfMessages?: number
  readonly VisibilityTimeout?: number
  readonly ReceiptHandle?: string
}

/** A call of SQS as it came to a node. */
export interface Call {
  /** `n1`, `n2` and so on. */
  readonly node: string
  /** `CreateQueue`, `SendMessage` and so on. */
  readonly action: string
  readonly input: CallInput
}

/** What a node answers to a call. */
export interface Answer {
  readonly status: number
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Cuts the connection after so many bytes of the body, though its length was told in full. */
  readonly cutAfter?: number
}

/**
 * Stands between a call and its answer, so that a test can make any fault: it takes effect when `answer` is called, and what
 * is returned is sent. A `Refusal` that is thrown becomes an error of SQS, null cuts the connection without an answer, and
 * a promise that never settles hangs.
 */
export type Intercept = (call: Call, answer: () => Answer) => Answer | null | Promise<Answer | null>

/** An error of SQS: its name as it is sent, and its words. */
export class Refusal extends Error {
  readonly status: number

  constructor(name: string, message: string, status = 400) {
    super(message)
    this.name = name
    this.status = status
  }
}

/** What the nodes know of their cluster. */
export interface Topology {
  readonly queues: Queues
  /** The secret of each access key id; without any, signatures are not looked at. */
  readonly credentials: Readonly<Record<string, string>>
  readonly region: string
  /** Why the leader cannot be asked, or null. */
  leaderFault(): string | null
  /** Whether every node that the server knows is up and advertises. */
  allAdvertise(): boolean
  /** How many partitions of the queue the partition map covers. */
  mappedPartitions(queue: string): number
  placementOf(queue: string, partition: number): Placement
}

/** What a node says of a queue that there is not; the SDK calls it `QueueDoesNotExist`. */
export const makeNoQueue = (): Refusal =>
  new Refusal('AWS.SimpleQueueService.NonExistentQueue', 'queue does not exist')

const NAME = /^[A-Za-z0-9_-]{1,75}\.fifo$/
const MAX_PARTITIONS = 32
const MAX_RECEIVE = 10
const DEFAULT_VISIBILITY_SECONDS = 30

/** Answers the calls that come to a node, in the JSON protocol of SQS. */
export function makeSqsListener(
  node: string,
  topology: Topology,
  intercept: () => Intercept | null,
): RequestListener {
  return async (request, response) => {
    const body = await buffer(request).catch(() => null)
    // The caller went away.
    if (body === null) return
    const action = /^AmazonSQS\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1] ?? ''
    const call: Call = { node, action, input: parseInput(body) }
    const answer = () => answerCall(call, request, body, topology)
    const act = intercept()
    try {
      write(response, act === null ? answer() : await act(call, answer))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      write(response, tellRefusal(error))
    }
  }
}

function parseInput(body: Uint8Array): CallInput {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return {}
  }
}

function answerCall(
  call: Call,
  request: IncomingMessage,
  body: Uint8Array,
  topology: Topology,
): Answer {
  const { credentials, region } = topology
  try {
    const unavailable = topology.leaderFault()
    if (unavailable !== null) throw new Refusal('ServiceUnavailable', unavailable, 503)
    if (Object.keys(credentials).length > 0) {
      const [name, message] = findSignatureFault(request, body, credentials, region) ?? []
      if (name !== undefined) throw new Refusal(name, message ?? '', 403)
    }
    const act = ACTIONS[call.action]
    if (act === undefined) {
      const target = request.headers['x-amz-target']
      throw new Refusal('InvalidAction', `unsupported SQS target: ${target ?? ''}`)
    }
    // Nodes speak no TLS, so that this is what they tell behind a proxy that does, too.
    return { status: 200, body: act(call.input, topology, `http://${request.headers.host}/`) }
  } catch (error) {
    if (error instanceof Refusal) return tellRefusal(error)
    throw error
  }
}

const tellRefusal = ({ name, message, status }: Refusal): Answer => ({
  status,
  body: { __type: name, message },
  headers: { 'x-amzn-errortype': encodeURI(name) },
})

function write(response: ServerResponse, answer: Answer | null): void {
  if (answer === null) {
    response.destroy()
    return
  }
  const { status, body, headers, cutAfter } = answer
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const bytes = isRaw ? Buffer.from(body) : Buffer.from(`${JSON.stringify(body)}\n`)
  const type = { 'content-type': 'application/x-amz-json-1.0' }
  response.writeHead(status, { ...type, 'content-length': bytes.length, ...headers })
  if (cutAfter === undefined) {
    response.end(bytes)
  } else {
    response.flushHeaders()
    response.write(bytes.subarray(0, cutAfter), () => response.destroy())
  }
}

type Act = (input: CallInput, topology: Topology, base: string) => object

const ACTIONS: Readonly<Record<string, Act>> = {
  CreateQueue(input, topology, base) {
    const { QueueName: name = '', Attributes: attributes = {}, tags } = input
    checkAttributes(name, attributes)
    const existing = topology.queues.get(name)
    if (existing !== undefined && !isSame(existing.attributes, attributes)) {
      throw new Refusal('QueueNameExists', 'queue already exists with different attributes')
    }
    if (existing === undefined) {
      const queue = makeQueue(name, attributes, tags)
      if (queue.partitions > 1) checkCluster(queue, topology)
      topology.queues.set(name, queue)
    }
    return { QueueUrl: base + name }
  },

  GetQueueUrl: ({ QueueName: name = '' }, { queues }, base) => ({
    QueueUrl: base + find(queues, name).name,
  }),

  ListQueueTags: ({ QueueUrl: url = '' }, { queues }) => ({ Tags: find(queues, url).tags }),

  GetQueueAttributes({ QueueUrl: url = '', AttributeNames: names = [] }, { queues }) {
    const { attributes, createdMs } = find(queues, url)
    const all = { CreatedTimestamp: `${Math.floor(createdMs / 1_000)}`, ...attributes }
    const asked = Object.entries(all).filter(
      ([name]) => names.includes('All') || names.includes(name),
    )
    return { Attributes: Object.fromEntries(asked) }
  },

  SendMessage(input, { queues }) {
    const queue = find(queues, input.QueueUrl)
    if (!input.MessageBody) throw new Refusal('InvalidParameterValue', 'MessageBody is required')
    if (!input.MessageGroupId) {
      throw new Refusal('MissingParameter', 'FIFO queue requires MessageGroupId')
    }
    if (!input.MessageDeduplicationId) {
      throw new Refusal(
        'MissingParameter',
        'FIFO queue without ContentBasedDeduplication requires MessageDeduplicationId',
      )
    }
    const { MessageBody, MessageGroupId, MessageDeduplicationId } = input
    const message = send(queue, MessageBody, MessageGroupId, MessageDeduplicationId)
    return {
      MessageId: message.id,
      MD5OfMessageBody: message.md5,
      SequenceNumber: `${message.sequence}`,
    }
  },

  ReceiveMessage(input, topology) {
    const queue = find(topology.queues, input.QueueUrl)
    const { MaxNumberOfMessages: max = 1, VisibilityTimeout } = input
    if (!(max >= 1 && max <= MAX_RECEIVE)) {
      throw new Refusal(
        'InvalidAttributeValue',
        `MaxNumberOfMessages must be between 1 and ${MAX_RECEIVE}`,
      )
    }
    const seconds = Number(
      VisibilityTimeout ?? queue.attributes['VisibilityTimeout'] ?? DEFAULT_VISIBILITY_SECONDS,
    )
    const messages = receive(queue, max, seconds * 1_000, (partition) =>
      topology.placementOf(queue.name, partition),
    )
    if (messages === null) throw new Refusal('InternalFailure', 'internal error', 500)
    return {
      Messages: messages.map((message) => ({
        MessageId: message.id,
        ReceiptHandle: message.receipt,
        Body: message.body,
        MD5OfBody: message.md5,
        Attributes: {
          ApproximateReceiveCount: `${message.receives}`,
          SentTimestamp: `${message.sentMs}`,
          MessageGroupId: message.groupId,
          MessageDeduplicationId: message.deduplicationId,
          SequenceNumber: `${message.sequence}`,
        },
      })),
    }
  },

  DeleteMessage({ QueueUrl: url, ReceiptHandle: receipt = '' }, { queues }) {
    remove(find(queues, url), receipt)
    return {}
  },

  DeleteQueue({ QueueUrl: url }, { queues }) {
    queues.delete(find(queues, url).name)
    return {}
  },
}

/** The queue of a name, or of an address that ends with one. */
function find(queues: Queues, name = ''): Queue {
  const queue = queues.get(name.slice(name.lastIndexOf('/') + 1))
  if (queue === undefined) throw makeNoQueue()
  return queue
}

function isSame(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => one[name] === other[name])
}

function checkAttributes(name: string, attributes: Readonly<Record<string, string>>): void {
  if (!NAME.test(name) || attributes['FifoQueue'] !== 'true') {
    throw new Refusal(
      'InvalidParameterValue',
      'FIFO queue name requires FifoQueue=true attribute, and .fifo at its end',
    )
  }
  // 0 and 1 are both a queue without partitions.
  const count = Number(attributes['PartitionCount'] ?? 1) || 1
  const isPerGroup = attributes['FifoThroughputLimit'] === 'perMessageGroupId'
  const words = !isPowerOfTwo(count)
    ? 'PartitionCount must be a power of two'
    : count > MAX_PARTITIONS
      ? `PartitionCount exceeds the per-queue cap of ${MAX_PARTITIONS}`
      : isPerGroup && count === 1
        ? 'FifoThroughputLimit=perMessageGroupId requires an explicit PartitionCount > 1'
        : null
  if (words !== null) throw new Refusal('InvalidAttributeValue', words)
}

const isPowerOfTwo = (value: number) =>
  Number.isInteger(value) && value > 0 && (value & (value - 1)) === 0

function checkCluster({ name, partitions }: Queue, topology: Topology): void {
  const what =
    topology.mappedPartitions(name) < partitions
      ? 'every requested partition to be covered by the partition routing map'
      : topology.allAdvertise()
        ? null
        : 'every cluster peer to advertise the htfifo capability'
  if (what === null) return
  throw new Refusal('InvalidAttributeValue', `PartitionCount > 1 requires ${what}`)
}
