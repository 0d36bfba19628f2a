import type { Status } from '../shared/status.ts'
import { CUT, KNOWN, NO_ROUTE, STARVED } from './error-codes.ts'

/** How far an exchange got; told in the message of a timeout. */
export type Phase = 'name look-up' | 'connect' | 'TLS handshake' | 'response headers' | 'body'

/** An exchange that ended without a complete answer. */
export interface Failure {
  readonly status: Status
  readonly error: string
  /** Whether the runner had no file descriptor left, so that it says nothing about the peer. */
  readonly starved: boolean
}

/** A name with which nothing can be done, although it resolves; the message says why. */
export class LookupError extends Error {
  override readonly name = 'LookupError'
}

/** What came back is not HTTP/1.x, or breaks its limits; the message says why. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** An answer that is wrong in a way that its reader has a status for; the message says why. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
  readonly status: Status
  constructor(status: Status, message: string) {
    super(message)
    this.status = status
  }
}

/** A connection that failed on the way, at a proxy; the cause is what happened there. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  constructor(proxy: string, cause: unknown) {
    super(`proxy ${proxy}`, { cause })
  }
}

/** What an answer that is cut short ends with, although the parser calls it an error of the protocol. */
const CUT_SHORT = /^Response body length does not match|\(Invalid EOF state\)$/
const NOT_HTTP = new Set(['bad response', 'bad upgrade'])

/**
 * Turns the error that ended an exchange into a status and words. The innermost error with a code
 * counts: causes and aggregated errors are unwrapped.
 *
 * @param ended whether the peer had closed its side
 */
export function explainFailure(error: unknown, phase: Phase, ended: boolean): Failure {
  if (error instanceof ProxyError) {
    const reason = explainFailure(error.cause, phase, ended)
    return { ...reason, status: 'proxy', error: `${error.message}: ${reason.error}` }
  }
  if (error instanceof AnswerError) return failing(error.status, error.message)
  if (error instanceof ProtocolError) return failing('protocol', error.message)
  if (error instanceof LookupError) return failing('dns', error.message)
  const { code, message } = innermost(error)
  const [status, words] = classify(code, message, phase, ended)
  const detail = message.includes(code) ? message : `${code}: ${message}`
  return { ...failing(status, `${words} (${detail.trim()})`), starved: STARVED.has(code) }
}

/** A failure that says something about the peer. */
export const failing = (status: Status, error: string): Failure => ({
  status,
  error,
  starved: false,
})

function classify(
  code: string,
  message: string,
  phase: Phase,
  ended: boolean,
): readonly [Status, string] {
  if (CUT_SHORT.test(message) && ended) return ['disconnected', CUT]
  if (code === 'ETIMEDOUT') return ['timeout', `the operating system gave up (phase: ${phase})`]
  if (NOT_HTTP.has(message)) return ['protocol', 'an unexpected response']
  const known = KNOWN[code]
  if (known !== undefined) return known
  if (code.startsWith('EAI_') || phase === 'name look-up') return ['dns', 'the look-up failed']
  if (/^(ERR_SSL|ERR_TLS|CERT_|UNABLE_|CRL_)/.test(code) || phase === 'TLS handshake') {
    return ['tls', 'certificate or handshake failure']
  }
  if (phase === 'connect') return ['unreachable', 'could not be reached']
  return ['protocol', 'what came back is not HTTP/1.1']
}

/** The innermost error that carries a code, else the innermost; past ten levels the chain is taken for a loop. */
function innermost(error: unknown): { code: string; message: string } {
  let found = { code: '', message: String(error) }
  let detail = ''
  for (let level = 0, next = error; level < 10 && next instanceof Error; level++) {
    const { code, errors, cause, reason } = next as {
      readonly [key in 'code' | 'errors' | 'cause' | 'reason']?: unknown
    }
    // OpenSSL's message holds pointers and paths; its reason is the part that helps.
    const message = typeof reason === 'string' ? reason : next.message
    if (typeof code === 'string') found = { code, message }
    else if (found.code === '') found = { code: '', message: message || next.name }
    if (Array.isArray(errors) && errors.length > 0) {
      // What the runner lacks says nothing about the peer; an address with a route tells more than one without.
      next =
        errors.find((one) => STARVED.has(one?.code)) ??
        errors.find((one) => !NO_ROUTE.has(one?.code)) ??
        errors[0]
      detail ||= message
    } else next = cause
  }
  return { ...found, message: detail || found.message }
}
