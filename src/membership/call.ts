import type { Socket } from 'node:net'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { AnswerError } from '../exchange/exchange.ts'
import { OWN_HEADERS } from '../shared/own-headers.ts'
import { explainCall, explainReply, type Seen } from './call-failure.ts'
import { ConfigurationRequestSchema, RaftAdmin } from './raft-admin_pb.ts'
import { keepChunks, openSession } from './session.ts'

/** The most that an answer may hold, in bytes. */
const MAX_MESSAGE_BYTES = 1_048_576
/**
 * The most that HTTP/2 may take on the wire besides the message, in bytes; flow control lets 64 KiB of the message wait
 * in it. Frames of one byte, or of kinds that nobody knows, would keep the gate busy until the deadline.
 */
const MAX_FRAMING_BYTES = 262_144
/** The most pieces of a message; connect counts all that it has with each one that comes. */
const MAX_PIECES = 4_096
const WATCH_EVERY_MS = 50
/** What gRPC puts before a message: a flag for compression, and the length. */
const PREFIX_BYTES = 5
/** The call, its answer walked through but not decoded: a message without fields takes any. */
const METHOD = { ...RaftAdmin.method.configuration, output: ConfigurationRequestSchema }

/** What is told of a call; of `answered` and `failed` the first counts. */
export interface CallListener {
  /** The head of the answer is there. */
  reading(): void
  /** The message of an answer that is complete and OK, not decoded. */
  answered(message: Uint8Array): void
  failed(error: unknown): void
}

/**
 * Calls `/RaftAdmin/Configuration` over a socket that is ready, in plaintext HTTP/2. Whoever ends the call destroys the
 * socket, and with it all that the call holds. Returns what makes an error of the socket an error in the words of the call.
 */
export function callConfiguration(
  socket: Socket,
  { origin }: URL,
  listener: CallListener,
): (error: unknown) => unknown {
  const bytesBefore = socket.bytesRead
  const chunks: Uint8Array[] = []
  let size = 0
  const seen: Seen = { socket, answered: () => socket.bytesRead > bytesBefore }
  const explain = (error: unknown) => explainCall(error, seen)
  const failed = (error: unknown) => listener.failed(explain(error))
  // After what connect has to say, which may be more than that it is over.
  const over = () => setImmediate(failed, null)

  const session = openSession(origin, socket)
  session.on('remoteSettings', () => {
    seen.settings = true
  })
  session.on('goaway', (code, _, data) => {
    seen.goaway = { code, data: data?.toString('latin1') ?? '' }
  })
  session.on('error', failed)
  // A connection that ends before the answer, and a reset with NO_ERROR, are nothing to connect.
  session.on('close', over)

  const limit = () => {
    const framing = socket.bytesRead - bytesBefore - size
    if (framing <= MAX_FRAMING_BYTES && chunks.length <= MAX_PIECES) return
    const most = chunks.length > MAX_PIECES ? `${MAX_PIECES} pieces` : `${MAX_FRAMING_BYTES} bytes`
    failed(new AnswerError('protocol', `after ${most} the answer was not complete`))
  }
  // Frames that node:http2 tells nobody of are cheap. The others are counted as they come: megabytes of them in one turn
  // of the event loop would take seconds.
  session.on('origin', limit).on('altsvc', limit)
  const watch = setInterval(limit, WATCH_EVERY_MS)
  socket.once('close', () => clearInterval(watch))

  const request = async (method: string, path: string, headers: object) => {
    const stream = session.request({ ...headers, ':method': method, ':path': path })
    seen.stream = stream
    stream.once('close', over)
    stream.on('headers', limit)
    stream.on('response', (head) => {
      seen.head = head
      listener.reading()
    })
    stream.on('trailers', (trailers) => {
      seen.trailers = trailers
    })
    keepChunks(stream, (chunk) => {
      chunks.push(chunk)
      size += chunk.length
      limit()
    })
    return stream
  }
  const transport = createGrpcTransport({
    baseUrl: origin,
    sessionManager: { authority: origin, request, notifyResponseByteRead: () => undefined },
    readMaxBytes: MAX_MESSAGE_BYTES,
    acceptCompression: [],
    binaryOptions: { readUnknownFields: false },
  })
  const headers = { 'user-agent': OWN_HEADERS['user-agent'] ?? '' }
  transport.unary(METHOD, undefined, undefined, headers, {}).then(() => {
    const wrong = explainReply(seen, chunks[0]?.[0] ?? 0)
    if (wrong === null) listener.answered(Buffer.concat(chunks).subarray(PREFIX_BYTES))
    else listener.failed(wrong)
  }, failed)
  return explain
}
