import { type Behaviour, drip, flood } from './servers.ts'

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** A frame of HTTP/2; `length` may be another than that of the payload. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** An integer of HPACK with a prefix of 7 bits. */
const integer = (value: number): number[] => {
  if (value < 127) return [value]
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128)
  return [...bytes, rest]
}
const literal = (text: string) =>
  Buffer.concat([Buffer.from(integer(text.length)), Buffer.from(text, 'latin1')])

/** A block of header fields, neither packed nor indexed. */
export const fields = (list: Readonly<Record<string, string | number>>): Buffer =>
  Buffer.concat(
    Object.entries(list).map(([name, value]) =>
      Buffer.concat([Buffer.from([0]), literal(name), literal(`${value}`)]),
    ),
  )

export const END_STREAM = 1
export const END_HEADERS = 4
export const SETTINGS = frame(4, 0, 0)
export const PING = frame(6, 0, 0, Buffer.alloc(8))
/** A head with these fields and no others, on the stream of the call. */
export const bareHead = (list: Readonly<Record<string, string | number>>, flags = END_HEADERS) =>
  frame(1, flags, 1, fields(list))
/** The interim answer 103. */
export const EARLY_HINTS = bareHead({ ':status': 103 })
export const setting = (id: number, value: number): Buffer =>
  frame(4, 0, 0, Buffer.concat([Buffer.from([0, id]), u32(value)]))
/** The head of an answer, on the stream of the call. */
export const head = (
  more: Readonly<Record<string, string | number>> = {},
  flags = END_HEADERS,
): Buffer => bareHead({ ':status': 200, 'content-type': 'application/grpc', ...more }, flags)
/** An answer that is nothing but a head. */
export const headOnly = (more: Readonly<Record<string, string | number>>): Buffer =>
  head(more, END_HEADERS | END_STREAM)
export const trailers = (list: Readonly<Record<string, string | number>> = { 'grpc-status': 0 }) =>
  bareHead(list, END_HEADERS | END_STREAM)
/** Resets the call. */
export const resetCall = (code: number): Buffer => frame(3, 0, 1, u32(code))
export const goaway = (last: number, code: number, data = ''): Buffer =>
  frame(7, 0, 0, Buffer.concat([u32(last), u32(code), Buffer.from(data)]))

/** DATA frames of up to `size` bytes, the last one with these flags. */
export const data = (bytes: Uint8Array, flags = 0, size = 16_384): Buffer => {
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const last = at + size >= bytes.length
    frames.push(frame(0, last ? flags : 0, 1, bytes.subarray(at, at + size)))
  }
  return Buffer.concat(frames)
}

/** A message as gRPC sends it, behind its flags and its length. */
export const envelope = (message: Uint8Array, flags = 0, length = message.length): Buffer =>
  Buffer.concat([Buffer.from([flags]), u32(length), message])

export { encodeMembers, field } from '../../sample/raft.ts'

/** A whole answer: settings, head, message, trailers. */
export const answer = (message: Uint8Array): Buffer =>
  Buffer.concat([SETTINGS, head(), data(envelope(message)), trailers()])

const PREFACE_BYTES = 24

/** Waits until the head of the call has come. */
export const onCall =
  (act: Behaviour): Behaviour =>
  (socket) => {
    let seen = Buffer.alloc(0)
    const read = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      for (let at = PREFACE_BYTES; at + 9 <= seen.length; at += 9 + seen.readUIntBE(at, 3)) {
        if (seen[at + 3] !== 1) continue
        socket.off('data', read)
        socket.resume()
        act(socket)
        return
      }
    }
    socket.on('data', read)
  }

/** Answers each call with these bytes, in one write, and leaves the connection open. */
export const sending = (...parts: readonly Uint8Array[]): Behaviour =>
  onCall((socket) => socket.write(Buffer.concat(parts)))

/** The same, and closes. */
export const closing = (...parts: readonly Uint8Array[]): Behaviour =>
  onCall((socket) => socket.end(Buffer.concat(parts)))

/** Answers each call slowly, without end. */
export const dripping = (first: Uint8Array, piece: Uint8Array): Behaviour =>
  onCall((socket) => drip(socket, first, piece))

/** Answers each call as fast as the gate reads, without end. */
export const flooding = (first: Uint8Array, piece: Uint8Array): Behaviour =>
  onCall((socket) => flood(socket, first, piece))
