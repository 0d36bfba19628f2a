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

/** What a node tells of a Raft group on `/RaftAdmin/Status`, as far as anyone asks. */
export interface RaftStatus {
  /** The Raft id of the leader; empty without one. */
  readonly leaderId: string
  /** The `host:port` of the leader's Raft listener; empty without a leader. */
  readonly leaderAddress: string
  readonly term: number
  readonly configurationIndex: number
  readonly pendingConfChange: boolean
}

export interface RaftListener {
  /** `host:port` */
  readonly address: string
  close(): Promise<void>
}

export interface RaftListenerOptions {
  readonly host?: string
  /** A free one by default. */
  readonly port?: number
  readonly backlog?: number
  /** What the node tells of its group, asked for each call; no leader by default. */
  readonly status?: () => RaftStatus
}

type Tell = (head: IncomingHttpHeaders) => readonly RaftMember[]

const NO_LEADER: RaftStatus = {
  leaderId: '',
  leaderAddress: '',
  term: 0,
  configurationIndex: 0,
  pendingConfChange: false,
}

/**
 * Starts what a node serves on its Raft address, on a free port: gRPC over plaintext HTTP/2, of which it knows the calls
 * that tell the members and the leader. Any other is `unimplemented`. It answers on the loopback only.
 *
 * @param tell the members that the node knows, asked for each call, with the header fields of the call
 */
export async function startRaftListener(
  tell: Tell,
  {
    host = '127.0.0.1',
    port = 0,
    backlog = 511,
    status = () => NO_LEADER,
  }: RaftListenerOptions = {},
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
      const messages: Readonly<Record<string, () => Buffer>> = {
        '/RaftAdmin/Configuration': () => encodeOnce(tell(headers)),
        '/RaftAdmin/Status': () => envelop(encodeStatus(status())),
      }
      // What is asked is an empty message; nothing of it matters.
      stream.resume().on('end', () => answer(stream, headers[':path'] ?? '', messages))
    })
  await new Promise<void>((resolve, reject) =>
    server.on('error', reject).listen({ port, host, backlog }, resolve),
  )
  const bound = (server.address() as AddressInfo).port
  return {
    address: host.includes(':') ? `[${host}]:${bound}` : `${host}:${bound}`,
    close() {
      for (const session of sessions) session.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(
  stream: ServerHttp2Stream,
  path: string,
  messages: Readonly<Record<string, () => Buffer>>,
): void {
  const head = { ':status': 200, 'content-type': 'application/grpc' }
  const message = messages[path]
  if (message === undefined) {
    const words = `unknown method ${path}`
    stream.respond({ ...head, 'grpc-status': 12, 'grpc-message': words }, { endStream: true })
    return
  }
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': '' }))
  stream.respond(head, { waitForTrailers: true })
  stream.end(message())
}

/** What was encoded once, so that a large cluster costs its nodes little. */
const answers = new WeakMap<readonly RaftMember[], Buffer>()

function encodeOnce(members: readonly RaftMember[]): Buffer {
  const encoded = answers.get(members) ?? encodeAnswer(members)
  answers.set(members, encoded)
  return encoded
}

/** The members as one gRPC message, not compressed. */
export const encodeAnswer = (members: readonly RaftMember[]): Buffer =>
  envelop(encodeMembers(members))

function envelop(message: Uint8Array): Buffer {
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

/** Leader id = 2, leader address = 3, term = 4, configuration index = 12, pending change = 13; no default is sent. */
function encodeStatus(status: RaftStatus): Buffer {
  const texts = [status.leaderId, status.leaderAddress].map((text, index) =>
    text === '' ? Buffer.alloc(0) : field(index + 2, text),
  )
  const numbers = [
    [4, status.term],
    [12, status.configurationIndex],
    [13, Number(status.pendingConfChange)],
  ].flatMap(([number = 0, value = 0]) => (value === 0 ? [] : [number << 3, ...varint(value)]))
  return Buffer.concat([...texts, Buffer.from(numbers)])
}

/** A length-delimited field of protobuf. */
export function field(number: number, value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes])
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
