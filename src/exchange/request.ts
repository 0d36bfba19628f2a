import type { Socket } from 'node:net'
import type { Route } from '../inputs/inputs.ts'
import { OWN_HEADERS } from '../shared/own-headers.ts'
import { clientOver } from './client.ts'
import { ProtocolError, ProxyError } from './failure.ts'
import { checkHead, watchWire } from './wire.ts'

/** The most that is read of a body, in bytes; the same limit as in the poller inside the server. */
export const MAX_BODY_BYTES = 1_024

/** What one peer answered, as far as it was read. */
export interface Answer {
  readonly httpStatus: number
  /** The `Location` header of a redirect, otherwise null. */
  readonly location: string | null
  /** The body, complete, or its first bytes if it has more than {@link MAX_BODY_BYTES}. Read for 200 only. */
  readonly body: Uint8Array
}

export interface RequestOptions {
  readonly route: Route
  /** Sent besides {@link OWN_HEADERS}. */
  readonly headers: Readonly<Record<string, string>>
}

/** What is told of a request; of `answered` and `failed` the first counts. */
export interface RequestListener {
  /** The head of the answer is there. */
  reading(): void
  answered(answer: Answer): void
  failed(error: unknown): void
}

/**
 * Sends `GET url` over a socket that is ready, and reads the answer: at most {@link MAX_BODY_BYTES} of its body and one
 * more, and nothing of it but for a 200.
 */
export function sendRequest(
  socket: Socket,
  url: URL,
  { route, headers }: RequestOptions,
  listener: RequestListener,
): void {
  const forward = route.kind === 'forward' ? route : null
  const failed = (error: unknown) =>
    listener.failed(forward === null ? error : new ProxyError(forward.proxy.host, error))
  let httpStatus = 0
  let body = Buffer.alloc(0)
  const answered = (location: string | null) => listener.answered({ httpStatus, location, body })

  watchWire(socket, (reason) => failed(new ProtocolError(reason)))
  const credentials: Record<string, string> =
    forward?.authorization == null ? {} : { 'proxy-authorization': forward.authorization }
  const request = {
    method: 'GET',
    path: forward === null ? url.pathname : url.href,
    headers: { ...OWN_HEADERS, ...headers, ...credentials },
    reset: true,
  } as const
  clientOver(socket, url).dispatch(request, {
    onRequestStart: () => undefined,
    onResponseStart(_, status, fields) {
      const wrong = checkHead(status, fields)
      if (wrong !== null) failed(new ProtocolError(wrong))
      if (status < 200) return
      listener.reading()
      httpStatus = status
      if (forward !== null && isProxyReply(status, fields)) {
        failed(new ProtocolError(`it answered HTTP ${status}`))
      } else if (status !== 200) {
        answered(fields['location']?.toString() ?? null)
      }
    },
    onResponseData(_, chunk) {
      body = Buffer.concat([body, chunk.subarray(0, MAX_BODY_BYTES + 1 - body.length)])
      if (body.length > MAX_BODY_BYTES) answered(null)
    },
    onResponseEnd() {
      // undici calls an answer complete even if it has just destroyed its connection for oversized trailers.
      if (socket.destroyed) failed(socket.errored ?? new ProtocolError('the answer broke off'))
      else answered(null)
    },
    onResponseError: (_, error) => failed(error),
  })
}

/** The statuses of a gateway; a node sends none of them on its health endpoint. */
const GATEWAY_STATUSES = new Set([407, 502, 503, 504])

/** Whether a reply that came through a proxy was written by the proxy and not by the peer behind it. */
function isProxyReply(status: number, headers: Readonly<Record<string, unknown>>): boolean {
  if (status === 200) return false
  const marks = ['proxy-authenticate', 'proxy-status', 'x-squid-error']
  return GATEWAY_STATUSES.has(status) || marks.some((name) => name in headers)
}
