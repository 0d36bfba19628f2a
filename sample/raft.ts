import { createServer, type Http2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'

/** A member of a sample cluster, as a node tells it. */
export interface RaftMember {
  readonly id: string
  /** `host:port` of its Raft listener. */
  readonly address: string
  readonly suffrage: 'voter' | 'learner'
}

export interface RaftListener {
  /** `host:port` */
  readonly address: string
  close(): Promise<void>
}

/** The only method that the listener knows. */
const CONFIGURATION = '/RaftAdmin/Configuration'

/**
 * Starts what a node serves on its Raft address, on a free port: gRPC over plaintext HTTP/2, of which it knows the one
 * call that tells the members. Any other is `unimplemented`. It answers on the loopback only.
 *
 * @param tell the members that the node knows, asked for each call
 */
export async function startRaftListener(
  tell: () => readonly RaftMember[],
  { host = '127.0.0.1', backlog = 511 }: { host?: string; backlog?: number } = {},
): Promise<RaftListener> {
  const sessions = new Set<Http2Session>()
  const server = createServer()
    .on('connection', (socket: Socket) => {
      if (!socket.localAddress?.startsWith('127.')) socket.destroy()
    })
    .on('session', (session) => {
      sessions.add(session)
      // Whoever asked may leave as it likes.
      session.on('error', () => session.destroy())
      session.on('close', () => sessions.delete(session))
    })
    .on('stream', (stream, headers) => {
      stream.on('error', () => stream.destroy())
      // What is asked is an empty message; nothing of it matters.
      stream.resume().on('end', () => answer(stream, headers[':path'], tell))
    })
  await new Promise<void>((resolve) => server.listen({ port: 0, host, backlog }, resolve))
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    close() {
      for (const session of sessions) session.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** What was encoded once, so that a large cluster costs its nodes little. */
const answers = new WeakMap<readonly RaftMember[], Buffer>()

function answer(
  stream: ServerHttp2Stream,
  path: string | undefined,
  tell: () => readonly RaftMember[],
): void {
  const head = { ':status': 200, 'content-type': 'application/grpc' }
  if (path !== CONFIGURATION) {
    const message = `unknown method ${path}`
    stream.respond({ ...head, 'grpc-status': 12, 'grpc-message': message }, { endStream: true })
    return
  }
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': '' }))
  stream.respond(head, { waitForTrailers: true })
  const members = tell()
  const encoded = answers.get(members) ?? encodeAnswer(members)
  answers.set(members, encoded)
  stream.end(encoded)
}

/** One gRPC message, not compressed: `repeated Member servers = 1`, a member being id = 1, address = 2, suffrage = 3. */
export function encodeAnswer(members: readonly RaftMember[]): Buffer {
  const servers = members.map(({ id, address, suffrage }) => {
    const fields = [id, address, suffrage].map((text, index) => field(index + 1, Buffer.from(text)))
    return field(1, Buffer.concat(fields))
  })
  const message = Buffer.concat(servers)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** A length-delimited field of protobuf; like any default, an empty one is not sent. */
const field = (number: number, bytes: Buffer): Buffer =>
  bytes.length === 0
    ? bytes
    : Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes])

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
