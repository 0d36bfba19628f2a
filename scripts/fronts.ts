import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** Something that stands in front of nodes, on the loopback. */
export interface Front {
  /** `127.0.0.1:port` */
  readonly address: string
  /** What came through, one text for each request. */
  readonly seen: string[]
  close(): void
}

/** A forward proxy that knows some hosts by name, `host:port`, and refuses all others. */
export function startProxy(hosts: Readonly<Record<string, string>>): Promise<Front> {
  const seen: string[] = []
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`)
    const url = URL.parse(incoming.url ?? '')
    const address = url === null ? undefined : hosts[url.host]
    if (address === undefined) response.writeHead(403).end('not allowed\n')
    else passOn(incoming, response, `http://${address}${url?.pathname}`)
  })
  return listen(server, seen)
}

/** PEM texts of an authority, of a server on localhost and of a client, made with openssl. */
export type Certificates = Readonly<
  Record<'ca' | 'server' | 'serverKey' | 'client' | 'clientKey', string>
>

/** A reverse proxy in front of one node that asks for a client certificate and a bearer token. */
export function startTlsFront(
  node: string,
  { ca, server, serverKey }: Certificates,
  token: string,
): Promise<Front> {
  const seen: string[] = []
  const options = { ca, cert: server, key: serverKey, requestCert: true, rejectUnauthorized: true }
  const front = createTlsServer(options, (incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`)
    if (incoming.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end()
    else passOn(incoming, response, `http://${node}${incoming.url}`)
  })
  return listen(front, seen)
}

async function listen(server: ReturnType<typeof createServer>, seen: string[]): Promise<Front> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    seen,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function passOn(incoming: IncomingMessage, response: ServerResponse, url: string): void {
  const { accept } = incoming.headers
  request(url, { headers: accept === undefined ? {} : { accept } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
    .on('error', () => response.destroy())
    .end()
}

/** Makes certificates that are valid for a day, in this folder. */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`)
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '1',
    '-subj',
    '/CN=e2e',
    '-keyout',
    'ca.key',
    '-out',
    'ca',
  )
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1\n')
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    const signed = ['-CA', 'ca', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1']
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-extfile', 'names', '-out', name)
  }
  const read = (name: string) => readFileSync(file(name), 'utf8')
  return {
    ca: read('ca'),
    server: read('server'),
    serverKey: read('server.key'),
    client: read('client'),
    clientKey: read('client.key'),
  }
}
