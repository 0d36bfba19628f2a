import { onRequest, serve } from './servers.ts'

/** A server on the loopback that sends the same kind of reply, byte by byte as given, to every request. */
export interface ReplyServer {
  /** `127.0.0.1:port` */
  readonly address: string
  close(): Promise<void>
}

/** Starts a server that answers each request head with what `reply` makes of it, and closes. */
export async function startReplies(reply: (head: string) => string): Promise<ReplyServer> {
  const server = await serve(onRequest((socket, head) => socket.end(reply(head))))
  return { address: server.address, close: () => Promise.resolve(server[Symbol.asyncDispose]()) }
}

/** A 200 with this body, and its length in bytes. */
export const okReply = (body: string, headers = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`

/** The answer of a healthy node, with this list. */
export const listReply = (...capabilities: readonly string[]): string =>
  okReply(`${JSON.stringify({ status: 'ok', capabilities })}\n`)
