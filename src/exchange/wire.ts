import type { Socket } from 'node:net'

/**
 * The most that an answer may take on the wire, framing and headers included, in bytes. undici counts header
 * fields only, not reason phrases, chunk extensions, leading zeros or blanks, nor interim responses.
 */
const MAX_WIRE_BYTES = 65_536

/** What an answer must start with; undici also takes `RTSP/1.0`, `HTTP/0.9`, `HTTP/2.0` and blank lines before it. */
const START = 'HTTP/1.'

/**
 * Looks at what a peer sends as undici reads it, and calls `broken`, with the reason in words, when it does not start
 * like HTTP/1.x or goes on past {@link MAX_WIRE_BYTES}.
 */
export function watchWire(socket: Socket, broken: (reason: string) => void): void {
  let start = ''
  let before = 0
  const read = socket.read.bind(socket)
  socket.read = (size) => {
    const piece: Buffer | null = read(size)
    if (piece === null) return piece
    if (start.length < START.length) {
      start += piece.toString('latin1', 0, START.length - start.length)
      if (!START.startsWith(start)) {
        broken(`what came back is not HTTP/1.1 (it starts with "${start}")`)
      }
    }
    // Of the last piece undici may make a complete answer, or one that is too large; so it does not count yet.
    if (before >= MAX_WIRE_BYTES)
      broken(`after ${MAX_WIRE_BYTES} bytes the answer was not complete`)
    before += piece.length
    return piece
  }
}

/** What is wrong with the head of an answer that undici lets pass, in words, or null. */
export function checkHead(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | null {
  if (status < 100) return `the status ${status} is none of HTTP`
  if (status === 101) return 'an answer that nobody asked for (HTTP 101)'
  const coding = headers['transfer-encoding']
  if (coding !== undefined && !/^chunked$/i.test(coding.toString())) {
    return `the transfer coding "${coding}" is not known`
  }
  return null
}
