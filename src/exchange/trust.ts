import tls, { createSecureContext, type SecureContext } from 'node:tls'
import { CERTIFICATE, type TlsFiles } from '../inputs/inputs.ts'

/**
 * The trust and identity of the gate, each made once, when it is first needed: the roots of Node.js, of the system and of
 * `NODE_EXTRA_CA_CERTS`, and the given ones; the client certificate for peers only. Throws nothing for files that checkTls
 * found no problem with.
 */
export function makeTrust({
  ca,
  certificate,
  key,
}: TlsFiles): (side: 'peer' | 'proxy') => SecureContext {
  const made = new Map<string, SecureContext>()
  return (side) => {
    const context =
      made.get(side) ??
      createSecureContext({
        ca: [
          // By the default import: an older Node.js lacks this export, and could not load the file to say that it is too old.
          ...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')]),
          ...(ca.match(CERTIFICATE) ?? []),
        ],
        ...(certificate === '' || side === 'proxy' ? {} : { cert: certificate, key }),
      })
    made.set(side, context)
    return context
  }
}
