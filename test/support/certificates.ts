import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A self-signed certificate and its key, as PEM texts, made by the openssl of the machine for a name and alternatives. */
export function makeCertificate(
  name: string,
  alternative?: string,
): { certificate: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-certificate-'))
  try {
    const [certificate, key] = [join(folder, 'certificate'), join(folder, 'key')]
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
        ...['-subj', `/CN=${name}`, '-days', '2', '-out', certificate, '-keyout', key],
        ...(alternative === undefined ? [] : ['-addext', `subjectAltName=${alternative}`]),
      ],
      { stdio: 'ignore' },
    )
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
