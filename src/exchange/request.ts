import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Route } from '../inputs/inputs.ts'
import { OWN_HEADERS } from '../shared/own-headers.ts'
import { clientOver } from './client.ts'
import { ProtocolError, ProxyError } from './failure.ts'
import { checkHead, type Head, isProxyReply, pickFields } from './head.ts'
import { watchAnswer } from './preamble.ts'

export interface RequestOptions {
  readonly route: Route
  /** Sent besides {@link OWN_HEADERS}. */
  readonly headers: Readonly<Record<string, string>>
}

/** The most that is read of a body, in bytes; the same limit as in the poller inside the server. */
export const MAX_BODY_BYTES = 1_024

/** What one peer answered, as far as it was read. */
export interface Answer {
  readonly httpStatus: number
  /** The fields that the decision reads. */
  readonly head: Head
  /** The body, complete, or its first bytes if it has more than {@link MAX_BODY_BYTES}. Read for 200 only. */
  readonly body: Uint8Array
  /** The forward proxy that the answer came through, `host:port`, otherwise null. */
  readonly proxy: string | null
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
  const proxy = forward?.proxy.host ?? null
  const failed = (error: unknown) =>
    listener.failed(proxy === null ? error : new ProxyError(proxy, error))
  let httpStatus = 0
  let head: Head = {}
  let body = Buffer.alloc(0)
  const answered = () => listener.answered({ httpStatus, head, body, proxy })

  watchAnswer(socket, (reason) => failed(new ProtocolError(reason)))
  const credentials: Record<string, string> =
    forward?.authorization == null ? {} : { 'proxy-authorization': forward.authorization }
  const request = {
    method: 'GET',
    // A proxy may be a cache, and may not say so; no cache has an answer to what was never asked before.
    path: forward === null ? url.pathname : `${url.href}?${randomUUID()}`,
    headers: { ...OWN_HEADERS, ...headers, ...credentials },
    reset: true,
  } as const
  clientOver(socket, url).dispatch(request, {
    onRequestStart: () => undefined,
    onResponseStart(controller, status, fields) {
      controller.rawHeaders = null
      const wrong = checkHead(status, fields)
      if (wrong !== null) {
        failed(new ProtocolError(wrong))
        return
      }
      listener.reading()
      httpStatus = status
      head = pickFields(fields)
      if (forward !== null && isProxyReply(status, fields)) {
        failed(new ProtocolError(`HTTP ${status}, from the proxy or from what is behind it`))
      } else if (status !== 200) answered()
    },
    onResponseData(_, chunk) {
      body = Buffer.concat([body, chunk.subarray(0, MAX_BODY_BYTES + 1 - body.length)])
      if (body.length > MAX_BODY_BYTES) answered()
    },
    onResponseEnd() {
      // undici calls an answer complete even if it has just destroyed its connection for oversized trailers.
      if (socket.destroyed) failed(socket.errored ?? new ProtocolError('the answer broke off'))
      else answered()
    },
    onResponseError: (_, error) => failed(error),
  })
}
