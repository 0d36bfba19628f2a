import type { Status } from '../shared/status.ts'

/** What is said of a connection that did not last. */
export const CUT = 'the connection was cut before the answer was complete'

/** What says that the runner itself cannot reach an address. */
export const NO_ROUTE: ReadonlySet<unknown> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
])
/** What says that the runner has no file descriptor left. */
export const STARVED: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE'])

const DISTRUSTED = 'the peer does not accept the client certificate'
const REFUSED_HANDSHAKE = 'the peer refused the handshake; it may ask for a client certificate'

/** What is known of the codes of the system and of the libraries: the status, and words that help. */
export const KNOWN: Readonly<Record<string, readonly [Status, string]>> = {
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
