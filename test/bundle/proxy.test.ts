import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { type Identity, makeAuthority } from '../support/certificates.ts'
import { inNamespace } from '../support/namespace.ts'
import { reportOf, toldBy } from '../support/rows.ts'
import { GOOD, onRequest, waitForListener } from '../support/servers.ts'
import { hasTool } from '../support/tools.ts'

/** An address that no rule takes for the loopback. */
const HOST = '10.99.0.1'
/** Squid's stock rules let in nobody but the loopback. */
const SQUID = 'http://127.0.0.1:3128'
const STOCK = '/etc/squid/squid.conf'

/** Squid gives up root for a user of its own, which a user namespace does not have. */
const hasSquid = hasTool('squid', ['-v'], 'all tests with a real proxy', { uid: 13 })
const hasOpenssl = hasTool('openssl', ['version'], 'all tests of TLS through a proxy')

interface Seen {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

inNamespace(import.meta.filename, { addresses: [`${HOST}/32`] }, () => {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  async function listen(server: Server, port: number, host = HOST): Promise<void> {
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
    })
    server.listen(port, host)
    servers.push(server)
    await once(server, 'listening')
  }
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
  })

  /** A node at the usual port; tells what it was asked. */
  async function startNode(port = 9324): Promise<Seen[]> {
    const seen: Seen[] = []
    const server = createHttpServer(({ method = '', url = '', headers }, response) => {
      seen.push({ method, target: url, headers })
      response.end(GOOD)
    })
    await listen(server, port)
    return seen
  }

  async function startSecureNode(port: number, { certificate, key }: Identity): Promise<Seen[]> {
    const seen: Seen[] = []
    const server = createHttpsServer(
      { cert: certificate, key },
      ({ method = '', url = '', headers }, response) => {
        seen.push({ method, target: url, headers })
        response.end(GOOD)
      },
    )
    server.on('tlsClientError', () => undefined)
    await listen(server, port)
    return seen
  }

  /** A proxy that answers every request, CONNECT too, with the same bytes; none leave it silent. */
  async function startFake(
    answer: string,
    { holds = false } = {},
  ): Promise<{ url: string; heard: () => string }> {
    return await startProxy(() => answer, holds)
  }

  /** A proxy that answers each request by its head; an empty answer leaves it silent. */
  async function startProxy(answer: (head: string) => string, holds = false) {
    let heard = ''
    const server = createTcpServer(
      onRequest((socket, head) => {
        heard += head
        const text = answer(head)
        if (text === '') return
        if (holds) socket.write(text)
        else socket.end(text)
      }),
    )
    await listen(server, 8080)
    return { url: `http://${HOST}:8080`, heard: () => heard }
  }

  /** Asks for one node over http and over https, through the same proxy. */
  const pollBoth = (proxy: string, inputs: Record<string, string> = {}, env = {}) =>
    poll(
      `http://${HOST},https://${HOST}`,
      { http_proxy: proxy, https_proxy: proxy, ...env },
      inputs,
    )

  async function poll(peer: string, env: NodeJS.ProcessEnv, inputs: Record<string, string> = {}) {
    const step = await runStep({ peers: peer, ...inputs }, { env })
    const { peers: rows, problems } = reportOf(step)
    const [row] = rows
    return {
      ...step,
      rows,
      told: toldBy(step),
      problems,
      status: row?.status,
      error: row?.error,
    }
  }

  it('loopback never goes through a proxy', async () => {
    const server = createHttpServer((_, response) => response.end(GOOD))
    await listen(server, 9324, '127.0.0.1')
    const env = { http_proxy: `http://${HOST}:1`, HTTP_PROXY: `http://${HOST}:1` }
    expect(await poll('127.0.0.1', env)).toMatchObject({ code: 0, status: 'advertises' })
  })

  describe.skipIf(!hasSquid)('squid', () => {
    let squid: ChildProcess
    let folder: string
    beforeAll(async () => {
      folder = mkdtempSync('/tmp/htfifo-gate-squid-')
      chmodSync(folder, 0o777)
      const settings = [
        `include ${STOCK}`,
        `pid_filename ${join(folder, 'squid.pid')}`,
        `access_log stdio:${join(folder, 'access.log')}`,
        `cache_log ${join(folder, 'cache.log')}`,
        `coredump_dir ${folder}`,
        'visible_hostname proxy.test',
      ]
      writeFileSync(join(folder, 'squid.conf'), `${settings.join('\n')}\n`)
      squid = spawn('squid', ['-N', '-f', join(folder, 'squid.conf')], { stdio: 'ignore' })
      await waitForListener(3128)
    })
    afterAll(async () => {
      const ended = once(squid, 'exit')
      squid.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true })
    })

    it('plain http through squid opens on 9324, as a GET in absolute form', async () => {
      const seen = await startNode()
      const step = await poll(HOST, { http_proxy: SQUID })
      expect(step).toMatchObject({ code: 0, status: 'advertises', stderr: '' })
      expect(seen).toMatchObject([
        { method: 'GET', target: expect.stringMatching(/^\/sqs_health\?[0-9a-f-]{36}$/) },
      ])
      expect(seen[0]?.headers['via']).toMatch(/squid/)
      expect(seen[0]?.headers['accept']).toBe('application/json')
      const log = readFileSync(join(folder, 'access.log'), 'utf8')
      expect(log).toContain(`GET http://${HOST}:9324/sqs_health`)
    })

    it('every round through squid reaches the node: nothing comes from its cache', async () => {
      const seen = await startNode()
      const step = await poll(
        HOST,
        { http_proxy: SQUID },
        { 'stable-rounds': '3', interval: '100ms' },
      )
      expect(step.code).toBe(0)
      expect(seen).toHaveLength(3)
    })

    it('HTTP_PROXY in capitals leads through squid as well', async () => {
      const seen = await startNode()
      const step = await poll(HOST, { HTTP_PROXY: SQUID })
      expect(step.code).toBe(0)
      expect(seen[0]?.headers['via']).toMatch(/squid/)
    })

    it('a peer that squid cannot reach is proxy with 503', async () => {
      const step = await poll(HOST, { http_proxy: SQUID })
      expect(step).toMatchObject({
        code: 1,
        status: 'proxy',
        error: 'proxy 127.0.0.1:3128: HTTP 503, from the proxy or from what is behind it',
      })
      expect(step.summary).toContain('❓&nbsp;proxy failure')
    })

    it('a port that the rules of squid do not allow is proxy with 403', async () => {
      const step = await poll(`http://${HOST}:25`, { http_proxy: SQUID })
      expect(step).toMatchObject({
        code: 1,
        status: 'proxy',
        error: 'proxy 127.0.0.1:3128: HTTP 403, from the proxy or from what is behind it',
      })
    })

    it('what the node itself answers is the node’s, also through squid', async () => {
      const server = createHttpServer((_, response) => response.writeHead(404).end())
      await listen(server, 9324)
      const step = await poll(HOST, { http_proxy: SQUID })
      expect(step).toMatchObject({ code: 1, status: 'http-error' })
    })

    describe.skipIf(!hasOpenssl)('squid and https', () => {
      let authority: ReturnType<typeof makeAuthority>
      let identity: Identity
      beforeAll(() => {
        authority = makeAuthority('Authority of the test')
        identity = authority.issue(`IP:${HOST}`)
      })
      afterAll(() => authority.remove())

      it('https to 443 opens through CONNECT of squid', async () => {
        const seen = await startSecureNode(443, identity)
        const step = await poll(
          `https://${HOST}`,
          { https_proxy: SQUID },
          { 'ca-certificate': authority.certificate },
        )
        expect(step).toMatchObject({ code: 0, status: 'advertises', stderr: '' })
        expect(seen).toMatchObject([
          { method: 'GET', target: expect.stringMatching(/^\/sqs_health\?[0-9a-f-]{36}$/) },
        ])
        expect(seen[0]?.headers['host']).toBe(HOST)
        const log = readFileSync(join(folder, 'access.log'), 'utf8')
        expect(log).toContain(`CONNECT ${HOST}:443`)
      })

      it('https to 9324 is refused by the stock rules of squid: proxy with 403', async () => {
        const seen = await startSecureNode(9324, identity)
        const step = await poll(
          `https://${HOST}:9324`,
          { https_proxy: SQUID },
          { 'ca-certificate': authority.certificate },
        )
        expect(step).toMatchObject({ code: 1, status: 'proxy' })
        expect(step.error).toMatch(/HTTP 403/)
        expect(seen).toEqual([])
      })

      it('https to a node that squid cannot reach is proxy with 503', async () => {
        const step = await poll(`https://${HOST}`, { https_proxy: SQUID })
        expect(step).toMatchObject({ code: 1, status: 'proxy' })
        expect(step.error).toMatch(/HTTP 503/)
      })

      it('https through squid verifies the certificate of the node, not of the proxy', async () => {
        await startSecureNode(443, identity)
        const step = await poll(`https://${HOST}`, { https_proxy: SQUID })
        expect(step).toMatchObject({ code: 1, status: 'tls' })
        expect(step.error).toMatch(/the issuer is not trusted/)
      })
    })
  })

  it.each([HOST, `${HOST}:9324`, `example.test, ${HOST} `, '*'])(
    'no_proxy %s goes direct',
    async (value) => {
      const seen = await startNode()
      const step = await poll(HOST, { http_proxy: `http://${HOST}:1`, no_proxy: value })
      expect(step.code).toBe(0)
      expect(seen[0]?.headers['via']).toBeUndefined()
    },
  )

  it('http_proxy is not for https, nor https_proxy for http', async () => {
    const seen = await startNode()
    expect(await poll(HOST, { https_proxy: `http://${HOST}:1` })).toMatchObject({ code: 0 })
    expect(seen).toHaveLength(1)
    const step = await poll(`https://${HOST}:1`, { http_proxy: `http://${HOST}:1` })
    expect(step.status).toBe('refused')
  })

  it('a proxy that is down is proxy, with the reason', async () => {
    await startNode()
    const { code, rows } = await pollBoth(`http://${HOST}:8080`)
    expect(code).toBe(1)
    const error = expect.stringMatching(new RegExp(`^proxy ${HOST}:8080: connection refused`))
    expect(rows).toMatchObject(Array(2).fill({ status: 'proxy', error }))
  })

  it('a proxy that asks for credentials is proxy', async () => {
    const { url } = await startFake(
      'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
    )
    const step = await pollBoth(url)
    expect(step.code).toBe(1)
    const error = expect.stringMatching(/HTTP 407/)
    expect(step.rows).toMatchObject(Array(2).fill({ status: 'proxy', error }))
    expect(step.summary).toContain('proxy failure')
  })

  it('what comes through the proxy says so', async () => {
    const answers = [
      ['403 Forbidden', '', /^HTTP 403, expected 200, through proxy /],
      ['302 Found', 'Location: http://login/\r\n', /followed, through proxy /],
      ['200 OK', '', /^malformed JSON: .*, through proxy /],
      ['200 OK', 'Age: 60\r\n', /\(Age: 60\), through proxy /],
      ['502 Bad', '', /^proxy .*: HTTP 502, from the proxy or from what is behind it$/],
    ] as const
    const { url } = await startProxy((head) => {
      const [status, fields] = answers[Number(/^GET \S+\/(\d)\/sqs_health/.exec(head)?.[1])] ?? []
      return `HTTP/1.1 ${status}\r\n${fields}Content-Length: 3\r\n\r\n<p>`
    })
    const peers = answers.map((_, index) => `http://${HOST}/${index}`)
    const { code, rows } = await poll(peers.join(), { http_proxy: url })
    expect(code).toBe(1)
    for (const [index, [, , told]] of answers.entries()) {
      expect(rows[index]?.error).toMatch(told)
      expect(rows[index]?.error).toContain(`${HOST}:8080`)
    }
  })

  it('a name that only the proxy knows is left to it', async () => {
    const { url, heard } = await startFake(
      `HTTP/1.1 200 OK\r\nContent-Length: ${GOOD.length}\r\n\r\n${GOOD}`,
    )
    expect(await poll('kv01.invalid', { http_proxy: url })).toMatchObject({ code: 0 })
    expect(heard()).toMatch(/^GET http:\/\/kv01\.invalid:9324\/sqs_health\?/)
  })

  it('credentials in the address are sent and secret', async () => {
    // It gives them back, in a header and in the body.
    const basic = Buffer.from('gate:p@ss/w:rd').toString('base64')
    const { heard } = await startFake(
      `HTTP/1.1 302 p@ss/w:rd\r\nLocation: http://x/?${basic}&p%40ss%2Fw%3Ard\r\nContent-Length: 0\r\n\r\n`,
    )
    const proxy = `http://gate:p%40ss%2Fw%3Ard@${HOST}:8080`
    const step = await pollBoth(proxy, {}, { RUNNER_DEBUG: '1' })
    expect(step.code).toBe(1)
    expect(
      heard().match(new RegExp(`^proxy-authorization: Basic ${basic}\r$`, 'gim')),
    ).toHaveLength(2)
    for (const secret of ['p@ss/w:rd', 'p%40ss', basic]) expect(step.told).not.toContain(secret)
    expect(step.stdout).toContain('::add-mask::p@ss/w:rd')
  })

  it('credentials for the proxy do not reach the node behind a tunnel', async () => {
    const { url, heard } = await startFake('HTTP/1.1 200 OK\r\n\r\n')
    await poll(`https://${HOST}`, { https_proxy: url.replace('//', '//gate:secret@') })
    expect(heard()).toMatch(/^CONNECT 10\.99\.0\.1:443 HTTP\/1\.1\r\n/)
    expect(heard().match(/proxy-authorization/gi)).toHaveLength(1)
  })

  it('headers for the peers do not reach the proxy of a tunnel', async () => {
    const { url, heard } = await startFake('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    await poll(`https://${HOST}`, { https_proxy: url }, { headers: 'Authorization: Bearer abcdef' })
    expect(heard()).toContain('CONNECT')
    expect(heard()).not.toContain('abcdef')
  })

  it('a proxy that hangs is a timeout', async () => {
    const { url } = await startFake('')
    const { code, rows } = await pollBoth(url, { timeout: '500ms' })
    expect(code).toBe(1)
    const error = expect.stringMatching(
      new RegExp(`^timed out after 500ms \\(phase: .*, through proxy ${HOST}:8080\\)$`),
    )
    expect(rows).toMatchObject(Array(2).fill({ status: 'timeout', error }))
  })

  it('a proxy that hangs up is proxy', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.destroy()))
    await listen(server, 8080)
    const { code, rows } = await pollBoth(`http://${HOST}:8080`)
    expect(code).toBe(1)
    expect(rows).toMatchObject([{ status: 'proxy' }, { status: 'proxy' }])
  })

  it('a proxy that does not speak HTTP is proxy', async () => {
    const { url } = await startFake('SSH-2.0-OpenSSH_9.2\r\n')
    const { code, rows } = await pollBoth(url)
    expect(code).toBe(1)
    expect(rows).toMatchObject([{ status: 'proxy' }, { status: 'proxy' }])
  })

  it('204 to CONNECT is a tunnel, as any 2xx', async () => {
    const { url } = await startFake('HTTP/1.1 204 No Content\r\n\r\n', { holds: true })
    const step = await poll(`https://${HOST}`, { https_proxy: url }, { timeout: '1s' })
    expect(step).toMatchObject({ code: 1, status: 'timeout' })
    expect(step.error).toContain('phase: TLS handshake, through proxy')
  })

  it.each([
    ['100 Continue', 'an unexpected response'],
    ['103 Early Hints', 'it answered HTTP 103 to CONNECT 10.99.0.1:443'],
  ])('an interim %s to CONNECT that nobody asked for is proxy', async (line, words) => {
    const { url } = await startFake(`HTTP/1.1 ${line}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`)
    const step = await poll(`https://${HOST}`, { https_proxy: url })
    expect(step).toMatchObject({ code: 1, status: 'proxy' })
    expect(step.error).toContain(words)
  })

  it('a tunnel that opens and then hangs is a timeout in the handshake', async () => {
    const server = createTcpServer((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n')),
    )
    await listen(server, 8080)
    const step = await poll(
      `https://${HOST}`,
      { https_proxy: `http://${HOST}:8080` },
      { timeout: '1s' },
    )
    expect(step).toMatchObject({ code: 1, status: 'timeout' })
    expect(step.error).toContain('phase: TLS handshake, through proxy')
  })

  it.each([
    'proxy.test:3128',
    'ftp://10.99.0.1:8080',
    'http://',
    'http://gate:secret@:8080',
    'not an address: secret',
  ])('a variable that is no address, %s, is bad input and not echoed', async (value) => {
    const seen = await startNode()
    const step = await poll(`${HOST},https://${HOST}`, { http_proxy: value, https_proxy: value })
    expect(step.code).toBe(1)
    expect(step.problems).toEqual(
      ['http_proxy', 'https_proxy'].map(
        (variable) =>
          `${variable}: found a value that is no proxy address, expected http://host:port or https://host:port, with the scheme, without quotation marks, and with %25 for a "%" in user or password`,
      ),
    )
    expect(step.told).not.toContain('secret')
    expect(seen).toEqual([])
  })

  it.each([
    ['http://gate:%zz-secret@10.99.0.1:8080', 'with %25 for a "%" in user or password'],
    ['"http://gate:secret@10.99.0.1:8080"', 'without quotation marks'],
  ])('what is wrong with %s is told, and not echoed', async (value, words) => {
    const step = await poll(HOST, { http_proxy: value })
    expect(step.code).toBe(1)
    expect(step.problems).toEqual([expect.stringMatching(/^http_proxy: found a value/)])
    expect(step.problems[0]).toContain(words)
    expect(step.told).not.toContain('secret')
  })

  it('an address without a scheme is http, as the runner reads it', async () => {
    const { url, heard } = await startFake('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n')
    const step = await poll(HOST, { http_proxy: url.replace('http://', '') })
    expect(step.status).toBe('legacy')
    expect(heard()).toMatch(
      /^GET http:\/\/10\.99\.0\.1:9324\/sqs_health\?[0-9a-f-]{36} HTTP\/1\.1\r\n/,
    )
    expect(heard()).toMatch(/^host: 10\.99\.0\.1:9324\r$/im)
  })

  describe.skipIf(!hasOpenssl)('a proxy that is reached over https', () => {
    let authority: ReturnType<typeof makeAuthority>
    let identity: Identity
    beforeAll(() => {
      authority = makeAuthority('Authority of the test')
      identity = authority.issue(`IP:${HOST}`)
    })
    afterAll(() => authority.remove())

    /** Forwards CONNECT to the loopback port that was asked for, and answers a GET itself. */
    async function startSecureProxy(): Promise<string[]> {
      const heard: string[] = []
      const server = createTlsServer(
        { cert: identity.certificate, key: identity.key },
        (socket) => {
          socket.on('error', () => undefined)
          socket.once('data', (bytes) => {
            const text = bytes.toString('latin1')
            heard.push(text.split('\r\n')[0] ?? '')
            const [, port] = /^CONNECT [^ ]*:(\d+) /.exec(text) ?? []
            if (port === undefined) {
              socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${GOOD.length}\r\n\r\n${GOOD}`)
              return
            }
            const onward = connect(Number(port), HOST)
            onward.on('error', () => socket.destroy())
            onward.once('connect', () => {
              socket.write('HTTP/1.1 200 OK\r\n\r\n')
              socket.pipe(onward).pipe(socket)
            })
          })
        },
      )
      server.on('tlsClientError', () => undefined)
      await listen(server, 8443)
      return heard
    }

    it('a proxy that is reached over https opens for plain http', async () => {
      const heard = await startSecureProxy()
      const step = await poll(
        HOST,
        { http_proxy: `https://${HOST}:8443` },
        { 'ca-certificate': authority.certificate },
      )
      expect(step).toMatchObject({ code: 0, status: 'advertises' })
      expect(heard).toEqual([
        expect.stringMatching(
          /^GET http:\/\/10\.99\.0\.1:9324\/sqs_health\?[0-9a-f-]{36} HTTP\/1\.1$/,
        ),
      ])
    })

    it('a proxy that is reached over https opens for https, TLS inside TLS', async () => {
      const heard = await startSecureProxy()
      const seen = await startSecureNode(443, identity)
      const step = await poll(
        `https://${HOST}`,
        { https_proxy: `https://${HOST}:8443` },
        { 'ca-certificate': authority.certificate },
      )
      expect(step).toMatchObject({ code: 0, status: 'advertises' })
      expect(heard).toEqual([`CONNECT ${HOST}:443 HTTP/1.1`])
      expect(seen).toHaveLength(1)
    })

    it('a proxy that is reached over https is verified: an unknown issuer is proxy, and says so', async () => {
      await startSecureProxy()
      const step = await poll(HOST, { http_proxy: `https://${HOST}:8443` })
      expect(step).toMatchObject({ code: 1, status: 'proxy' })
      expect(step.error).toMatch(/the issuer is not trusted/)
    })
  })
})
