import { describe, expect, it } from 'vitest'
import type { Ending, Exchange } from '../../src/exchange/exchange.ts'
import type { Peer } from '../../src/inputs/inputs.ts'
import { type PollOptions, pollRound } from '../../src/rounds/round.ts'
import { answerWith } from '../support/answers.ts'
import { makePeer } from '../support/rounds.ts'
import { GOOD } from '../support/servers.ts'

const peersOf = (count: number) =>
  Array.from({ length: count }, (_, index) => makePeer(`n${index}`))

const ending = (body: string, rest: Partial<Ending> = {}): Ending => ({
  result: { kind: 'answer', answer: answerWith(body) },
  latencyMs: 1.26,
  remote: '127.0.0.1:9324',
  unreached: [],
  ...rest,
})
const ended = (value: Ending): Exchange => ({
  endings: Promise.resolve([value]),
  cancel: () => {},
})

/** An exchange that ends when it is cancelled, and not before. */
function hanging(): Exchange {
  const { promise, resolve } = Promise.withResolvers<readonly Ending[]>()
  const failure = { status: 'cancelled', error: 'cancelled', starved: false } as const
  return {
    endings: promise,
    cancel: () => resolve([ending('', { result: { kind: 'failure', failure } })]),
  }
}

const poll = (peers: readonly Peer[], rest: Partial<PollOptions> & Pick<PollOptions, 'start'>) =>
  pollRound(peers, {
    capability: 'htfifo',
    redact: (text) => text,
    signal: new AbortController().signal,
    ...rest,
  })

describe('a round', () => {
  it('gives one row per peer, with what the peer said', async () => {
    const [row] = await poll([makePeer('n1')], { start: () => ended(ending(GOOD)) })
    expect(row).toEqual({
      peer: makePeer('n1'),
      status: 'advertises',
      capabilities: ['htfifo'],
      httpStatus: 200,
      latencyMs: 1.3,
      error: '',
      remotes: ['127.0.0.1:9324'],
      addresses: [],
    })
  })

  it('of no peers is empty', async () => {
    expect(await poll([], { start: () => ended(ending(GOOD)) })).toEqual([])
  })

  it('keeps the order of the list whichever peer answers first', async () => {
    const peers = peersOf(50)
    const waiting: (() => void)[] = []
    const results = poll(peers, {
      start({ name }) {
        const { promise, resolve } = Promise.withResolvers<readonly Ending[]>()
        const answer = { status: 'ok', capabilities: [name] }
        waiting.push(() => resolve([ending(JSON.stringify(answer))]))
        if (waiting.length === peers.length) for (const go of waiting.reverse()) go()
        return { endings: promise, cancel: () => {} }
      },
    })
    expect((await results).map(({ capabilities }) => capabilities?.[0])).toEqual(
      peers.map(({ name }) => name),
    )
  })

  it('starts every exchange before any has ended', async () => {
    const exchanges: Exchange[] = []
    const { signal, abort } = abortable()
    const results = poll(peersOf(300), {
      signal,
      start() {
        const exchange = hanging()
        exchanges.push(exchange)
        if (exchanges.length === 300) setImmediate(abort)
        return exchange
      },
    })
    expect((await results).map(({ status }) => status)).toEqual(Array(300).fill('cancelled'))
  })

  it('paces the starts, so that quick peers do not wait behind hundreds of others', async () => {
    let running = 0
    let most = 0
    await poll(peersOf(1_000), {
      start() {
        running++
        most = Math.max(most, running)
        const { promise, resolve } = Promise.withResolvers<readonly Ending[]>()
        setImmediate(() => {
          running--
          resolve([ending(GOOD)])
        })
        return { endings: promise, cancel: () => undefined }
      },
    })
    expect(most).toBeLessThan(1_000)
  })

  it('hides secrets in capabilities and messages', async () => {
    const redact = (text: string) => text.replaceAll('hunter2', '***')
    const [listed] = await poll([makePeer('n1')], {
      redact,
      start: () => ended(ending('{"status":"ok","capabilities":["hunter2"]}')),
    })
    expect(listed?.capabilities).toEqual(['***'])
    const [told] = await poll([makePeer('n1')], {
      redact,
      start: () => ended(ending('hunter2')),
    })
    expect(told?.error).toContain('***')
    expect(told?.error).not.toContain('hunter2')
  })
})

describe('a cancelled round', () => {
  it('ends the exchanges without an answer and keeps the others', async () => {
    const { signal, abort } = abortable()
    const results = poll(peersOf(3), {
      signal,
      start({ name }) {
        if (name === 'n2') setImmediate(abort)
        return name === 'n1' ? hanging() : ended(ending(GOOD))
      },
    })
    expect((await results).map(({ status }) => status)).toEqual([
      'advertises',
      'cancelled',
      'advertises',
    ])
  })

  it('asks nobody any more', async () => {
    const { signal, abort } = abortable()
    const asked: string[] = []
    const results = await poll(peersOf(4), {
      signal,
      start({ name }) {
        asked.push(name)
        if (name === 'n1') abort()
        return hanging()
      },
    })
    expect(asked).toEqual(['n0', 'n1'])
    expect(results.map(({ status, error }) => [status, error])).toEqual([
      ['cancelled', 'cancelled'],
      ['cancelled', 'cancelled'],
      ['cancelled', 'the run was cancelled before this peer was asked'],
      ['cancelled', 'the run was cancelled before this peer was asked'],
    ])
  })
})

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

describe('a name with several addresses', () => {
  const FAILED = {
    kind: 'failure',
    failure: { status: 'refused', error: 'refused', starved: false },
  } as const
  const row = async (...endings: readonly Ending[]) => {
    const start = () => ({ endings: Promise.resolve(endings), cancel: () => {} })
    const [result] = await poll([makePeer('n1')], { start })
    return result
  }

  it('advertises if all do; its latency is that of the slowest', async () => {
    expect(
      await row(
        ending(GOOD, { remote: '10.0.0.1:1', latencyMs: 9 }),
        ending(GOOD, { remote: '10.0.0.2:1', latencyMs: 30 }),
      ),
    ).toMatchObject({
      status: 'advertises',
      latencyMs: 30,
      remotes: ['10.0.0.1:1', '10.0.0.2:1'],
      addresses: [
        { address: '10.0.0.1:1', status: 'advertises', error: '' },
        { address: '10.0.0.2:1', status: 'advertises', error: '' },
      ],
    })
  })

  it('is what the first of them is that does not advertise', async () => {
    expect(
      await row(
        ending(GOOD, { remote: '10.0.0.1:1' }),
        ending('ok', { remote: '10.0.0.2:1' }),
        ending('', { remote: null, result: FAILED }),
      ),
    ).toMatchObject({
      status: 'legacy',
      capabilities: null,
      httpStatus: 200,
      remotes: ['10.0.0.1:1', '10.0.0.2:1'],
      addresses: [
        { address: '10.0.0.1:1', status: 'advertises' },
        { address: '10.0.0.2:1', status: 'legacy' },
        { address: '', status: 'refused', error: 'refused' },
      ],
    })
  })

  it('none of which was reached tells how each failed, without secrets', async () => {
    const unreached = { address: '10.0.0.1:1', status: 'refused', error: 'hunter2', starved: false }
    const failed = ending('', { result: FAILED, unreached: [{ ...unreached, status: 'refused' }] })
    const [result] = await poll([makePeer('n1')], {
      redact: (text) => text.replaceAll('hunter2', '***'),
      start: () => ended(failed),
    })
    expect(result).toMatchObject({
      status: 'refused',
      httpStatus: null,
      addresses: [{ address: '10.0.0.1:1', status: 'refused', error: '***' }],
    })
  })

  it('is asked again where one of them found no file descriptor beside others', async () => {
    const first = Promise.withResolvers<readonly Ending[]>()
    const starved = { ...FAILED, failure: { ...FAILED.failure, starved: true } }
    const asked: string[] = []
    const results = await poll(peersOf(2), {
      start({ name }) {
        asked.push(name)
        if (asked.length === 1) return { endings: first.promise, cancel: () => {} }
        if (asked.length > 2) return ended(ending(GOOD))
        first.resolve([ending(GOOD)])
        const endings = [ending(GOOD), ending('', { result: starved })]
        return { endings: Promise.resolve(endings), cancel: () => {} }
      },
    })
    expect(results.map(({ status }) => status)).toEqual(['advertises', 'advertises'])
    expect(asked).toEqual(['n0', 'n1', 'n1'])
  })
})
