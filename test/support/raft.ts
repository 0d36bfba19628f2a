import { createServer, type Http2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Member } from '../../src/membership/membership.ts'
import { makeDecoder, type QuestionOptions } from '../../src/membership/question.ts'
import { encodeMembers, envelope } from './raft-wire.ts'

/** A Raft listener that answers as a node does. */
export interface RaftNode extends AsyncDisposable {
  /** `127.0.0.1:port` or `[::1]:port` */
  readonly address: string
  readonly port: number
  /** How many calls were answered. */
  readonly calls: () => number
  /** The header fields of the last call. */
  readonly lastHead: () => Readonly<Record<string, unknown>>
}

/**
 * Starts a listener of RaftAdmin on a free port: plaintext HTTP/2, one method, any other is UNIMPLEMENTED.
 *
 * @param members what it knows; a function is asked anew with each call
 */
export async function startRaftNode(
  members: readonly Member[] | (() => readonly Member[]),
  host = '127.0.0.1',
): Promise<RaftNode> {
  const known = typeof members === 'function' ? members : () => members
  const sessions = new Set<Http2Session>()
  let calls = 0
  let lastHead = {}
  const server = createServer()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    // The gate cuts its connections.
    session.on('error', () => undefined)
  })
  server.on('stream', (stream, head) => {
    stream.on('error', () => undefined)
    stream.resume()
    lastHead = head
    const grpc = { ':status': 200, 'content-type': 'application/grpc' }
    if (head[':path'] !== '/RaftAdmin/Configuration') {
      const status = { 'grpc-status': '12', 'grpc-message': `unknown method ${head[':path']}` }
      stream.respond({ ...grpc, ...status }, { endStream: true })
      return
    }
    calls++
    stream.respond(grpc, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': '' }))
    stream.end(envelope(encodeMembers(known())))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    port,
    calls: () => calls,
    lastHead: () => lastHead,
    [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Options of a question that asks with no name look-up. */
export const makeQuestion = (more: Partial<QuestionOptions> = {}): QuestionOptions => ({
  timeoutMs: 20_000,
  onLateError: () => undefined,
  decode: makeDecoder(),
  network: {
    resolver: {
      ready: async () => undefined,
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
      end: () => undefined,
    },
    secure: () => {
      throw new Error('no TLS here')
    },
  },
  ...more,
})
