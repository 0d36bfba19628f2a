import type { Status } from '../shared/status.ts'

/** How far an exchange got; the message of a timeout names it. */
export type Phase = 'DNS lookup' | 'connect' | 'TLS handshake' | 'response headers' | 'body'

/** Why an exchange ended without a complete answer. */
export interface Failure {
  readonly status: Status
  readonly error: string
  /** The code of the system or of a library; empty where there is none. */
  readonly code: string
}

/** A failure that was found here; its message is for the reader as it is. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  readonly status: Status
  constructor(status: Status, message: string) {
    super(message)
    this.status = status
  }
}

/** A connection that failed at a proxy; the cause is what happened there. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  constructor(proxy: string, cause: unknown) {
    super(`proxy ${proxy}`, { cause })
  }
}

export const failing = (status: Status, error: string, code = ''): Failure => ({
  status,
  error,
  code,
})

/** What is said of a connection that broke. */
export const CUT = 'the connection was cut before the answer was complete'

const BREACH = 'what came back breaks the rules of HTTP/1.1'
const UNTRUSTED = 'the issuer is not trusted'
const NO_TLS = 'the port does not speak TLS'
const DISTRUSTED = 'the peer does not accept the client certificate'

/** What is known of the codes of the system and of the libraries: the status, and words that help. */
const KNOWN: Readonly<Record<string, readonly [Status, string]>> = {
  ENOTFOUND: ['dns', 'the name does not resolve'],
  EAI_AGAIN: ['dns', 'the name server did not answer or failed'],
  ECONNREFUSED: ['refused', 'connection refused'],
  EHOSTUNREACH: ['unreachable', 'no route to the host'],
  ENETUNREACH: ['unreachable', 'no route to the network'],
  EHOSTDOWN: ['unreachable', 'the host is down'],
  ENETDOWN: ['unreachable', 'the network is down'],
  EACCES: ['unreachable', 'not permitted on this runner'],
  EPERM: ['unreachable', 'not permitted on this runner'],
  EADDRNOTAVAIL: ['unreachable', 'the runner has no free local port or address'],
  EMFILE: ['unreachable', 'the runner has no free file descriptor (ulimit -n)'],
  ENFILE: ['unreachable', 'the runner has no free file descriptor'],
  ENOBUFS: ['unreachable', 'the runner has no network buffers left'],
  ECONNRESET: ['disconnected', CUT],
  ECONNABORTED: ['disconnected', CUT],
  EPIPE: ['disconnected', CUT],
  UND_ERR_SOCKET: ['disconnected', CUT],
  UND_ERR_HEADERS_OVERFLOW: ['protocol', 'the response headers are too large'],
  EPROTO: ['tls', 'TLS handshake failed'],
  CERT_HAS_EXPIRED: ['tls', 'the certificate has expired'],
  CERT_NOT_YET_VALID: ['tls', 'the certificate is not valid yet'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'the certificate is for another name'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', 'the certificate is self-signed and not trusted'],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls', UNTRUSTED],
  UNABLE_TO_GET_ISSUER_CERT: ['tls', UNTRUSTED],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', UNTRUSTED],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls', UNTRUSTED],
  ERR_SSL_WRONG_VERSION_NUMBER: ['tls', NO_TLS],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['tls', NO_TLS],
  ERR_SSL_HTTP_REQUEST: ['tls', NO_TLS],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['tls', 'the peer asks for a client certificate'],
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': [
    'tls',
    'the peer refused the handshake; it may ask for a client certificate',
  ],
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': ['tls', DISTRUSTED],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['tls', DISTRUSTED],
}

/** What says that the runner itself has no way to an address. */
const NO_ROUTE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/** Whether a failure says that the runner has a way to the address. */
export const hasRoute = ({ code }: Failure): boolean => !NO_ROUTE.has(code)

/** What an answer that is cut short ends with, although the parser calls it an error of the protocol. */
const OTHER_LENGTH = /^Response body length does not match/
const CUT_SHORT = /^Response body length does not match|\(Invalid EOF state\)$/
/** undici's frame around the words of its parser. */
const PARSER_FAULT = /^Response does not match the HTTP\/1\.1 protocol \((.*)\)$/s
/** undici's words for an interim answer that was not asked for. */
const UNEXPECTED = new Set(['bad response', 'bad upgrade'])
/** What Node.js suggests to whoever starts it. */
const NODE_HINT = /; if the root CA is installed locally.*/s

/**
 * Turns the error that ended an exchange into a status and words. The last error of the chain counts: causes and
 * aggregated errors are unwrapped to the one with a code.
 *
 * @param ended whether the peer had closed its side
 */
export function explainFailure(error: unknown, phase: Phase, ended: boolean): Failure {
  if (error instanceof ProxyError) {
    const reason = explainFailure(error.cause, phase, ended)
    return failing('proxy', `${error.message}: ${reason.error}`, reason.code)
  }
  if (error instanceof ExchangeError) return failing(error.status, error.message)
  const { code, message } = innermost(error)
  const isCut = ended && CUT_SHORT.test(message)
  const fault = isCut ? null : findFault(message, phase)
  if (fault !== null) return failing('protocol', `${BREACH} (${fault})`)
  const [status, words] = isCut ? (['disconnected', CUT] as const) : classify(code, message, phase)
  const detail = message.includes(code) ? message : `${code}: ${message}`
  return failing(status, `${words} (${detail.replace(NODE_HINT, '').trim()})`, code)
}

/**
 * The fault that undici's parser found, or null where the error is of another kind. Once there was a Content-Length, undici
 * calls any later fault of the head a body of another length.
 */
function findFault(message: string, phase: Phase): string | null {
  if (OTHER_LENGTH.test(message) && phase !== 'body') {
    return 'Content-Length, or a header field after it, is invalid'
  }
  return PARSER_FAULT.exec(message)?.[1] ?? null
}

function classify(code: string, message: string, phase: Phase): readonly [Status, string] {
  if (code === 'ETIMEDOUT') return ['timeout', `the operating system gave up (phase: ${phase})`]
  if (UNEXPECTED.has(message)) return ['protocol', 'an unexpected response']
  const known = KNOWN[code]
  if (known !== undefined) return known
  if (code.startsWith('EAI_') || phase === 'DNS lookup') return ['dns', 'the DNS lookup failed']
  if (/^(ERR_SSL|ERR_TLS|CERT_|UNABLE_|CRL_)/.test(code) || phase === 'TLS handshake') {
    return ['tls', 'certificate or handshake failure']
  }
  return phase === 'connect' ? ['unreachable', 'could not be reached'] : ['protocol', BREACH]
}

/** The innermost error that carries a code, else the innermost; past ten levels the chain is taken for a loop. */
function innermost(error: unknown): { code: string; message: string } {
  let found = { code: '', message: String(error) }
  for (let level = 0, next = error; level < 10 && next instanceof Error; level++) {
    const { code, errors, cause, reason } = next as {
      readonly [key in 'code' | 'errors' | 'cause' | 'reason']?: unknown
    }
    // OpenSSL's message holds pointers and paths; its reason is the part that helps.
    const message = typeof reason === 'string' ? reason : next.message
    if (typeof code === 'string') found = { code, message }
    else if (found.code === '') found = { code: '', message: message || next.name }
    next = Array.isArray(errors) && errors.length > 0 ? errors[0] : cause
  }
  return found
}
