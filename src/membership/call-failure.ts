import type { ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Code, ConnectError } from '@connectrpc/connect'
import { AnswerError, CUT } from '../exchange/exchange.ts'
import { explainRefusal, MAX_TEXT, notGrpc, type Reply } from './refusal.ts'

/** What was seen of a call so far. */
export interface Seen extends Reply {
  readonly socket: Socket
  /** Whether as much as a byte came back. */
  readonly answered: () => boolean
  /** Whether the peer proved to speak HTTP/2. */
  settings?: boolean
  goaway?: { readonly code: number; readonly data: string }
  stream?: ClientHttp2Stream
}

const NOT_HTTP2 = 'what answered does not speak plaintext HTTP/2: is this the Raft port?'
/** What a server of TLS, and many another, does with a call. */
const SILENT = 'not a byte came back: is this the Raft port?'

/** RFC 9113, 7, by number. */
const H2_CODES =
  'NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED'.split(
    ' ',
  )
/** What a stream is reset with where this side found the fault, or the peer says that this side made one. */
const VIOLATIONS = new Set([
  'PROTOCOL_ERROR',
  'FLOW_CONTROL_ERROR',
  'FRAME_SIZE_ERROR',
  'COMPRESSION_ERROR',
  'ENHANCE_YOUR_CALM',
])

/**
 * Says what ended a call: an {@link AnswerError}, or the error itself where it is one of the system. What the peer said
 * comes first (`explainRefusal`), then how the connection ended (`disconnected`), and last what is wrong with HTTP/2 or
 * gRPC (`protocol`), with the message (`malformed`), or with its size (`too-large`).
 *
 * @param error null where the connection or the stream just ended
 */
export function explainCall(error: unknown, seen: Seen): unknown {
  return explainRefusal(seen) ?? explainEnd(error, seen)
}

/** What is wrong with a reply that the library takes for good, or null. */
export function explainReply(seen: Seen, flags: number): AnswerError | null {
  const refusal = explainRefusal(seen)
  if (refusal !== null) return refusal
  // An empty `grpc-status-details-bin` hides a bad status from the library, and it minds no flag but the first.
  if (seen.trailers?.['grpc-status'] !== '0') return notGrpc('the gRPC status is missing')
  return flags === 0 ? null : notGrpc(`the message has the flags ${flags}, expected none`)
}

function explainEnd(error: unknown, seen: Seen): unknown {
  if (error instanceof AnswerError) return error
  const codes = chain(error).flatMap(({ code }) => (typeof code === 'string' ? [code] : []))
  const ofHttp2 = codes.find((code) => code.startsWith('ERR_HTTP2_'))
  if (ofHttp2 === undefined && codes.some((code) => /^E[A-Z]+$/.test(code))) return error
  if (seen.goaway !== undefined) {
    const { code, data } = seen.goaway
    return lost(`GOAWAY ${H2_CODES[code] ?? code}${data && `: ${data.slice(0, MAX_TEXT)}`}`)
  }
  if (ofHttp2 !== undefined && ofHttp2 !== 'ERR_HTTP2_STREAM_ERROR') {
    if (!seen.settings) return new AnswerError('protocol', NOT_HTTP2)
    return new AnswerError('protocol', `what came back breaks HTTP/2 (${innermost(error)})`)
  }
  if (error === null || ofHttp2 !== undefined || codeOf(error) === Code.Canceled) {
    return explainReset(seen)
  }
  const words = error instanceof ConnectError ? error.rawMessage : String(error)
  if (words.startsWith('parse binary')) return undecodable(words)
  if (codeOf(error) === Code.ResourceExhausted) return new AnswerError('too-large', words)
  return notGrpc(words)
}

function explainReset({ socket, settings, head, answered, stream }: Seen): AnswerError {
  if (socket.destroyed) {
    if (settings || head !== undefined) return lost('')
    return answered() ? new AnswerError('protocol', NOT_HTTP2) : lost(SILENT)
  }
  const code = H2_CODES[stream?.rstCode ?? 0] ?? `${stream?.rstCode}`
  if (!VIOLATIONS.has(code)) return lost(`RST_STREAM ${code}`)
  return new AnswerError('protocol', `what came back breaks HTTP/2 (${code})`)
}

/** An answer that is not the message that was asked for. */
export const undecodable = (detail: unknown): AnswerError =>
  new AnswerError('malformed', `the answer cannot be decoded (${detail})`)
const lost = (detail: string) =>
  new AnswerError('disconnected', detail === '' ? CUT : `${CUT} (${detail})`)
const codeOf = (error: unknown) => (error instanceof ConnectError ? error.code : undefined)

/** An error and its causes. */
function chain(error: unknown): (Error & { readonly code?: unknown })[] {
  return error instanceof Error ? [error, ...chain(error.cause)] : []
}
const innermost = (error: unknown) => chain(error).at(-1)?.message ?? String(error)
