import { lookup } from 'node:dns'
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Answer } from '../../../src/canary/queue.ts'
import { openSqs, type SqsQueue } from '../../../src/canary/sqs.ts'
import type { SqsOptions } from '../../../src/canary/sqs-client.ts'

/** A request that a server got. */
export interface SqsRequest {
  readonly operation: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** Answers one request. */
export type Respond = (response: ServerResponse, request: SqsRequest) => void

export interface SqsServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly requests: SqsRequest[]
  readonly sockets: ReadonlySet<Socket>
  /** How many connections were made. */
  readonly connections: () => number
}

/** Answers with JSON as a node does. */
export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Respond =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers })
    response.end(JSON.stringify(body))
  }

/** Refuses as a node does. */
export const refuse = (status: number, code: string, message: string): Respond =>
  json({ __type: code, message }, status, { 'x-amzn-ErrorType': code })

/** Answers with these bytes. */
export const raw =
  (body: string | Buffer, status = 200, headers: Readonly<Record<string, string>> = {}): Respond =>
  (response) => {
    response.writeHead(status, headers)
    response.end(body)
  }

/** Serves one answer to everything, or one for each operation, on a free port. */
export async function serveSqs(
  respond: Respond | Readonly<Record<string, Respond>>,
  tls?: ServerOptions,
  host = '127.0.0.1',
): Promise<SqsServer> {
  const requests: SqsRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const operation = String(request.headers['x-amz-target']).replace(/^AmazonSQS\./, '')
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
    const told = { operation, path: request.url ?? '', headers: request.headers, body }
    requests.push(told)
    const answer = typeof respond === 'function' ? respond : respond[operation]
    if (answer === undefined) response.destroy()
    else answer(response, told)
  }
  const server: Server =
    tls === undefined ? createServer(listener) : createSecureServer(tls, listener)
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests,
    sockets,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Opens a node's queue service as the canary does. */
export const open = (url: string, overrides: Partial<SqsOptions> = {}): SqsQueue =>
  openSqs(url, {
    region: 'us-east-1',
    credentials: null,
    lookup,
    secure: () => createSecureContext(),
    ...overrides,
  })

/** The failure of an answer; throws where there is none. */
export function failureOf(answer: Answer<unknown>) {
  if (answer.kind === 'ok') throw new Error(`expected a failure, got ${JSON.stringify(answer)}`)
  return answer.failure
}
