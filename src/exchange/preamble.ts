import type { Socket } from 'node:net'

/**
 * The most that an answer may take on the wire, framing and headers included, in bytes. undici counts header
 * fields only, not reason phrases, chunk extensions, leading zeros or blanks.
 */
const MAX_WIRE_BYTES = 65_536
/** The most that one interim answer may take, in bytes; as much as the headers of the final one. */
const MAX_INTERIM_BYTES = 16_384

/** What an answer must start with; undici also takes `RTSP/1.0`, `HTTP/0.9`, `HTTP/2.0` and blank lines before it. */
const START = 'HTTP/1.'
const STATUS_AT = 'HTTP/1.1 '.length

/**
 * Watches what a peer sends, in front of the parser: drops interim answers, which undici takes for an error although a
 * client must expect them (RFC 9110, 15.2), and calls `broken`, with the reason in words, where an answer does not start
 * like HTTP/1.x or is not complete after {@link MAX_WIRE_BYTES}. To be called before the parser listens.
 */
export function watchAnswer(socket: Socket, broken: (reason: string) => void): void {
  const bytesBefore = socket.bytesRead
  let counted = 0
  let head: Buffer | null = Buffer.alloc(0)

  socket.on('readable', () => {
    // What the parser has not seen yet may complete the answer, or make it one that is too large.
    if (counted > MAX_WIRE_BYTES)
      broken(`after ${MAX_WIRE_BYTES} bytes the answer was not complete`)
    counted = socket.bytesRead - bytesBefore
    if (head === null) return
    const piece: Buffer | null = socket.read()
    if (piece === null) return
    const left = skipInterim(Buffer.concat([head, piece]))
    if (typeof left === 'string') broken(left)
    else if (left.final) {
      head = null
      socket.unshift(left.rest)
    } else if (left.rest.length > MAX_INTERIM_BYTES) broken('the response headers are too large')
    else head = left.rest
  })
}

/** What is left behind the interim answers, and whether the final answer has begun in it; or what is wrong, in words. */
function skipInterim(bytes: Buffer): { final: boolean; rest: Buffer } | string {
  let rest = bytes
  for (;;) {
    const start = rest.toString('latin1', 0, START.length)
    if (!START.startsWith(start))
      return `what came back is not HTTP/1.1 (it starts with "${start}")`
    const status = rest.toString('latin1', STATUS_AT, STATUS_AT + 3)
    if (status.length < 3) return { final: false, rest }
    if (!/^1\d\d$/.test(status) || status === '101') return { final: true, rest }
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return { final: false, rest }
    rest = rest.subarray(end + 4)
  }
}
