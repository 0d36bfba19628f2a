import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { CERTIFICATE, type TlsFiles } from '../inputs/inputs.ts'

/**
 * The trust and identity of the gate, made once for all peers: the roots of Node.js, of the system and of
 * `NODE_EXTRA_CA_CERTS`, and the given ones. Throws nothing for files that checkTls found no problem with.
 */
export function makeSecureContext({ ca, certificate, key }: TlsFiles): SecureContext {
  const roots = [...getCACertificates('default'), ...getCACertificates('system')]
  return createSecureContext({
    ca: [...new Set(roots), ...(ca.match(CERTIFICATE) ?? [])],
    ...(certificate === '' ? {} : { cert: certificate, key }),
  })
}
