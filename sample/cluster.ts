import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

/**
 * The three generations of elastickv binaries, by what they answer on `/sqs_health`: `legacy` always the text `ok`,
 * `listing` a list without htfifo, `ready` a list with it.
 */
export type Generation = 'legacy' | 'listing' | 'ready'

/** One node of the sample cluster, listening on the loopback. */
export interface Node {
  /** `host:port` */
  readonly address: string
  readonly isUp: boolean
  /** Whether it is up and advertises htfifo. */
  readonly advertises: boolean
  /** Replaces the binary, from the next request on. */
  upgrade(generation: Generation): void
  close(): Promise<void>
}

export interface NodeOptions {
  /** `127.0.0.1` by default. */
  readonly host?: string
  /** A free one by default. */
  readonly port?: number
  /** If given, the node speaks TLS, as one behind a gateway. */
  readonly tls?: ServerOptions
  /** Answers what is not a question of health: the calls of SQS. */
  readonly onCall?: RequestListener
}

/**
 * Starts a node that answers like an elastickv binary of that generation, on a free port.
 *
 * @param leader what `/sqs_leader_health` tells
 * @param onAnswer told after each health answer how many there were so far
 */
export async function startNode(
  generation: Generation,
  leader: boolean | (() => boolean) = false,
  onAnswer: (count: number) => void = () => undefined,
  { host = '127.0.0.1', port = 0, tls, onCall }: NodeOptions = {},
): Promise<Node> {
  let current = generation
  let answers = 0
  const listener: RequestListener = (request, response) => {
    if (onCall !== undefined && !/^\/sqs_(leader_)?health(\?|$)/.test(request.url ?? '')) {
      onCall(request, response)
      return
    }
    answer(request, response, current, typeof leader === 'function' ? leader() : leader)
    onAnswer(++answers)
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve, reject) =>
    server.on('error', reject).listen(port, host, resolve),
  )
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    get isUp() {
      return server.listening
    },
    get advertises() {
      return server.listening && current === 'ready'
    },
    upgrade(to) {
      current = to
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  generation: Generation,
  leader: boolean,
): void {
  const { method, headers } = request
  const path = request.url?.replace(/\?.*$/, '')
  const send = (status: number, type: string, body: string) => {
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8` })
    response.end(method === 'HEAD' ? undefined : body)
  }
  if (path !== '/sqs_health' && path !== '/sqs_leader_health') {
    send(404, 'text/plain', 'not found\n')
  } else if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    send(405, 'text/plain', 'method not allowed\n')
  } else if (path === '/sqs_leader_health') {
    send(leader ? 200 : 503, 'text/plain', leader ? 'ok\n' : 'not leader\n')
  } else if (generation === 'legacy' || !headers.accept?.includes('application/json')) {
    send(200, 'text/plain', 'ok\n')
  } else {
    const capabilities = generation === 'ready' ? ['htfifo'] : []
    send(200, 'application/json', `${JSON.stringify({ status: 'ok', capabilities })}\n`)
  }
}
