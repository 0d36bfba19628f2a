import { createSecureContext } from 'node:tls'
import { describe, expect, it } from 'vitest'
import type { Network } from '../../src/exchange/exchange.ts'
import { makeCertificate } from '../support/certificates.ts'
import { type AskOptions, ask, endOf } from '../support/exchanges.ts'
import { NETWORK, networkOf } from '../support/network.ts'
import { answering, type Behaviour, GOOD, reply, serve, serveNoSyn } from '../support/servers.ts'

const good = answering(reply(GOOD))
const silent = () => undefined

/** A network in which looking a name up goes like this. */
const lookingUp = (lookup: Network['resolver']['lookup']): Network => ({
  ...NETWORK,
  resolver: { ...NETWORK.resolver, lookup },
})

/** Keeps the event loop busy. */
function stall(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('an exchange with one address', () => {
  it.each(['127.0.0.1', '::1'])('tells the address that it asked: %s', async (host) => {
    await using server = await serve(good, { host })
    const endings = await ask(`http://${server.address}`).endings
    expect(endings).toMatchObject([{ address: server.address, reached: 'body' }])
  })

  it('is cancelled at once, only once, and closes its connection', async () => {
    const closed = Promise.withResolvers<void>()
    const late: unknown[] = []
    await using server = await serve((socket) => {
      socket.on('close', () => closed.resolve())
      socket.once('data', () => {
        exchange.cancel()
        exchange.cancel()
      })
    })
    const onLateError = (error: unknown) => late.push(error)
    const exchange = ask(`http://${server.address}`, { onLateError })
    expect(await endOf(exchange)).toMatchObject({
      status: 'cancelled',
      error: 'the run was cancelled (phase: response headers)',
    })
    await closed.promise
    expect(late).toEqual([])
  })

  it('stays as it ended when it is cancelled afterwards', async () => {
    await using server = await serve(good)
    const exchange = ask(`http://${server.address}`)
    const ended = await exchange.endings
    exchange.cancel()
    expect(await exchange.endings).toBe(ended)
    expect(ended).toMatchObject([{ result: { kind: 'answer' } }])
  })

  it('fails where TLS cannot even start, and opens no connection', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => /^TCP.*Wrap/.test(name))
    await using server = await serve(silent)
    const before = sockets()
    const exchange = ask(`https://${server.address}`)
    expect(sockets()).toEqual(before)
    expect(await endOf(exchange)).toMatchObject({
      error: expect.stringContaining('no TLS here'),
    })
  })
})

describe('a DNS lookup', () => {
  it('that is cancelled ends the exchange', async () => {
    const exchange = ask('http://kv01', { network: lookingUp(() => new Promise(silent)) })
    exchange.cancel()
    expect(await exchange.endings).toMatchObject([
      {
        address: null,
        reached: 'DNS lookup',
        result: { failure: { status: 'cancelled', error: expect.stringContaining('DNS lookup') } },
      },
    ])
  })

  it('that hangs is a timeout, with its phase', async () => {
    const network = lookingUp(() => new Promise(silent))
    expect(await endOf(ask('http://kv01', { network, timeoutMs: 5 }))).toMatchObject({
      status: 'timeout',
      error: 'timed out after 5ms (phase: DNS lookup)',
    })
  })

  it('whose answer is read after the deadline is a timeout', async () => {
    const network = lookingUp(async (host) => {
      stall(10)
      return await NETWORK.resolver.lookup(host)
    })
    expect(await endOf(ask('http://kv01', { network, timeoutMs: 5 }))).toMatchObject({
      status: 'timeout',
      error: 'timed out after 5ms (phase: DNS lookup)',
    })
  })

  it('takes its time from the exchange', async () => {
    const network = lookingUp(async (host) => {
      stall(50)
      return await NETWORK.resolver.lookup(host)
    })
    await using server = await serve(good)
    const [ending] = await ask(`http://kv01:${server.port}`, { network }).endings
    expect(ending?.latencyMs).toBeGreaterThanOrEqual(50)
  })

  it('asks for the name with its dot', async () => {
    const asked: string[] = []
    const network = lookingUp(async (host) => {
      asked.push(host)
      return []
    })
    await ask('http://kv01.:9324', { network }).endings
    expect(asked).toEqual(['kv01.'])
  })

  it.each<[string, readonly string[]]>([
    ['the name has no address', []],
    ['the name has 33 addresses, at most 32 are asked', Array(33).fill('127.0.0.1')],
    ['the name resolves to 0.0.0.0, which is no destination', ['127.0.0.1', '0.0.0.0']],
    ['the name resolves to 0.0.0.1, which is no destination', ['0.0.0.1']],
    ['the name resolves to ::, which is no destination', ['::', '127.0.0.1']],
  ])('is dns where %s', async (words, addresses) => {
    await using server = await serve(good)
    const exchange = ask(`http://kv01:${server.port}`, { network: networkOf(...addresses) })
    expect(await endOf(exchange)).toMatchObject({
      status: 'dns',
      error: expect.stringMatching(new RegExp(`^${words}`)),
    })
    expect(server.connections()).toBe(0)
  })
})

describe.skipIf(process.platform !== 'linux')('a name with several addresses (Linux only)', () => {
  /** Asks a name that has these addresses, each of which behaves in its way, or refuses; gives back how each ended. */
  async function askName(hosts: Record<string, Behaviour | null>, options: AskOptions = {}) {
    await using servers = new AsyncDisposableStack()
    let port = 0
    for (const [host, behave] of Object.entries(hosts)) {
      if (behave === null) continue
      const server = servers.use(await serve(behave, { host, port }))
      port = server.port
    }
    const network = networkOf(...Object.keys(hosts))
    return told(await ask(`http://kv01:${port}`, { network, ...options }).endings)
  }

  /** Each address without its port, with the status of its answer or failure. */
  const told = (endings: Awaited<ReturnType<typeof ask>['endings']>) =>
    endings.map(({ address, result, forgiven }) => [
      address?.replace(/:\d+$/, ''),
      result.kind === 'answer' ? result.answer.httpStatus : result.failure.status,
      ...(forgiven ? ['forgiven'] : []),
    ])

  it('has each asked, and all are told in the order of the lookup', async () => {
    const bad = answering(reply('', 'HTTP/1.1 503 No\r\n'))
    expect(await askName({ '127.0.0.2': bad, '127.0.0.1': good, '::1': good })).toEqual([
      ['127.0.0.2', 503],
      ['127.0.0.1', 200],
      ['[::1]', 200],
    ])
  })

  it('may have 32 of them', async () => {
    const hosts = Array.from({ length: 32 }, (_, index) => `127.0.0.${index + 1}`)
    const endings = await askName(Object.fromEntries(hosts.map((host) => [host, good])))
    expect(endings).toEqual(hosts.map((host) => [host, 200]))
  })

  it('is forgiven one that refuses and is the only one of its family', async () => {
    expect(await askName({ '::1': null, '127.0.0.1': good })).toEqual([
      ['[::1]', 'refused', 'forgiven'],
      ['127.0.0.1', 200],
    ])
  })

  it('is not forgiven one that refuses among several of its family', async () => {
    expect(await askName({ '127.0.0.1': good, '127.0.0.2': null, '::1': good })).toEqual([
      ['127.0.0.1', 200],
      ['127.0.0.2', 'refused'],
      ['[::1]', 200],
    ])
  })

  it('waits for one that is connected, although it is the only one of its family', async () => {
    const hosts = { '::1': silent, '127.0.0.1': good }
    expect(await askName(hosts, { timeoutMs: 200 })).toEqual([
      ['[::1]', 'timeout'],
      ['127.0.0.1', 200],
    ])
  })

  it('ends all of them when it is cancelled', async () => {
    const cancel = () => exchange.cancel()
    await using server = await serve(cancel)
    await using other = await serve(silent, { host: '127.0.0.2', port: server.port })
    const network = networkOf('127.0.0.1', '127.0.0.2')
    const exchange = ask(`http://kv01:${other.port}`, { network })
    expect(told(await exchange.endings)).toEqual([
      ['127.0.0.1', 'cancelled'],
      ['127.0.0.2', 'cancelled'],
    ])
  })

  it('does not wait for one without a connection that is the only one of its family', async () => {
    await using server = await serve(good)
    await using dead = await serveNoSyn({ host: '::1', port: server.port })
    const network = networkOf('::1', '127.0.0.1')
    expect(dead.address).toContain('::1')
    expect(told(await ask(`http://kv01:${server.port}`, { network }).endings)).toEqual([
      ['[::1]', 'cancelled', 'forgiven'],
      ['127.0.0.1', 200],
    ])
  })

  it('waits for one without a connection among several of its family', async () => {
    await using server = await serve(good)
    await using _ = await serveNoSyn({ host: '127.0.0.2', port: server.port })
    const network = networkOf('127.0.0.2', '127.0.0.1')
    const { endings } = ask(`http://kv01:${server.port}`, { network, timeoutMs: 200 })
    expect(told(await endings)).toEqual([
      ['127.0.0.2', 'timeout'],
      ['127.0.0.1', 200],
    ])
  })
})

it('an answer over TLS ends the connection without a late error', async () => {
  const { certificate, key } = makeCertificate('127.0.0.1', 'IP:127.0.0.1')
  const secure = () => createSecureContext({ ca: certificate })
  const late: unknown[] = []
  await using server = await serve(good, { tls: { cert: certificate, key } })
  const exchange = ask(`https://${server.address}`, {
    network: { ...NETWORK, secure },
    onLateError: (error) => late.push(error),
  })
  expect(await endOf(exchange)).toMatchObject({ httpStatus: 200 })
  expect(late).toEqual([])
})
