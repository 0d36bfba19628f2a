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
  if (key !== '' && read(() => createPrivateKey(key)) === null) {
    problems.push('client-key: found no such key, expected a private key in PEM without passphrase')
  }
  if (problems.length > 0 || certificate === '' || key === '') return problems
  try {
    // OpenSSL refuses a key of another certificate, and keys and signatures that are too weak, only here.
    createSecureContext({ cert: certificate, key })
    return []
  } catch (error) {
    const reason = (error as { reason?: unknown }).reason ?? 'refused by OpenSSL'
    return [`client-key: expected the key of client-certificate, fit for TLS, found: ${reason}`]
  }
}

function checkCertificates(input: string, pem: string): string[] {
  if (pem === '') return []
  const blocks = pem.match(CERTIFICATE) ?? []
  const begun = pem.match(/-----BEGIN /g)?.length ?? 0
  const broken = blocks.findIndex((block) => read(() => new X509Certificate(block)) === null)
  if (blocks.length === 0) {
    return [`${input}: found no certificate, expected PEM text or the path of a PEM file`]
  }
  if (broken >= 0) {
    return [`${input}: certificate ${broken + 1} of ${blocks.length} is broken, expected PEM`]
  }
  return begun === blocks.length
    ? []
    : [`${input}: found something else among the certificates, expected certificates only`]
}

function read<T>(make: () => T): T | null {
  try {
    return make()
  } catch {
    return null
  }
}
