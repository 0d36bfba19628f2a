import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import Client from 'undici/lib/dispatcher/client.js'

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

/** An undici client that speaks HTTP/1.1 over a socket that is already there, and never opens another one. */
export function clientOver(socket: Socket, url: URL): Client {
  keepParserLight()
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
