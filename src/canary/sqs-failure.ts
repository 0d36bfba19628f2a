import { MAX_ANSWER_BYTES, TooLargeError } from './answer-body.ts'
import type { Failure } from './queue.ts'

/** What is kept of the server's words, in characters. */
const MAX_WORDS = 1_000
const MAX_CODE = 100

/** Puts an error of a connection into a status of the gate and words, as the gate does for its own exchanges. */
export type Explain = (error: unknown) => { readonly status: string; readonly error: string }

/** What the library adds to the errors that it makes of answers. All of it is foreign. */
interface LibraryError {
  readonly $metadata?: { readonly httpStatusCode?: unknown } | undefined
  readonly $response?: { readonly statusCode?: unknown } | undefined
  readonly $fault?: unknown
}

/** The statuses of errors before anything was sent. */
const UNSENT: ReadonlySet<string> = new Set(['dns', 'refused', 'unreachable', 'tls'])

/** Reads an error of the library: a refusal of the server, an answer that cannot be read, or a broken connection. */
export function readFailure(error: unknown, explain: Explain): Failure {
  const { $metadata, $response, $fault } = (error ?? {}) as LibraryError
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  const httpStatus = typeof status === 'number' ? status : null
  const { name, message } = (error ?? {}) as { readonly name?: unknown; readonly message?: unknown }
  if (error instanceof TooLargeError) {
    const words = `the answer is larger than ${MAX_ANSWER_BYTES} bytes`
    return { code: 'too-large', httpStatus, words, fate: 'unknown' }
  }
  if (httpStatus !== null && $fault !== undefined) {
    return {
      code: cut(name, MAX_CODE),
      httpStatus,
      words: cut(message, MAX_WORDS),
      fate: 'refused',
    }
  }
  if (httpStatus !== null && !isConnection(error)) {
    const code = httpStatus >= 300 ? 'http-error' : 'malformed'
    const words = `HTTP ${httpStatus}, and ${firstLine(cut(message, MAX_WORDS))}`
    return { code, httpStatus, words: cut(words, MAX_WORDS), fate: 'unknown' }
  }
  if (typeof message === 'string' && /checksum/i.test(message)) {
    const words = 'the answer has the checksum of another message than it should'
    return { code: 'malformed', httpStatus: 200, words, fate: 'unknown' }
  }
  if (error instanceof Error) error.message = firstLine(error.message)
  const { status: code, error: words } = explain(error)
  return { code, httpStatus, words, fate: UNSENT.has(code) ? 'unsent' : 'unknown' }
}

/** What the library adds below is a hint for whoever writes programs. */
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

/** Whether an error has a code of the system or of Node.js. */
const isConnection = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** An answer that can be read, but lacks what the call is for. */
export const unreadable = (words: string): Failure => ({
  code: 'malformed',
  httpStatus: 200,
  words: cut(words, MAX_WORDS),
  fate: 'unknown',
})

/** What a server sends as a text may be anything. */
const cut = (text: unknown, max: number): string =>
  typeof text === 'string' ? text.slice(0, max).toWellFormed() : 'unknown'
