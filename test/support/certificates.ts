import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate and its key, in PEM, and the files that hold them. */
export interface Identity {
  readonly certificate: string
  readonly key: string
  readonly path: string
  readonly keyPath: string
}

export interface Authority extends Identity {
  /** Issues a certificate for the names, such as `IP:127.0.0.1,DNS:localhost`; with `days` of -1, an expired one. */
  issue(names: string, options?: { readonly days?: number; readonly rsaBits?: number }): Identity
  /** Deletes its folder. */
  remove(): void
}

/** Makes a certificate authority, self-signed, with the openssl of the machine, in a folder of its own. */
export function makeAuthority(name: string, alternative?: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-ca-'))
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const read = (file: string): Identity => ({
    certificate: readFileSync(join(folder, `${file}.pem`), 'utf8'),
    key: readFileSync(join(folder, `${file}.key`), 'utf8'),
    path: join(folder, `${file}.pem`),
    keyPath: join(folder, `${file}.key`),
  })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl(
    ...['req', '-x509', ...curve, '-subj', `/CN=${name}`, '-days', '2'],
    ...['-keyout', 'ca.key', '-out', 'ca.pem'],
    ...(alternative === undefined ? [] : ['-addext', `subjectAltName=${alternative}`]),
  )
  let issued = 0
  return {
    ...read('ca'),
    issue(names, { days = 2, rsaBits } = {}) {
      const file = `issued-${++issued}`
      const kind = rsaBits === undefined ? curve : ['-newkey', `rsa:${rsaBits}`, '-nodes']
      writeFileSync(join(folder, `${file}.ext`), `subjectAltName=${names}\n`)
      openssl('req', ...kind, '-subj', '/CN=peer', '-keyout', `${file}.key`, '-out', `${file}.csr`)
      openssl(
        ...['x509', '-req', '-in', `${file}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'],
        ...['-CAcreateserial', '-days', String(days)],
        ...['-extfile', `${file}.ext`, '-out', `${file}.pem`],
      )
      return read(file)
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** A self-signed certificate and its key, as PEM texts, made for a name and alternatives. */
export function makeCertificate(
  name: string,
  alternative?: string,
): { certificate: string; key: string } {
  const { certificate, key, remove } = makeAuthority(name, alternative)
  remove()
  return { certificate, key }
}
