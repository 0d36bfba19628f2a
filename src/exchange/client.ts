import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import Client from 'undici/lib/dispatcher/client.js'

/** The most that an answer may take on the wire, in bytes; undici limits header fields only, not chunk extensions or reason phrases. */
const MAX_WIRE_BYTES = 65_536
/** What an answer must start with; undici's parser also takes `RTSP/1.0`, `HTTP/0.9` and `HTTP/2.0`. */
const START = 'HTTP/1.'

let tuned = false

/**
 * Keeps V8 from optimising undici's parser, which is WebAssembly: it would begin with the first few answers, in the
 * background, and the exit would wait 40 ms for it, while no number of peers pays it back. Once, with the first client:
 * a flag that is set earlier makes Node.js compile its own modules anew.
 */
function keepParserLight(): void {
  if (!tuned) setFlagsFromString('--wasm-tiering-budget=1000000000')
  tuned = true
}

/**
 * An undici client that speaks HTTP/1.1 over a socket that is already there, and never opens another one.
 *
 * @param breach called, with words, where an answer does not start like HTTP/1.x or is too large
 */
export function clientOver(socket: Socket, url: URL, breach: (words: string) => void): Client {
  keepParserLight()
  watchBytes(socket, breach)
  let used = false
  return new Client(url.origin, {
    allowH2: false,
    // The experimental parser, which a variable of the environment would choose otherwise; the bundle is without it.
    useMilo: false,
    maxHeaderSize: 16_384,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(_, callback) {
      if (used) callback(new Error('the connection is gone'), null)
      // In a turn of its own: undici does not see an answer that comes before its call has returned.
      else queueMicrotask(() => callback(null, socket))
      used = true
    },
  })
}

/** Must listen before the parser does. */
function watchBytes(socket: Socket, breach: (words: string) => void): void {
  const before = socket.bytesRead
  let start: Buffer | null = Buffer.alloc(0)
  let parsed = 0
  socket.on('readable', () => {
    // What the parser has not seen yet may complete the answer.
    if (parsed > MAX_WIRE_BYTES) breach(`after ${MAX_WIRE_BYTES} bytes the answer was not complete`)
    parsed = socket.bytesRead - before
    const piece: Buffer | null = start === null ? null : socket.read()
    if (start === null || piece === null) return
    start = Buffer.concat([start, piece])
    const found = start.toString('latin1', 0, START.length)
    if (!START.startsWith(found)) {
      breach(`what came back is not HTTP/1.1 (it starts with "${found}")`)
    } else if (found.length === START.length) {
      const all = start
      start = null
      socket.unshift(all)
    }
  })
}
