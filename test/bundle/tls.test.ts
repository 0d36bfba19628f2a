import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { type Identity, makeAuthority } from '../support/certificates.ts'
import { reportOf, toldBy } from '../support/rows.ts'
import { GOOD, waitForListener } from '../support/servers.ts'
import { hasTool } from '../support/tools.ts'

const HERE = 'IP:127.0.0.1,DNS:localhost'

const hasOpenssl = hasTool('openssl', ['version'], 'all tests of TLS')

const servers: Server[] = []
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const server of servers.splice(0)) server.close()
})

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Starts a ready node behind TLS; tells which protocols were offered and agreed. */
async function startSecure({ certificate, key }: Identity, options: TlsOptions = {}) {
  const seen: { protocol: string | false | null; servername: string | false }[] = []
  const server = createHttpsServer({ ...options, cert: certificate, key }, (_, response) =>
    response.end(GOOD),
  )
  server.on('secureConnection', ({ alpnProtocol, servername }) =>
    seen.push({ protocol: alpnProtocol, servername: servername || false }),
  )
  server.on('tlsClientError', () => undefined)
  const port = await listen(server)
  return { url: `https://127.0.0.1:${port}`, named: `https://localhost:${port}`, seen }
}

/** A server that ends the handshake with an alert where it does not know the client's issuer. */
async function startStrict({ path, keyPath }: Identity, { ca, maxVersion }: TlsOptions) {
  const port = await listen(createTcpServer())
  await new Promise((resolve) => servers.pop()?.close(resolve))
  const trusted = join(dirname(path), 'trusted.pem')
  writeFileSync(trusted, String(ca))
  const version = maxVersion === 'TLSv1.3' ? '-tls1_3' : '-tls1_2'
  const child = spawn(
    'openssl',
    [
      ...['s_server', '-accept', `127.0.0.1:${port}`, '-cert', path, version, '-quiet'],
      ...['-key', keyPath, '-CAfile', trusted],
      ...['-Verify', '1', '-verify_return_error'],
    ],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  )
  children.push(child)
  const url = `https://127.0.0.1:${port}`
  await waitForListener(port)
  return { url }
}

/** The row of the only peer. */
async function poll(url: string, inputs: Record<string, string> = {}, env = {}) {
  const step = await runStep({ peers: url, ...inputs }, { env })
  const [row] = JSON.parse(step.outputs['report'] ?? '{"peers":[]}').peers
  return { ...step, status: row?.status, error: row?.error }
}

describe.skipIf(!hasOpenssl)('TLS', () => {
  let authority: ReturnType<typeof makeAuthority>
  let stranger: ReturnType<typeof makeAuthority>
  let good: Identity
  beforeAll(() => {
    authority = makeAuthority('Authority of the test')
    stranger = makeAuthority('Stranger')
    good = authority.issue(HERE)
  })
  afterAll(() => {
    authority.remove()
    stranger.remove()
  })

  it('ca-certificate opens as text, over HTTP/1.1 alone, with the name of the peer sent and checked', async () => {
    const one = await startSecure(good)
    const two = await startSecure(good, { ALPNProtocols: ['h2', 'http/1.1'] })
    const peers = `${one.url},${one.named},${two.url}`
    const step = await poll(peers, { 'ca-certificate': authority.certificate })
    expect(step).toMatchObject({ code: 0, stderr: '' })
    expect(step.outputs['advertising-count']).toBe('3')
    expect(one.seen.map(({ servername }) => servername).sort()).toEqual([false, 'localhost'])
    expect(two.seen).toMatchObject([{ protocol: 'http/1.1' }])
  })

  it('ca-certificate opens as a path', async () => {
    const { url } = await startSecure(good)
    const step = await poll(url, { 'ca-certificate': authority.path })
    expect(step).toMatchObject({ code: 0, status: 'advertises', stderr: '' })
  })

  it('ca-certificate opens with several certificates, comments between, and CRLF', async () => {
    const { url } = await startSecure(good)
    const both = `# first\n${stranger.certificate}\n# second\n${authority.certificate}`
    const step = await poll(url, { 'ca-certificate': both.replaceAll('\n', '\r\n') })
    expect(step).toMatchObject({ code: 0, status: 'advertises' })
  })

  it('ca-certificate is needed for an unknown issuer', async () => {
    const { url } = await startSecure(good)
    expect(await poll(url)).toMatchObject({
      code: 1,
      status: 'tls',
      // Without what Node.js suggests to whoever starts it.
      error: expect.stringMatching(
        /^the issuer is not trusted \(UNABLE_TO_((?!--use-system-ca).)*$/s,
      ),
    })
  })

  it('ca-certificate comes on top of NODE_EXTRA_CA_CERTS, and the other way round', async () => {
    const mine = await startSecure(good)
    const theirs = await startSecure(stranger.issue(HERE))
    const peers = `${mine.url},${theirs.url}`
    const step = await poll(
      peers,
      { 'ca-certificate': authority.certificate },
      { NODE_EXTRA_CA_CERTS: stranger.path },
    )
    expect(step).toMatchObject({ code: 0, stderr: '' })
    expect(step.outputs['advertising-count']).toBe('2')
  })

  it('NODE_EXTRA_CA_CERTS alone opens', async () => {
    const { url } = await startSecure(good)
    const step = await poll(url, {}, { NODE_EXTRA_CA_CERTS: authority.path })
    expect(step).toMatchObject({ code: 0, status: 'advertises', stderr: '' })
  })

  it('verification cannot be switched off from the environment', async () => {
    const { url } = await startSecure(good)
    expect(await poll(url, {}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toMatchObject({
      code: 1,
      status: 'tls',
      stderr: '',
    })
  })

  it('certificates and protocols that are not right are tls, each with its reason', async () => {
    const old = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const
    const elsewhere = await startSecure(authority.issue('DNS:kv01.example'))
    const wrong = [
      [await startSecure(good, { ALPNProtocols: ['h2'] }), /protocol/i],
      [await startSecure(authority.issue(HERE, { days: -1 })), /the certificate has expired/],
      [await startSecure(stranger), /self-signed and not trusted/],
      [await startSecure(stranger.issue(HERE)), /the issuer is not trusted/],
      [await startSecure(good, old), /./],
      [{ url: elsewhere.named }, /^the certificate is for another name \(.*kv01\.example/],
    ] as const
    const peers = wrong.map(([{ url }]) => url).join()
    const step = await poll(peers, { 'ca-certificate': authority.certificate })
    expect(step.code).toBe(1)
    for (const [index, { status, error }] of reportOf(step).peers.entries()) {
      expect(status).toBe('tls')
      expect(error).toMatch(wrong[index]?.[1] ?? /^$/)
    }
  })

  it('a port with TLS behind http closes the gate', async () => {
    const { url } = await startSecure(good)
    const step = await poll(url.replace('https:', 'http:'))
    expect(step.code).toBe(1)
    expect(['protocol', 'disconnected']).toContain(step.status)
  })

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
    const mutual = () => ({
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    })

    it(`mutual ${version} opens, with text and with paths`, async () => {
      const { url } = await startSecure(good, mutual())
      const client = authority.issue('DNS:gate')
      const ca = { 'ca-certificate': authority.certificate }
      const text = { 'client-certificate': client.certificate, 'client-key': client.key }
      const path = {
        'client-certificate': client.path,
        'client-key': client.keyPath,
      }
      expect(await poll(url, { ...ca, ...text })).toMatchObject({ code: 0, stderr: '' })
      expect(await poll(url, { ...ca, ...path })).toMatchObject({ code: 0, stderr: '' })
    })

    it(`mutual ${version} closes without a client certificate, and says what is missing`, async () => {
      const { url } = await startSecure(good, mutual())
      const step = await poll(url, { 'ca-certificate': authority.certificate })
      expect(step).toMatchObject({ code: 1, status: 'tls' })
      expect(step.error).toMatch(/client certificate/)
      expect(step.summary).toContain('`client-certificate`')
    })

    it.each([
      ['a server that says so in an alert', startStrict],
      ['a server that hangs up', startSecure],
    ])(
      `mutual ${version} closes with the client certificate of an unknown issuer, at %s`,
      async (_, start) => {
        const { url } = await start(good, mutual())
        const client = stranger.issue('DNS:gate')
        const step = await poll(url, {
          'ca-certificate': authority.certificate,
          'client-certificate': client.certificate,
          'client-key': client.key,
        })
        expect(step.code).toBe(1)
        expect(step.status).toBe(start === startStrict ? 'tls' : 'disconnected')
        if (start === startStrict)
          expect(step.error).toMatch(/does not accept the client certificate/)
      },
    )
  })

  const problems = async (inputs: Record<string, string>) => {
    const { url, seen } = await startSecure(good)
    const step = await runStep({ peers: url, ...inputs })
    expect(step.code).toBe(1)
    expect(step.outputs).toMatchObject({ 'all-advertise': 'false', rounds: '0' })
    expect(seen).toEqual([])
    const lines = (inputs['client-key'] ?? '').split('\n').filter((part) => part.length > 40)
    for (const line of lines) expect(toldBy(step)).not.toContain(line)
    return reportOf(step).problems
  }

  it('half a client certificate is a problem', async () => {
    expect(await problems({ 'client-certificate': good.certificate })).toEqual([
      'client-key: found none, expected one, because client-certificate is given',
    ])
    expect(await problems({ 'client-key': good.key })).toEqual([
      'client-certificate: found none, expected one, because client-key is given',
    ])
  })

  it('the key of another certificate is a problem', async () => {
    const { key } = authority.issue('DNS:gate')
    expect(await problems({ 'client-certificate': good.certificate, 'client-key': key })).toEqual([
      'client-key: expected the key of client-certificate, found another one',
    ])
  })

  it('a key that is too weak for TLS is a problem', async () => {
    const weak = authority.issue('DNS:gate', { rsaBits: 1_024 })
    const [problem, ...others] = await problems({
      'client-certificate': weak.certificate,
      'client-key': weak.key,
    })
    expect(others).toEqual([])
    expect(problem).toMatch(/^client-certificate: .*key too small/)
  })

  it('broken PEM is a problem, in all three inputs at once', async () => {
    const broken = good.certificate.replace(/\n.{20}/, '\n')
    const found = await problems({
      'ca-certificate': `${authority.certificate}${broken}`,
      'client-certificate': '-----BEGIN CERTIFICATE-----\n',
      'client-key': good.key.replace(/\n.{20}/, '\n'),
    })
    expect(found.map((problem) => problem.split(':')[0])).toEqual([
      'ca-certificate',
      'client-certificate',
      'client-key',
    ])
    expect(found[0]).toContain('certificate 2 of 2 is broken')
  })

  it('a file that is not there, a folder, and a key where a certificate is expected are problems', async () => {
    const files = { 'ca-certificate': '/nonexistent/ca.pem', 'client-certificate': '/' }
    expect(await problems({ ...files, 'client-key': good.keyPath })).toEqual([
      expect.stringMatching(/^ca-certificate: the file "\/nonexistent\/ca.pem" .*ENOENT/),
      expect.stringMatching(/^client-certificate: .*EISDIR/),
    ])
    expect(await problems({ 'ca-certificate': good.key })).toEqual([
      expect.stringMatching(/^ca-certificate: found no certificate/),
    ])
  })
})
