/** Why a call did not do what was asked. */
export interface Failure {
  /** The server's error code; where the server gave no readable answer, a word of the canary's own, such as `timeout`. */
  readonly code: string
  /** The HTTP status of the answer, if there was one. */
  readonly httpStatus: number | null
  /** The server's words, or what happened instead of an answer. Foreign text. */
  readonly words: string
  /**
   * What became of the request: the server refused it; no readable answer came, so it may have been carried out; or it
   * was never sent.
   */
  readonly fate: 'refused' | 'unknown' | 'unsent'
}

/** How a call ended. Errors are data: no call rejects for what a server or the network does. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** A message as it came out of the queue. */
export interface Message {
  readonly body: string
  /** The message group that the server names; null if it names none. */
  readonly group: string | null
  /** What deletes the message. */
  readonly receipt: string
}

/** What the canary asks of a new queue. */
export interface QueueSettings {
  readonly name: string
  readonly partitions: number
  readonly tags: Readonly<Record<string, string>>
}

interface QueueDescription {
  /** Null if the server reports none, as for a queue with one partition. */
  readonly partitions: number | null
  /** When the queue was created, by the server's clock, in milliseconds since 1970; null if it is not reported. */
  readonly createdAt: number | null
}

/** A message to send; `id` makes it unique for deduplication. */
export interface Outgoing {
  readonly group: string
  readonly id: string
  readonly body: string
}

/**
 * The queue service as one node offers it. Each call is made once; an aborted signal ends it at once, and whatever
 * becomes of it afterwards is ignored. `url` is the address of the queue as the same node gave it.
 */
export interface Queue {
  /** The address of the queue of this name; null if there is none. */
  find(name: string, signal: AbortSignal): Promise<Answer<string | null>>
  tags(url: string, signal: AbortSignal): Promise<Answer<Readonly<Record<string, string>>>>
  /** Creates a partitioned FIFO queue; the value is its address. */
  create(settings: QueueSettings, signal: AbortSignal): Promise<Answer<string>>
  describe(url: string, signal: AbortSignal): Promise<Answer<QueueDescription>>
  send(url: string, message: Outgoing, signal: AbortSignal): Promise<Answer<null>>
  /** Up to ten messages that are there now; waits for none. */
  receive(url: string, signal: AbortSignal): Promise<Answer<readonly Message[]>>
  remove(url: string, message: Message, signal: AbortSignal): Promise<Answer<null>>
  /** Deletes the queue with all that is in it. */
  drop(url: string, signal: AbortSignal): Promise<Answer<null>>
}

export const ok = <T>(value: T): Answer<T> => ({ kind: 'ok', value })

export const failed = (failure: Failure): Answer<never> => ({ kind: 'failed', failure })

/** The server's codes for a queue that does not exist, in both spellings of the API. */
const NO_QUEUE: ReadonlySet<string> = new Set([
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
])

/** Whether the server says that there is no such queue. */
export const saysNoQueue = ({ fate, code }: Failure): boolean =>
  fate === 'refused' && NO_QUEUE.has(code)
