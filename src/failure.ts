import type { Status } from './status.ts'

/** How far an exchange got; told in the message of a timeout. */
export type Phase = 'name look-up' | 'connect' | 'TLS handshake' | 'response headers' | 'body'

/** An exchange that ended without a complete answer. */
export interface Failure {
  readonly status: Status
  readonly error: string
}

/** What came back is not HTTP/1.x, or breaks its limits; the message says why. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** A connection that failed on the way, at a proxy; the cause is what happened there. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  constructor(proxy: string, cause: unknown) {
    super(`proxy ${proxy}`, { cause })
  }
}

const UNREACHABLE = 'could not be reached'
const CUT = 'the connection was cut before the answer was complete'

const DISTRUSTED = 'the peer does not accept the client certificate'
const REFUSED_HANDSHAKE = 'the peer refused the handshake; it may ask for a client certificate'

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
  HPE_HEADER_OVERFLOW: ['protocol', 'the response headers are too large'],
  EPROTO: ['tls', 'TLS handshake failed'],
  CERT_HAS_EXPIRED: ['tls', 'the certificate has expired'],
  CERT_NOT_YET_VALID: ['tls', 'the certificate is not valid yet'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'the certificate is for another name'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', 'the certificate is self-signed and not trusted'],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls', 'the issuer is not trusted'],
  UNABLE_TO_GET_ISSUER_CERT: ['tls', 'the issuer is not trusted'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', 'the issuer is not trusted'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls', 'the issuer is not trusted'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['tls', 'the port does not speak TLS'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['tls', 'the port does not speak TLS'],
  ERR_SSL_HTTP_REQUEST: ['tls', 'the port does not speak TLS'],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['tls', 'the peer asks for a client certificate'],
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': ['tls', REFUSED_HANDSHAKE],
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': ['tls', DISTRUSTED],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['tls', DISTRUSTED],
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
    const reason = explainFailure(error.cause, phase, ended).error
    return { status: 'proxy', error: `${error.message}: ${reason}` }
  }
  if (error instanceof ProtocolError) return { status: 'protocol', error: error.message }
  const { code, message } = innermost(error)
  const [status, words] = classify(code, message, phase, ended)
  const detail = message.includes(code) ? message : `${code}: ${message}`
  return { status, error: `${words} (${detail.trim()})` }
}

function classify(
  code: string,
  message: string,
  phase: Phase,
  ended: boolean,
): readonly [Status, string] {
  if (CUT_SHORT.test(message) && ended) return ['disconnected', CUT]
  if (code === 'ETIMEDOUT') return ['timeout', `the operating system gave up (phase: ${phase})`]
  if (NOT_HTTP.has(message)) return ['protocol', 'an answer that nobody asked for']
  const known = KNOWN[code]
  if (known !== undefined) return known
  if (code.startsWith('EAI_') || phase === 'name look-up') return ['dns', 'the look-up failed']
  if (/^(ERR_SSL|ERR_TLS|CERT_|UNABLE_|CRL_)/.test(code) || phase === 'TLS handshake') {
    return ['tls', 'certificate or handshake failure']
  }
  if (phase === 'connect') return ['unreachable', UNREACHABLE]
  return ['protocol', 'what came back is not HTTP/1.1']
}

/** The innermost error that carries a code, else the innermost; past ten levels the chain is taken for a loop. */
function innermost(error: unknown): { code: string; message: string } {
  let found = { code: '', message: String(error) }
  for (let level = 0, next = error; level < 10 && next instanceof Error; level++) {
    const { code, errors, cause } = next as { code?: unknown; errors?: unknown; cause?: unknown }
    if (typeof code === 'string') found = { code, message: next.message }
    else if (found.code === '') found = { code: '', message: next.message || next.name }
    next = Array.isArray(errors) && errors.length > 0 ? errors.at(-1) : cause
  }
  return found
}
