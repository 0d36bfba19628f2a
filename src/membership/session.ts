import { createHook } from 'node:async_hooks'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { Socket } from 'node:net'

/** The inner sides of sessions that may not be collected yet, and that of the session that is being made. */
const kept = new Set<object>()
let made: object | null = null
const watch = createHook({
  init(_, type, __, resource) {
    if (type === 'HTTP2SESSION') made = resource
  },
})

/**
 * Starts HTTP/2 over a socket that is connected.
 *
 * Node.js aborts the whole process if garbage is collected between the end of a session and the next turn of the event
 * loop, and the peer had sent half a head (an assertion in ~Http2Session: the stream, which is freed in that turn, still
 * counts its fields to the memory of the session). So what Node.js holds of a session is kept until then.
 */
export function openSession(origin: string, socket: Socket): ClientHttp2Session {
  watch.enable()
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
  })
  watch.disable()
  const inner = made
  made = null
  if (inner === null) return session
  kept.add(inner)
  session.once('close', () => setImmediate(() => setImmediate(() => kept.delete(inner))))
  return session
}

/** Tells of each chunk that is read from a stream: connect gives messages decoded only, and equal ones are decoded once. */
export function keepChunks(stream: ClientHttp2Stream, keep: (chunk: Uint8Array) => void): void {
  const iterate = stream[Symbol.asyncIterator].bind(stream)
  stream[Symbol.asyncIterator] = async function* () {
    for await (const chunk of iterate()) {
      keep(chunk)
      yield chunk
    }
  } as typeof iterate
}
