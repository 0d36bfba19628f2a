import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ExchangeOptions, startExchange } from '../../src/exchange/exchange.ts'
import { GOOD, reply, reset, serve } from '../support/servers.ts'

// nock takes over node:net while it is active; only the plain exchanges want that.
nock.restore()

const PEER = 'http://peer.test:9324'

const options: ExchangeOptions = {
  route: { kind: 'direct' },
  timeoutMs: 20_000,
  headers: {},
  secure: () => {
    throw new Error('no TLS here')
  },
  onLateError: () => undefined,
}
const ask = (base: string, rest: Partial<ExchangeOptions> = {}) =>
  startExchange(new URL(`${base}/sqs_health`), { ...options, ...rest })

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
    const { outcome, latencyMs } = await ask(PEER).ending
    expect(outcome).toEqual({
      kind: 'answer',
      answer: { httpStatus: 200, location: null, body: Buffer.from(GOOD) },
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
    await ask(PEER, { headers: { 'x-token': 'abc' } }).ending
    expect(peer.isDone()).toBe(true)
  })

  it('follows no redirect and returns its target', async () => {
    nock(PEER).get('/sqs_health').reply(307, 'gone', { location: 'http://elsewhere.test/' })
    const elsewhere = nock('http://elsewhere.test').get('/').reply(200, GOOD)
    expect((await ask(PEER).ending).outcome).toMatchObject({
      kind: 'answer',
      answer: { httpStatus: 307, location: 'http://elsewhere.test/' },
    })
    expect(elsewhere.isDone()).toBe(false)
  })

  it('returns any other status without its body', async () => {
    nock(PEER).get('/sqs_health').reply(503, GOOD)
    expect((await ask(PEER).ending).outcome).toMatchObject({
      kind: 'answer',
      answer: { httpStatus: 503, location: null, body: Buffer.alloc(0) },
    })
  })

  it('decompresses nothing', async () => {
    const packed = Buffer.from([0x1f, 0x8b, 8, 0])
    nock(PEER).get('/sqs_health').reply(200, packed, { 'content-encoding': 'gzip' })
    expect((await ask(PEER).ending).outcome).toMatchObject({ answer: { body: packed } })
  })

  it('returns 1,024 bytes, and of more one byte more', async () => {
    for (const [bytes, read] of [
      [1_024, 1_024],
      [1_025, 1_025],
      [1_026, 1_025],
    ] as const) {
      nock(PEER).get('/sqs_health').reply(200, 'x'.repeat(bytes))
      const { outcome } = await ask(PEER).ending
      expect(outcome.kind === 'answer' && outcome.answer.body.length).toBe(read)
    }
  })

  it('ends with the code of a failed connection', async () => {
    nock(PEER)
      .get('/sqs_health')
      .replyWithError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
    expect((await ask(PEER).ending).outcome).toMatchObject({
      kind: 'failure',
      failure: { status: 'refused' },
    })
  })
})

describe('an exchange over a real socket', () => {
  it('tells the remote address, with brackets for IPv6', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      await using server = await serve((socket) => socket.end(reply(GOOD)), { host })
      const { remote } = await ask(`http://${server.address}`).ending
      expect(remote).toBe(server.address)
    }
  })

  it('knows no remote address where the connection was cut at once', async () => {
    await using server = await serve(reset)
    const { remote, outcome } = await ask(`http://${server.address}`).ending
    expect([null, server.address]).toContain(remote)
    expect(outcome).toMatchObject({ failure: { status: 'disconnected' } })
  })

  it('is cancelled at once, and only once', async () => {
    await using server = await serve(() => undefined)
    const late: unknown[] = []
    const exchange = ask(`http://${server.address}`, { onLateError: (error) => late.push(error) })
    exchange.cancel()
    exchange.cancel()
    const { outcome } = await exchange.ending
    expect(outcome).toEqual({
      kind: 'failure',
      failure: { status: 'cancelled', error: 'the run was cancelled (phase: connect)' },
    })
    expect(late).toEqual([])
  })

  it('stays as it ended when it is cancelled afterwards', async () => {
    await using server = await serve((socket) => socket.end(reply(GOOD)))
    const exchange = ask(`http://${server.address}`)
    const ended = await exchange.ending
    exchange.cancel()
    expect(await exchange.ending).toBe(ended)
    expect(ended.outcome.kind).toBe('answer')
  })

  it('ends as a failure where it cannot even start, and leaves no timer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
    const before = timers().length
    const { outcome } = await startExchange(new URL('https://127.0.0.1:1/sqs_health'), options)
      .ending
    expect(outcome).toMatchObject({
      kind: 'failure',
      failure: { error: expect.stringContaining('no TLS here') },
    })
    expect(timers()).toHaveLength(before)
  })
})
