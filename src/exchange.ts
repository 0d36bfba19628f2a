import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { clientOver, openConnection } from './connection.ts'
import { type Answer, MAX_BODY_BYTES } from './decision.ts'
import { formatDuration } from './duration.ts'
import { explainFailure, type Failure, type Phase, ProxyError } from './failure.ts'
import { isProxyReply, type Route } from './proxy.ts'
import { VERSION } from './version.ts'
import { checkHead, watchWire } from './wire.ts'

/** The headers of every exchange that the gate sets itself. */
export const OWN_HEADERS: Readonly<Record<string, string>> = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'cache-control': 'no-cache',
  'user-agent': `htfifo-gate/${VERSION}`,
}

export interface ExchangeOptions {
  readonly route: Route
  /** The limit of the whole exchange, from the name look-up to the last byte, in milliseconds. */
  readonly timeoutMs: number
  readonly headers: Readonly<Record<string, string>>
  /** The trust and identity for TLS, made when it is first needed. */
  readonly secure: () => SecureContext
  /** Told of what goes wrong after the answer was complete, which changes nothing. */
  readonly onLateError: (error: unknown) => void
}

/** How an exchange ended. */
export interface Ending {
  readonly outcome:
    | { readonly kind: 'answer'; readonly answer: Answer }
    | { readonly kind: 'failure'; readonly failure: Failure }
  /** From the start of this exchange to its end, in milliseconds. */
  readonly latencyMs: number
  /** The remote address and port that were reached without a proxy, otherwise null. */
  readonly remote: string | null
}

export interface Exchange {
  /** Always resolves; what went wrong is in the ending. */
  readonly ending: Promise<Ending>
  /** Ends the exchange now, as `cancelled`; does nothing once it has ended. */
  cancel(): void
}

/**
 * Asks one peer once: `GET url` over a connection of its own. The clock starts with the call. Reads at most
 * {@link MAX_BODY_BYTES} and one more, follows no redirect, decompresses nothing.
 */
export function startExchange(url: URL, options: ExchangeOptions): Exchange {
  const { route, timeoutMs } = options
  const startedAt = performance.now()
  const { promise, resolve } = Promise.withResolvers<Ending>()
  const sockets: Socket[] = []
  let phase: Phase = 'connect'
  let remote: string | null = null
  let settled = false

  function end(outcome: Ending['outcome']): void {
    if (settled) return
    settled = true
    clearTimeout(deadline)
    for (const socket of sockets) socket.destroy()
    resolve({ outcome, latencyMs: performance.now() - startedAt, remote })
  }

  const fail = (failure: Failure) => end({ kind: 'failure', failure })

  function failed(error: unknown): void {
    if (settled) options.onLateError(error)
    else fail(explainFailure(error, phase, sockets.at(-1)?.readableEnded ?? false))
  }

  const through = route.kind === 'direct' ? '' : `, through proxy ${route.proxy.host}`
  const deadline = setTimeout(() => {
    // An answer that has arrived is read first: a busy gate must not fail a peer that was in time.
    setImmediate(() => {
      const error = `timed out after ${formatDuration(timeoutMs)} (phase: ${phase}${through})`
      fail({ status: 'timeout', error })
    })
  }, timeoutMs)

  function request(socket: Socket): void {
    phase = 'response headers'
    if (route.kind === 'direct') remote = remoteOf(socket)
    watchWire(socket, (error) => fail({ status: 'protocol', error }))
    let status = 0
    let body = Buffer.alloc(0)
    const answered = (location: string | null) =>
      end({ kind: 'answer', answer: { httpStatus: status, location, body } })
    clientOver(socket, url).dispatch(requestOptions(url, options), {
      onRequestStart: () => undefined,
      onResponseStart(_, statusCode, headers) {
        const error = checkHead(statusCode, headers)
        if (error !== null) fail({ status: 'protocol', error })
        if (statusCode < 200) return
        phase = 'body'
        status = statusCode
        if (route.kind === 'forward' && isProxyReply(status, headers)) {
          const error = `proxy ${route.proxy.host} answered HTTP ${status}`
          fail({ status: 'proxy', error })
        } else if (status !== 200) {
          answered(headers['location']?.toString() ?? null)
        }
      },
      onResponseData(_, chunk) {
        body = Buffer.concat([body, chunk.subarray(0, MAX_BODY_BYTES + 1 - body.length)])
        if (body.length > MAX_BODY_BYTES) answered(null)
      },
      onResponseEnd() {
        // undici calls an answer complete even if it has just destroyed its connection for oversized trailers.
        if (socket.destroyed && !settled) failed(socket.errored)
        else answered(null)
      },
      onResponseError: (_, error) =>
        failed(route.kind === 'forward' ? new ProxyError(route.proxy.host, error) : error),
    })
  }

  try {
    openConnection(url, route, options.secure, {
      phase(reached) {
        phase = reached
      },
      opened: (socket) => sockets.push(socket),
      ready: request,
      failed,
    })
  } catch (error) {
    failed(error)
  }
  return {
    ending: promise,
    cancel: () => fail({ status: 'cancelled', error: `the run was cancelled (phase: ${phase})` }),
  }
}

/** The system does not tell the address of a connection that was cut at once. */
function remoteOf({ remoteAddress, remotePort, remoteFamily }: Socket): string | null {
  if (remoteAddress === undefined) return null
  return `${remoteFamily === 'IPv6' ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`
}

function requestOptions(url: URL, { route, headers }: ExchangeOptions) {
  const proxied = route.kind === 'forward'
  const credentials =
    proxied && route.authorization !== null ? { 'proxy-authorization': route.authorization } : {}
  return {
    method: 'GET',
    path: proxied ? url.href : url.pathname,
    headers: { ...OWN_HEADERS, ...headers, ...credentials },
    reset: true,
  } as const
}
