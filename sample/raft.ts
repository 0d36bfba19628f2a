import {
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'

/** A member of a sample cluster, as a node tells it. */
export interface RaftMember {
  readonly id: string
  /** `host:port` of its Raft listener. */
  readonly address: string
  /** `voter` or `learner` */
  readonly suffrage: string
}

export interface RaftListener {
  /** `host:port` */
  readonly address: string
  close(): Promise<void>
}

type Tell = (head: IncomingHttpHeaders) => readonly RaftMember[]

/** The only method that the listener knows. */
const CONFIGURATION = '/RaftAdmin/Configuration'

/**
 * Starts what a node serves on its Raft address, on a free port: gRPC over plaintext HTTP/2, of which it knows the one
 * call that tells the members. Any other is `unimplemented`. It answers on the loopback only.
 *
 * @param tell the members that the node knows, asked for each call, with the header fields of the call
 */
export async function startRaftListener(
  tell: Tell,
  { host = '127.0.0.1', backlog = 511 }: { host?: string; backlog?: number } = {},
): Promise<RaftListener> {
  const sessions = new Set<Http2Session>()
  const server = createServer()
    .on('connection', (socket: Socket) => {
      if (!/^(127\.|::1$)/.test(socket.localAddress ?? '')) socket.destroy()
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
      stream.resume().on('end', () => answer(stream, headers[':path'], () => tell(headers)))
    })
  await new Promise<void>((resolve) => server.listen({ port: 0, host, backlog }, resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
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

/** One gRPC message, not compressed. */
export function encodeAnswer(members: readonly RaftMember[]): Buffer {
  const message = encodeMembers(members)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/**
 * The message in it: `repeated Member servers = 1`, a member being id = 1, address = 2, suffrage = 3. Like any default, an
 * empty text is not sent.
 */
export const encodeMembers = (members: readonly RaftMember[]): Buffer =>
  Buffer.concat(
    members.map(({ id, address, suffrage }) => {
      const fields = [id, address, suffrage].map((text, index) =>
        text === '' ? Buffer.alloc(0) : field(index + 1, text),
      )
      return field(1, Buffer.concat(fields))
    }),
  )

/** A length-delimited field of protobuf. */
export function field(number: number, value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes])
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
