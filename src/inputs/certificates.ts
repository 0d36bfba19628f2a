import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

/** PEM texts, each empty if not given. */
export interface TlsFiles {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

/** One certificate in a PEM text. */
export const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** Checks the files before anything is polled; returns the problems, which never quote a key. */
export function checkTls({ ca, certificate, key }: TlsFiles): readonly string[] {
  const problems = [
    ...checkCertificates('ca-certificate', ca),
    ...checkCertificates('client-certificate', certificate),
  ]
  if (key !== '') {
    const privateKey = read(() => createPrivateKey(key))
    const leaf = read(() => new X509Certificate(certificate))
    if (privateKey === null) {
      problems.push(
        'client-key: found no such key, expected a private key in PEM without passphrase',
      )
    } else if (leaf !== null && !leaf.checkPrivateKey(privateKey)) {
      problems.push('client-key: expected the key of client-certificate, found another one')
    }
  }
  return problems.length > 0 || certificate === '' || key === ''
    ? problems
    : checkStrength(certificate, key)
}

/** OpenSSL refuses keys and signatures that are too weak only when a context is made of them. */
function checkStrength(cert: string, key: string): string[] {
  try {
    createSecureContext({ cert, key })
    return []
  } catch (error) {
    const reason = (error as { reason?: unknown }).reason ?? 'refused by OpenSSL'
    return [`client-certificate: expected a certificate and key fit for TLS, found: ${reason}`]
  }
}

function checkCertificates(input: string, pem: string): string[] {
  if (pem === '') return []
  const blocks = pem.match(CERTIFICATE) ?? []
  const begun = pem.match(/-----BEGIN /g)?.length ?? 0
  const broken = blocks.findIndex((block) => read(() => new X509Certificate(block)) === null)
  const problem =
    blocks.length === 0
      ? 'found no certificate, expected PEM text or the path of a PEM file'
      : broken >= 0
        ? `certificate ${broken + 1} of ${blocks.length} is broken, expected PEM`
        : begun !== blocks.length &&
          'found something else among the certificates, expected certificates in PEM only'
  return problem ? [`${input}: ${problem}`] : []
}

function read<T>(make: () => T): T | null {
  try {
    return make()
  } catch {
    return null
  }
}
