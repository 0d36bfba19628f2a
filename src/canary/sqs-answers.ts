import type { Readable } from 'node:stream'
import type { Message as Received } from '@aws-sdk/client-sqs'
import { explainFailure } from '../exchange/exchange.ts'
import { type Answer, type Failure, failed, type Message, ok } from './queue.ts'

/** The largest answer that is read, in bytes; ten messages of the canary take about 8 KiB. */
export const MAX_ANSWER_BYTES = 1_048_576

/** Reads an answer whole. Throws, and closes the connection, where it is larger than {@link MAX_ANSWER_BYTES}. */
export async function collectBody(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    // Leaving the loop destroys the stream, and with it the connection.
    if (size > MAX_ANSWER_BYTES)
      throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What is kept of the server's words, in characters. */
const MAX_WORDS = 1_000
const MAX_CODE = 100

/** What an error of the library may have. All of it is foreign. */
interface LibraryError {
  readonly name?: unknown
  readonly message?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown } | undefined
  readonly $response?: { readonly statusCode?: unknown } | undefined
  readonly $fault?: unknown
}

/** The statuses of errors before anything was sent. */
const UNSENT: ReadonlySet<string> = new Set(['dns', 'refused', 'unreachable', 'tls'])

/** Reads an error of the library: a refusal of the server, an answer that cannot be read, or a broken connection. */
export function readFailure(error: unknown): Failure {
  const { name, message, $metadata, $response, $fault } = (error ?? {}) as LibraryError
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  const httpStatus = typeof status === 'number' ? status : null
  const text = cut(message, MAX_WORDS)
  if (httpStatus !== null && $fault !== undefined) {
    return { code: cut(name, MAX_CODE), httpStatus, words: text, fate: 'refused' }
  }
  if (httpStatus !== null && !isConnection(error)) {
    return { ...unreadable(`HTTP ${httpStatus}, and ${firstLine(text)}`), httpStatus }
  }
  if (!isConnection(error) && !isConnection(error instanceof Error && error.cause)) {
    return unreadable(`expected an answer of SQS, found something else (${firstLine(text)})`)
  }
  if (error instanceof Error) error.message = firstLine(error.message)
  const { status: code, error: words } = explainFailure(error, 'response headers', false)
  return { code, httpStatus, words, fate: UNSENT.has(code) ? 'unsent' : 'unknown' }
}

/** What the library adds below is a hint for whoever writes programs. */
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

/** Whether an error has a code of the system or of Node.js. */
const isConnection = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** An answer that can be read, but lacks what the call is for. */
const unreadable = (words: string): Failure => ({
  code: 'malformed',
  httpStatus: 200,
  words: cut(words, MAX_WORDS),
  fate: 'unknown',
})

/** What a server sends as a text may be anything. */
const cut = (text: unknown, max: number): string =>
  typeof text === 'string' ? text.slice(0, max).toWellFormed() : 'unknown'

/**
 * The address of a queue as a server gave it. It has to name the queue that was asked for: what is deleted in the end
 * is what this address names.
 */
export function checkUrl(url: string | undefined, name: string): Answer<string> {
  // What a server sends as an address may be anything.
  const path = typeof url === 'string' ? URL.parse(url)?.pathname : undefined
  if (url !== undefined && path?.split('/').at(-1) === name) return ok(url)
  const found = url === undefined ? 'none' : `"${url}"`
  return failed(unreadable(`found ${found}, expected the address of the queue ${name}`))
}

/** A whole number as the server writes it, as text; null where it is none. */
export const readCount = (value: unknown): number | null =>
  typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null

/** A message as the library gives it, which is as the server sent it. */
export function readMessage({ Body, Attributes, ReceiptHandle }: Received): Message {
  const group = readText(Attributes?.MessageGroupId)
  return { body: readText(Body) ?? '', group, receipt: readText(ReceiptHandle) ?? '' }
}

const readText = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The tags of a queue; one that is no text counts as empty. */
export const readTags = (
  tags: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(tags ?? {}).map(([key, tag]) => [key, readText(tag) ?? '']))
