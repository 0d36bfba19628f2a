import { connect } from 'node:net'
import { createSecureContext } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../support/certificates.ts'
import { type AskOptions, ask, endOf } from '../support/exchanges.ts'
import { NETWORK, networkOf } from '../support/network.ts'
import {
  answering,
  type Behaviour,
  flooding,
  GOOD,
  onRequest,
  reply,
  reset,
  resetting,
  serve,
} from '../support/servers.ts'

const { certificate: cert, key } = makeCertificate('kv01.test', 'DNS:kv01.test,IP:127.0.0.1')
const tls = { cert, key }
const context = createSecureContext({ ca: tls.cert })
const network = { ...NETWORK, secure: () => context }
const good = answering(reply(GOOD))

/** A proxy that answers CONNECT with a text and lays the tunnel. */
const tunnelling = (text: string): Behaviour =>
  onRequest((socket, head) => {
    const [, port] = /^CONNECT 127\.0\.0\.1:(\d+) HTTP\/1\.1\r\n/.exec(head) ?? []
    const peer = connect(Number(port), '127.0.0.1')
    peer.on('error', () => socket.destroy())
    socket.removeAllListeners('data')
    socket.write(text)
    socket.pipe(peer).pipe(socket)
  })

/** Asks a peer with TLS through a proxy that behaves like this; gives back the end and the late errors. */
async function askThrough(
  proxy: Behaviour,
  { secure = false, ...options }: AskOptions & { secure?: boolean } = {},
) {
  const late: unknown[] = []
  await using peer = await serve(good, { tls })
  await using server = await serve(proxy, secure ? { tls } : {})
  const url = new URL(`http${secure ? 's' : ''}://${server.address}`)
  const exchange = ask(`https://${peer.address}`, {
    route: { kind: 'tunnel', proxy: url, authorization: null },
    network,
    onLateError: (error) => late.push(error),
    timeoutMs: 3_000,
    ...options,
  })
  const end = await endOf(exchange)
  return { end, error: 'error' in end ? end.error.replace(server.address, 'proxy.test') : '', late }
}

describe('a tunnel', () => {
  it.each([
    ['200', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['a length, which has no meaning here', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n'],
    ['chunks, which have none either', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ])('is laid by an answer with %s', async (_, text) => {
    expect(await askThrough(tunnelling(text))).toMatchObject({ end: { httpStatus: 200 }, late: [] })
  })

  it('may be laid over TLS with the proxy', async () => {
    const { end, late } = await askThrough(tunnelling('HTTP/1.1 200 OK\r\n\r\n'), { secure: true })
    expect(end).toMatchObject({ httpStatus: 200, proxy: null })
    expect(late).toEqual([])
  })

  it.each<[string, Behaviour, RegExp]>([
    ['it answers 407', answering('HTTP/1.1 407 No\r\n\r\n'), /it answered HTTP 407 to CONNECT 127/],
    ['it answers 103', answering('HTTP/1.1 103 E\r\n\r\n'), /it answered HTTP 103 to CONNECT/],
    ['it answers 100', answering('HTTP/1.1 100 C\r\n\r\n'), /an unexpected response/],
    ['it speaks RTSP', answering('RTSP/1.0 200 OK\r\n\r\n'), /is not HTTP\/1\.1 \(.*"RTSP\/1\."/],
    ['it breaks HTTP', answering('HTTP/1.1 200 OK\r\nx\r\n\r\n'), /breaks the rules of HTTP\/1\.1/],
    ['it floods', flooding('HTTP/1.1 200 ', 'x'), /after 65536 bytes the answer was not complete/],
    ['it closes', answering('HTTP/1.1 2'), /the connection was cut/],
    ['it resets', resetting('HTTP/1.1 2'), /the connection was cut/],
  ])('is proxy where %s, told once', async (_, behave, words) => {
    const { end, error, late } = await askThrough(behave)
    expect(end).toMatchObject({ status: 'proxy' })
    expect(error).toMatch(/^proxy proxy\.test: /)
    expect(error).toMatch(words)
    expect(late).toEqual([])
  })

  it('that is cut is disconnected like any connection to the peer', async () => {
    const cut = onRequest((socket) =>
      socket.write('HTTP/1.1 200 OK\r\n\r\n', () => setTimeout(reset, 5, socket)),
    )
    expect((await askThrough(cut)).end).toMatchObject({ status: 'disconnected' })
  })

  it('that hangs is a timeout that names the proxy', async () => {
    const { end } = await askThrough(() => undefined, { timeoutMs: 20 })
    expect(end).toMatchObject({
      status: 'timeout',
      error: expect.stringMatching(
        /^timed out after 20ms \(phase: connect, through proxy 127\.0\.0\.1:\d+\)$/,
      ),
    })
  })
})

describe('a forward proxy', () => {
  it('is looked up, and each of its addresses is tried until one connects', async () => {
    await using server = await serve(good)
    const proxy = new URL(`http://proxy.test:${server.port}`)
    const exchange = ask('http://kv01.test', {
      route: { kind: 'forward', proxy, authorization: null },
      network: networkOf('::1', '127.0.0.1'),
    })
    expect(await exchange.endings).toMatchObject([
      { address: null, result: { answer: { httpStatus: 200 } } },
    ])
  })

  it('whose name does not resolve is proxy', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    const proxy = new URL('http://proxy.test:3128')
    const exchange = ask('http://kv01.test', {
      route: { kind: 'forward', proxy, authorization: null },
      network: { ...NETWORK, resolver: { ...NETWORK.resolver, lookup } },
    })
    expect(await endOf(exchange)).toMatchObject({
      status: 'proxy',
      error: 'proxy proxy.test:3128: the name does not resolve (ENOTFOUND: no)',
    })
  })
})

it.each([
  ['kv01.test', 'kv01.test'],
  ['kv01.test.', 'kv01.test'],
  ['127.0.0.1', false],
])('TLS with %s sends the name %s, and accepts a certificate for it', async (host, name) => {
  let sent: unknown
  await using server = await serve(
    (socket) => {
      sent = 'servername' in socket && socket.servername
      good(socket)
    },
    { tls },
  )
  const end = await endOf(ask(`https://${host}:${server.port}`, { network }))
  expect(end).toMatchObject({ httpStatus: 200 })
  expect(sent).toBe(name)
})
