import { connect, constants, type IncomingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'
import { CUT, describeTarget, ExchangeError, type Progress } from '../exchange/exchange.ts'
import { OWN_HEADERS } from '../inputs/inputs.ts'

export { decodeLeader, decodeMembers } from './messages.ts'

/** The most bytes of a message. */
const MAX_MESSAGE_BYTES = 1_048_576
/** The most bytes of all messages that are being read at the same time. */
const MAX_BYTES_AT_ONCE = 134_217_728
/** What gRPC puts in front of a message: a flag for compression, and the length in four bytes. */
const PREFIX_BYTES = 5
/** Small pieces are joined when there are so many. */
const MAX_PIECES = 1_024
/** The longest text of a peer that is kept, in UTF-16 units. */
const MAX_TEXT = 1_000
const IS_THIS_RAFT = 'is this the Raft port?'

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md, by number. */
const GRPC_STATUSES =
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(
    ' ',
  )
/** RFC 9113, 7, by number. */
const H2_CODES =
  'NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED'.split(
    ' ',
  )

/** The bytes of all messages that are being read now. */
let bytesAtOnce = 0

/**
 * Makes a unary gRPC call with an empty request over a socket that is ready, in plaintext HTTP/2, and decodes the message
 * of an answer that is complete and OK. Whoever ends the call destroys the socket.
 *
 * @param path `/Service/Method`
 */
export function callRaft<Answer>(
  socket: Socket,
  path: string,
  decode: (message: Uint8Array) => Answer,
  { phase, answered, failed }: Progress<Answer>,
): void {
  const before = socket.bytesRead
  let head: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  let pieces: Buffer[] = []
  let size = 0
  let complete = false
  let broken: Error | null = null
  let speaksHttp2 = false

  const session = connect('http://raft', {
    createConnection: () => socket,
    settings: { enablePush: false },
  })
  session.once('remoteSettings', () => {
    speaksHttp2 = true
  })
  session.on('error', (error) => {
    broken ??= error
  })
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': OWN_HEADERS['user-agent'],
  })
  stream.on('error', (error) => {
    broken ??= error
  })
  stream.on('response', (fields) => {
    head = fields
    phase('body')
  })
  stream.on('trailers', (fields) => {
    trailers = fields
  })
  stream.on('data', (piece: Buffer) => {
    size += piece.length
    bytesAtOnce += piece.length
    pieces.push(piece)
    if (pieces.length > MAX_PIECES) pieces = [Buffer.concat(pieces)]
    if (size > PREFIX_BYTES + MAX_MESSAGE_BYTES) {
      failed(new ExchangeError('too-large', `its answer has more than ${MAX_MESSAGE_BYTES} bytes`))
    } else if (bytesAtOnce > MAX_BYTES_AT_ONCE) {
      const words = `all answers together have more than ${MAX_BYTES_AT_ONCE} bytes`
      failed(new ExchangeError('too-large', words))
    }
  })
  stream.on('end', () => {
    complete = true
  })
  stream.once('close', () => {
    bytesAtOnce -= size
    try {
      const wrong = explainRefusal(head, trailers)
      if (wrong !== null) throw wrong
      const body = Buffer.concat(pieces)
      const hasStatus = [head, trailers].some((fields) => 'grpc-status' in fields)
      // Node.js takes a call that is reset with NO_ERROR for one that ended.
      const isCut = !complete || (!hasStatus && !isWhole(body))
      if (isCut || broken !== null || stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
        throw explainEnd(broken, stream.rstCode, speaksHttp2, socket.bytesRead > before)
      }
      if (trailers['grpc-status'] !== '0') throw notGrpc('the gRPC status is missing')
      answered(decode(readMessage(body)))
    } catch (error) {
      failed(error)
    }
  })
  stream.end(Buffer.alloc(PREFIX_BYTES))
}

/** Whether a body is at least as long as its first message says. */
const isWhole = (body: Buffer) =>
  body.length >= PREFIX_BYTES && body.length - PREFIX_BYTES >= body.readUInt32BE(1)

function readMessage(body: Buffer): Uint8Array {
  if (body.length < PREFIX_BYTES) throw notGrpc('there is no message')
  if (body[0] !== 0) throw notGrpc(`the message has the flags ${body[0]}, expected none`)
  if (body.readUInt32BE(1) !== body.length - PREFIX_BYTES) {
    throw notGrpc('the message has another length')
  }
  return body.subarray(PREFIX_BYTES)
}

/** How a peer refused a call, or null where it did not. */
function explainRefusal(head: IncomingHttpHeaders, trailers: IncomingHttpHeaders) {
  const http = Number(head[':status'] ?? 200)
  if (http >= 300 && http < 400) {
    const target = describeTarget(head.location?.toString())
    return new ExchangeError(
      'redirect',
      `HTTP ${http} redirects ${target}; redirects are not followed`,
    )
  }
  // An answer without a message has the status in its head.
  const fields = 'grpc-status' in trailers ? trailers : head
  const code = fields['grpc-status']?.toString().slice(0, MAX_TEXT) ?? '0'
  const name = /^(?:0|[1-9]\d?)$/.test(code) ? GRPC_STATUSES[Number(code)] : undefined
  const message = decodeText(fields['grpc-message']?.toString().slice(0, MAX_TEXT) ?? '')
  const said = `gRPC status ${code} ${name}${message && `: ${message}`}`
  const isRefusal = name !== 'OK'
  if (http !== 200) {
    const detail = isRefusal && name !== undefined ? ` (${said})` : ''
    return new ExchangeError('http-error', `HTTP ${http}, expected 200${detail}`)
  }
  if (!isRefusal) {
    const type = head['content-type']?.slice(0, MAX_TEXT) ?? ''
    const isGrpc = type.startsWith('application/grpc') || head[':status'] === undefined
    return isGrpc ? null : notGrpc(`its content type is "${type}"`)
  }
  if (name === undefined) return notGrpc(`the gRPC status is "${code}"`)
  // With UNAVAILABLE a node says that it cannot answer now.
  return new ExchangeError(name === 'UNAVAILABLE' ? 'unhealthy' : 'http-error', said)
}

/** What ended a call before its answer was complete. */
function explainEnd(
  error: (Error & { readonly code?: unknown }) | null,
  rstCode: number | undefined,
  speaksHttp2: boolean,
  heard: boolean,
): Error {
  const code = typeof error?.code === 'string' ? error.code : ''
  if (error !== null && /^E[A-Z]+$/.test(code)) return error
  if (!heard) return new ExchangeError('disconnected', `not a byte came back: ${IS_THIS_RAFT}`)
  if (!speaksHttp2) {
    const words = `what answered does not speak plaintext HTTP/2: ${IS_THIS_RAFT}`
    return new ExchangeError('protocol', words)
  }
  const h2Code = H2_CODES[rstCode ?? 0] ?? `${rstCode}`
  return /PROTOCOL|FLOW|FRAME|COMPRESSION|CALM/.test(h2Code) || code === 'ERR_HTTP2_ERROR'
    ? new ExchangeError('protocol', `what came back breaks HTTP/2 (${error?.message ?? h2Code})`)
    : new ExchangeError('disconnected', `${CUT} (HTTP/2 ${h2Code})`)
}

/** An answer that gRPC does not allow. */
const notGrpc = (detail: string) =>
  new ExchangeError('protocol', `what came back is not an answer of gRPC (${detail})`)

/** Percent-encoded UTF-8; a text that is not is shown as it came (gRPC over HTTP2, Responses). */
function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
