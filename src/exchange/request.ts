import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { OWN_HEADERS, type Route } from '../inputs/inputs.ts'
import type { Progress } from './attempt.ts'
import { clientOver } from './client.ts'
import { ExchangeError, ProxyError } from './failure.ts'

/** The header fields of an answer; absent or several, as they came. */
export type Head = Readonly<Record<string, string | readonly string[] | undefined>>

/** The most that is read of a body, in bytes; the same limit as in the poller inside the server. */
export const MAX_BODY_BYTES = 1_024

/** What the decision reads of a head. The rest is not kept: a peer that stalls in its body may have sent thousands of fields. */
const FIELDS = [
  'age',
  'cache-status',
  'content-encoding',
  'location',
  'warning',
  'x-cache',
  'x-cache-status',
]

/** What one peer answered, as far as it was read. */
export interface Answer {
  readonly httpStatus: number
  readonly head: Head
  /** The body, complete, or its first bytes if it has more than {@link MAX_BODY_BYTES}. Read for 200 only. */
  readonly body: Uint8Array
  /** The forward proxy that the answer came through, `host:port`, otherwise null. */
  readonly proxy: string | null
}

export interface RequestOptions {
  readonly route: Route
  /** Sent besides {@link OWN_HEADERS}. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends `GET url` over a socket that is ready, and reads the answer: at most {@link MAX_BODY_BYTES} of its body and one
 * more, and nothing of it but for a 200. Follows no redirect and decompresses nothing.
 */
export function sendRequest(
  socket: Socket,
  url: URL,
  { route, headers }: RequestOptions,
  { phase, answered, failed }: Progress<Answer>,
): void {
  const forward = route.kind === 'forward' ? route : null
  const proxy = forward?.proxy.host ?? null
  const fail = (error: unknown) => failed(proxy === null ? error : new ProxyError(proxy, error))
  const breach = (words: string) => fail(new ExchangeError('protocol', words))
  let httpStatus = 0
  let head: Head = {}
  let body = Buffer.alloc(0)
  const done = () => answered({ httpStatus, head, body, proxy })

  const credentials: Record<string, string> =
    forward?.authorization == null ? {} : { 'proxy-authorization': forward.authorization }
  const request = {
    method: 'GET',
    // A cache on the way has no answer to what was never asked before.
    path: `${forward === null ? url.pathname : url.href}?${randomUUID()}`,
    headers: { ...OWN_HEADERS, ...headers, ...credentials },
    reset: true,
  } as const
  clientOver(socket, url, breach).dispatch(request, {
    onRequestStart: () => undefined,
    onResponseStart(controller, status, fields) {
      controller.rawHeaders = null
      const wrong = checkHead(status, fields, url.protocol === 'https:')
      if (wrong !== null) {
        breach(wrong)
        return
      }
      // An interim answer; the final one follows.
      if (status < 200) return
      phase('body')
      httpStatus = status
      head = Object.fromEntries(FIELDS.map((name) => [name, fields[name]]))
      if (forward !== null && isProxyReply(status, fields)) {
        breach(`HTTP ${status}, from the proxy or from what is behind it`)
      } else if (status !== 200) done()
    },
    onResponseData(_, chunk) {
      body = Buffer.concat([body, chunk.subarray(0, MAX_BODY_BYTES + 1 - body.length)])
      if (body.length > MAX_BODY_BYTES) done()
    },
    onResponseEnd() {
      // undici calls an answer complete even if it has just destroyed its connection for oversized trailers.
      if (socket.destroyed) fail(socket.errored ?? new Error('the answer broke off'))
      else done()
    },
    onResponseError: (_, error) => fail(error),
  })
}

/**
 * Where a redirect leads, in words: without user info and query, which may hold secrets, and otherwise as it came, so that a
 * secret in it can still be found and hidden.
 */
export function describeTarget(location: string | undefined): string {
  if (location === undefined) return 'without a target'
  const [target = ''] = location.split(/[?#]/, 1)
  return `to ${target.replace(/\/\/[^/]*@/, '//')}`
}

/**
 * What is wrong with the head of an answer that the parser lets pass, in words, or null.
 *
 * @param secure whether the answer comes over TLS, where one that ends with the connection could be cut unseen
 */
export function checkHead(status: number, head: Head, secure: boolean): string | null {
  if (status < 100) return `${status} is not an HTTP status code`
  if (status === 101) return 'an unexpected response (HTTP 101)'
  const coding = head['transfer-encoding']
  if (coding !== undefined && !/^chunked$/i.test(coding.toString())) {
    return `the transfer coding "${coding}" is not known`
  }
  return secure && status === 200 && coding === undefined && head['content-length'] === undefined
    ? 'the answer does not tell its length, so it could be cut unseen (https)'
    : null
}

/** The statuses of a gateway; a node sends none of them on its health endpoint. */
const GATEWAY_STATUSES = new Set([407, 502, 503, 504])

/** Whether a reply that came through a proxy was probably written by the proxy and not by the peer behind it. */
export function isProxyReply(status: number, head: Head): boolean {
  if (status === 200) return false
  const marks = ['proxy-authenticate', 'proxy-status', 'x-squid-error']
  return GATEWAY_STATUSES.has(status) || marks.some((name) => name in head)
}
