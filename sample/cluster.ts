import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The three generations of elastickv binaries, by what they answer on `/sqs_health`: `legacy` always the text `ok`,
 * `listing` a list without htfifo, `ready` a list with it.
 */
export type Generation = 'legacy' | 'listing' | 'ready'

/** One node of the sample cluster, listening on the loopback. */
export interface Node {
  /** `127.0.0.1:port` */
  readonly address: string
  /** Replaces the binary, from the next request on. */
  upgrade(generation: Generation): void
  close(): Promise<void>
}

/**
 * Starts a node that answers like an elastickv binary of that generation, on a free port.
 *
 * @param onAnswer told after each answer how many there were so far
 */
export async function startNode(
  generation: Generation,
  leader = false,
  onAnswer: (count: number) => void = () => undefined,
): Promise<Node> {
  let current = generation
  let answers = 0
  const server = createServer((request, response) => {
    answer(request, response, current, leader)
    onAnswer(++answers)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
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
