import { describe, expect, it } from 'vitest'
import type { Route } from '../../src/inputs/inputs.ts'
import { ask, askServer, endOf } from '../support/exchanges.ts'
import { answering, flooding, GOOD, onRequest, reply, serve } from '../support/servers.ts'

const LINE = 'HTTP/1.1 200 OK\r\n'
const LENGTH = `${LINE}Content-Length: 42\r\n`
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
  it('has its status, its head and its body', async () => {
    const head = `${LENGTH}Age: 0\r\nage: 1\r\nX-Cache: MISS\r\nServer: x\r\n`
    expect(await askServer(answering(reply(GOOD, head)))).toMatchObject({
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
