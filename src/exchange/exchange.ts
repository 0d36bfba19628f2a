import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { formatDuration } from '../shared/duration.ts'
import { openConnection } from './connection.ts'
import { explainFailure, type Failure, type Phase } from './failure.ts'
import { type Answer, type RequestOptions, sendRequest } from './request.ts'

export { type Listener, openConnection } from './connection.ts'
export { explainFailure, type Failure, type Phase } from './failure.ts'
export { isLookingUp, prepareLookups } from './lookup.ts'
export { type Answer, MAX_BODY_BYTES } from './request.ts'
export { makeSecureContext } from './trust.ts'

export interface ExchangeOptions extends RequestOptions {
  /** The limit of the whole exchange, from the name look-up to the last byte, in milliseconds. */
  readonly timeoutMs: number
  /** The trust and identity for TLS, made when it is first needed. */
  readonly secure: () => SecureContext
  /** Told of what goes wrong with a connection after its exchange has ended, which changes nothing. */
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
 * Asks one peer once: `GET url` over a connection of its own. The clock starts with the call and runs until the answer is
 * complete. Follows no redirect, decompresses nothing, never tries again.
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

  const failed = (error: unknown) =>
    fail(explainFailure(error, phase, sockets.at(-1)?.readableEnded ?? false))

  const through = route.kind === 'direct' ? '' : `, through proxy ${route.proxy.host}`
  const deadline = setTimeout(() => {
    // An answer that has arrived is read first: a busy gate must not fail a peer that was in time.
    setImmediate(() => {
      const error = `timed out after ${formatDuration(timeoutMs)} (phase: ${phase}${through})`
      fail({ status: 'timeout', error })
    })
  }, timeoutMs)

  function ready(socket: Socket): void {
    phase = 'response headers'
    if (route.kind === 'direct') remote = remoteOf(socket)
    sendRequest(socket, url, options, {
      reading() {
        phase = 'body'
      },
      answered: (answer) => end({ kind: 'answer', answer }),
      failed,
    })
  }

  try {
    openConnection(url, route, options.secure, {
      phase(reached) {
        phase = reached
      },
      opened(socket) {
        sockets.push(socket)
        if (settled) socket.destroy()
      },
      ready,
      failed: (error) => (settled ? options.onLateError(error) : failed(error)),
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
