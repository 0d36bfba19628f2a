import type { Socket } from 'node:net'
import Client from 'undici/lib/dispatcher/client.js'

/** An undici client that speaks HTTP/1.1 over a socket that is already there, and never opens another one. */
export function clientOver(socket: Socket, url: URL): Client {
  let used = false
  return new Client(url.origin, {
    allowH2: false,
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
