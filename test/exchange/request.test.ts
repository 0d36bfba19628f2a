import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Route } from '../../src/inputs/inputs.ts'
import { ask, askServer, endOf } from '../support/exchanges.ts'
import {
  answering,
  flooding,
  GOOD,
  holding,
  onRequest,
  reply,
  reset,
  resetting,
  serve,
} from '../support/servers.ts'

const LINE = 'HTTP/1.1 200 OK\r\n'
const LENGTH = `${LINE}Content-Length: 42\r\n`
const CHUNKED = `${LINE}Transfer-Encoding: chunked\r\n\r\n`
const bodyOf = async (body: string | Buffer, head?: string) => {
  const end = await askServer(
    answering(Buffer.concat([Buffer.from(reply('', head)), Buffer.from(body)])),
  )
  return 'body' in end ? end.body.length : end
}

/** The head of the request that a server gets; it is asked twice. */
async function headsOf(route: Route = { kind: 'direct' }) {
  const heads: string[] = []
  await using server = await serve(
    onRequest((socket, head) => {
      heads.push(head)
      socket.end(reply(GOOD))
    }),
  )
  const through =
    route.kind === 'direct' ? route : { ...route, proxy: new URL(`http://${server.address}`) }
  const base = route.kind === 'direct' ? `http://${server.address}` : 'http://kv01.test:9324'
  for (let asked = 0; asked < 2; asked++) {
    await endOf(ask(`${base}/base`, { route: through, headers: { 'x-token': 'abc' } }))
  }
  return { server, heads }
}

describe('a request', () => {
  it('is a GET with the headers of the gate and of the caller, and a query of its own', async () => {
    const { server, heads } = await headsOf()
    const queries = heads.map((head) => {
      const [line = '', ...fields] = head.trimEnd().split('\r\n')
      expect(fields.sort()).toEqual([
        'accept-encoding: identity',
        'accept: application/json',
        'cache-control: no-cache',
        'connection: close',
        `host: ${server.address}`,
        expect.stringMatching(/^user-agent: htfifo-gate\/\d+\.\d+\.\d+$/),
        'x-token: abc',
      ])
      return /^GET \/base\/sqs_health\?([0-9a-f-]{36}) HTTP\/1\.1$/.exec(line)?.[1]
    })
    expect(queries).toEqual([expect.any(String), expect.any(String)])
    expect(new Set(queries).size).toBe(2)
  })

  it('to a forward proxy is in absolute form, with the credentials for the proxy', async () => {
    const proxy = new URL('http://proxy.test')
    const { heads } = await headsOf({ kind: 'forward', proxy, authorization: 'Basic eA==' })
    expect(heads[0]).toMatch(/^GET http:\/\/kv01\.test:9324\/base\/sqs_health\?[0-9a-f-]{36} HTTP/)
    expect(heads[0]).toContain('\r\nhost: kv01.test:9324\r\n')
    expect(heads[0]).toContain('\r\nproxy-authorization: Basic eA==\r\n')
  })
})

describe('an answer', () => {
  it('has its status, its body, and of its head what the decision reads', async () => {
    const head = `${LENGTH}Age: 0\r\nage: 1\r\nX-Cache: MISS\r\nServer: x\r\n`
    expect(await askServer(answering(reply(GOOD, head)))).toEqual({
      httpStatus: 200,
      head: { age: ['0', '1'], 'x-cache': 'MISS' },
      body: Buffer.from(GOOD),
      proxy: null,
    })
  })

  it('to a redirect is returned with its target and not followed', async () => {
    const head = 'HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:1/\r\n'
    expect(await askServer(answering(reply('', head)))).toMatchObject({
      httpStatus: 307,
      head: { location: 'http://127.0.0.1:1/' },
    })
  })

  it('of any other status than 200 ends with its head', async () => {
    const endless = flooding('HTTP/1.1 503 No\r\n\r\n', 'x')
    expect(await askServer(endless)).toMatchObject({ httpStatus: 503, body: Buffer.alloc(0) })
  })

  it('is not decompressed', async () => {
    const head = `${LINE}Content-Encoding: gzip\r\nContent-Length: 4\r\n`
    expect(await bodyOf(Buffer.from([0x1f, 0x8b, 8, 0]), head)).toBe(4)
  })

  it.each([
    [1_024, 1_024],
    [1_025, 1_025],
    [1_026, 1_025],
    [60_000, 1_025],
  ])('of %i bytes is read up to %i', async (bytes, read) => {
    expect(await bodyOf('x'.repeat(bytes), `${LINE}Content-Length: ${bytes}\r\n`)).toBe(read)
  })

  it('without a length ends with its connection', async () => {
    expect(await bodyOf(GOOD, LINE)).toBe(42)
  })

  it('may have interim answers in front of it, but 100 and 101', async () => {
    const interim = 'HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: </x>\r\n\r\n'
    expect(await askServer(answering(interim + reply(GOOD)))).toMatchObject({ httpStatus: 200 })
  })
})

describe('what came back is protocol:', () => {
  const rules = 'what came back breaks the rules of HTTP/1.1'
  const start = 'what came back is not HTTP/1.1 (it starts with'
  const hidden = `${rules} (Content-Length, or a header field after it, is invalid)`
  it.each<[string, string, string]>([
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.9\r\n', `${start} "SSH-2.0")`],
    ['RTSP', reply(GOOD, LENGTH.replace('HTTP/1.1', 'RTSP/1.0')), `${start} "RTSP/1.")`],
    ['HTTP/2.0', reply(GOOD, LENGTH.replace('1.1', '2.0')), `${start} "HTTP/2.")`],
    ['a blank line first', `\r\n${reply(GOOD)}`, `${start} "\r\nHTTP/")`],
    ['an unasked 100', `HTTP/1.1 100 Continue\r\n\r\n${reply(GOOD)}`, 'an unexpected response'],
    ['101', `HTTP/1.1 101 S\r\n\r\n${reply(GOOD)}`, 'an unexpected response (HTTP 101)'],
    [
      '101 with an upgrade',
      `HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n${reply(GOOD)}`,
      'an unexpected response',
    ],
    [
      '100 with a bare LF, which would hide what follows',
      `HTTP/1.1 100 x\n\r\nHTTP/1.1 503 No\r\n\r\n${reply(GOOD)}`,
      `${rules} (Missing expected CR after response line)`,
    ],
    [
      '100 without its blank line',
      `HTTP/1.1 100 x\r\nHTTP/1.1 503 No\r\n\r\n${reply(GOOD)}`,
      `${rules} (Invalid header token)`,
    ],
    ['a folded field', `${LINE}x: a\r\n b\r\n\r\n`, `${rules} (Unexpected whitespace`],
    ['a field without a colon', `${LINE}garbage\r\n\r\n`, `${rules} (Invalid header token)`],
    ['two lengths', reply(GOOD, `${LENGTH}Content-Length: 20\r\n`), hidden],
    ['a folded field after a length', reply(GOOD, `${LENGTH}x: a\r\n b\r\n`), hidden],
    ['a field without a colon after a length', reply(GOOD, `${LENGTH}garbage\r\n`), hidden],
    ['a chunk size that is no number', `${CHUNKED}zz\r\n`, `${rules} (Invalid character in chunk`],
    ['the status 099', reply(GOOD, LENGTH.replace('200', '099')), '99 is not an HTTP status code'],
    [
      'an unknown transfer coding',
      `${LINE}Transfer-Encoding: x\r\n\r\n`,
      'the transfer coding "x"',
    ],
    [
      'trailers of more than 16 KiB',
      `${CHUNKED}2a\r\n${GOOD}\r\n0\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`,
      'the response headers are too large',
    ],
  ])('%s', async (_, text, words) => {
    const end = await askServer(holding(text), { timeoutMs: 3_000 })
    expect({ ...end, error: 'error' in end && end.error.slice(0, words.length) }).toMatchObject({
      status: 'protocol',
      error: words,
    })
  })

  it.each([
    ['an endless reason phrase', flooding('HTTP/1.1 200 ', 'O')],
    ['an endless chunk extension', flooding(`${CHUNKED}2a;`, 'x')],
    ['103 for ever', flooding('', 'HTTP/1.1 103 E\r\n\r\n')],
  ])('%s, cut after 64 KiB', async (_, behave) => {
    expect(await askServer(behave, { timeoutMs: 3_000 })).toMatchObject({
      status: 'protocol',
      error: 'after 65536 bytes the answer was not complete',
    })
  })
})

it.each([
  ['closed', 'at once', (socket: Socket) => socket.end()],
  ['reset', 'at once', reset],
  ['closed', 'in the status line', answering('HTTP/1.1 2')],
  ['closed', 'in the first bytes', answering('HTT')],
  ['closed', 'in a body with a length', answering(`${LENGTH}\r\n{`)],
  ['closed', 'before the last chunk', answering(`${CHUNKED}2a\r\n${GOOD}\r\n`)],
  ['reset', 'in a body without a length', resetting(`${LINE}\r\n${GOOD}`)],
] as const)('a connection that is %s %s is disconnected', async (_, __, behave) => {
  expect(await askServer(behave)).toMatchObject({
    status: 'disconnected',
    error: expect.stringMatching(/^the connection was cut before the answer was complete/),
  })
})
