import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Ending,
  type Exchange,
  type ExchangeOptions,
  startExchange,
} from '../../src/exchange/exchange.ts'
import { NETWORK } from '../support/network.ts'
import { GOOD, reply, reset, serve } from '../support/servers.ts'

// nock takes over node:net while it is active; only the plain exchanges want that.
nock.restore()

const PEER = 'http://127.0.0.1:9324'

const options: ExchangeOptions = {
  route: { kind: 'direct' },
  timeoutMs: 20_000,
  headers: {},
  network: NETWORK,
  onLateError: () => undefined,
}
const ask = (base: string, rest: Partial<ExchangeOptions> = {}) =>
  startExchange(new URL(`${base}/sqs_health`), { ...options, ...rest })

/** How the exchange with the address that was chosen ended. */
async function ending(exchange: Exchange): Promise<Ending> {
  const [chosen] = await exchange.endings
  if (chosen === undefined) throw new Error('no ending')
  return chosen
}

describe('a plain exchange', () => {
  beforeEach(() => {
    nock.activate()
    nock.disableNetConnect()
  })
  afterEach(() => {
    nock.cleanAll()
    nock.restore()
  })

  it('returns the status and the body of a 200', async () => {
    const peer = nock(PEER).get('/sqs_health').reply(200, GOOD)
    const { result, latencyMs } = await ending(ask(PEER))
    expect(result).toEqual({
      kind: 'answer',
      answer: { httpStatus: 200, head: {}, body: Buffer.from(GOOD), proxy: null },
    })
    expect(latencyMs).toBeGreaterThan(0)
    expect(peer.isDone()).toBe(true)
  })

  it('sends its headers and those of the caller', async () => {
    const peer = nock(PEER, {
      reqheaders: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'cache-control': 'no-cache',
        'user-agent': /^htfifo-gate\/\d+\.\d+\.\d+$/,
        'x-token': 'abc',
      },
    })
      .get('/sqs_health')
      .reply(200, GOOD)
    await ending(ask(PEER, { headers: { 'x-token': 'abc' } }))
    expect(peer.isDone()).toBe(true)
  })

  it('follows no redirect and returns its target', async () => {
    nock(PEER).get('/sqs_health').reply(307, 'gone', { location: 'http://127.0.0.2:9324/' })
    const elsewhere = nock('http://127.0.0.2:9324').get('/').reply(200, GOOD)
    expect((await ending(ask(PEER))).result).toMatchObject({
      kind: 'answer',
      answer: { httpStatus: 307, head: { location: 'http://127.0.0.2:9324/' } },
    })
    expect(elsewhere.isDone()).toBe(false)
  })

  it('returns any other status without its body', async () => {
    nock(PEER).get('/sqs_health').reply(503, GOOD)
    expect((await ending(ask(PEER))).result).toMatchObject({
      kind: 'answer',
      answer: { httpStatus: 503, body: Buffer.alloc(0) },
    })
  })

  it('decompresses nothing', async () => {
    const packed = Buffer.from([0x1f, 0x8b, 8, 0])
    nock(PEER).get('/sqs_health').reply(200, packed, { 'content-encoding': 'gzip' })
    expect((await ending(ask(PEER))).result).toMatchObject({ answer: { body: packed } })
  })

  it('returns 1,024 bytes, and of more one byte more', async () => {
    for (const [bytes, read] of [
      [1_024, 1_024],
      [1_025, 1_025],
      [1_026, 1_025],
    ] as const) {
      nock(PEER).get('/sqs_health').reply(200, 'x'.repeat(bytes))
      const { result } = await ending(ask(PEER))
      expect(result.kind === 'answer' && result.answer.body.length).toBe(read)
    }
  })

  it('ends with the code of a failed connection', async () => {
    nock(PEER)
      .get('/sqs_health')
      .replyWithError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    expect((await ending(ask(PEER))).result).toMatchObject({
      kind: 'failure',
      failure: { status: 'refused' },
    })
  })
})

describe('an exchange over a real socket', () => {
  it('tells the remote address, with brackets for IPv6', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      await using server = await serve((socket) => socket.end(reply(GOOD)), { host })
      const { remote } = await ending(ask(`http://${server.address}`))
      expect(remote).toBe(server.address)
    }
  })

  it('knows no remote address where the connection was cut at once', async () => {
    await using server = await serve(reset)
    const { remote, result } = await ending(ask(`http://${server.address}`))
    expect([null, server.address]).toContain(remote)
    expect(result).toMatchObject({ failure: { status: 'disconnected' } })
  })

  it('is cancelled at once, and only once', async () => {
    await using server = await serve(() => undefined)
    const late: unknown[] = []
    const exchange = ask(`http://${server.address}`, { onLateError: (error) => late.push(error) })
    exchange.cancel()
    exchange.cancel()
    const { result } = await ending(exchange)
    expect(result).toEqual({
      kind: 'failure',
      failure: {
        status: 'cancelled',
        error: 'the run was cancelled (phase: connect)',
        starved: false,
      },
    })
    expect(late).toEqual([])
  })

  it('stays as it ended when it is cancelled afterwards', async () => {
    await using server = await serve((socket) => socket.end(reply(GOOD)))
    const exchange = ask(`http://${server.address}`)
    const ended = await ending(exchange)
    exchange.cancel()
    expect(await ending(exchange)).toBe(ended)
    expect(ended.result.kind).toBe('answer')
  })

  it('ends as a failure where it cannot even start, and leaves no timer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
    await using server = await serve(() => undefined)
    const before = timers().length
    const { result } = await ending(
      startExchange(new URL(`https://${server.address}/sqs_health`), options),
    )
    expect(result).toMatchObject({
      kind: 'failure',
      failure: { error: expect.stringContaining('no TLS here') },
    })
    expect(timers()).toHaveLength(before)
  })
})
