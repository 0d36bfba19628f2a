import { isIPv6 } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Inputs, Peer } from '../../src/inputs/inputs.ts'
import { pollRound, type RoundOptions } from '../../src/rounds/round.ts'
import { NETWORK } from '../support/network.ts'
import { startRaftNode } from '../support/raft.ts'
import { makeMembers } from '../support/raft-answers.ts'
import { makePeer } from '../support/rounds.ts'
import { answering, GOOD, onRequest, reply, serve } from '../support/servers.ts'

const good = answering(reply(GOOD))
const answer = (body: string) => answering(reply(body))
const urlOf = (authority: string) => `http://${authority}/sqs_health`
/** A peer at `host:port`, with a name of its own. */
const peerAt = (name: string, authority: string, rest: Partial<Peer> = {}) =>
  makePeer(name, { url: urlOf(authority), ...rest })

/** Polls one round; names lead to these addresses. */
function poll(
  peers: readonly Peer[],
  {
    addresses = ['127.0.0.1'],
    ...rest
  }: Partial<RoundOptions & Inputs> & { addresses?: readonly string[] } = {},
) {
  const inputs: Inputs = {
    peers,
    routes: new Map(),
    timeoutMs: 20_000,
    capability: 'htfifo',
    raftPorts: [],
    waitMs: 0,
    intervalMs: 1,
    stableRounds: 1,
    queues: [],
    headers: {},
    tls: { ca: '', certificate: '', key: '' },
    summary: false,
    ...rest,
  }
  const lookup = async () =>
    addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return pollRound(inputs, {
    network: { ...NETWORK, resolver: { ...NETWORK.resolver, lookup } },
    signal: new AbortController().signal,
    redact: (text) => text,
    onLateError: () => undefined,
    ...rest,
  })
}

describe('a round', () => {
  it('has a result for each peer, with what the peer said, in the order of the list', async () => {
    await using one = await serve(answer('{"status":"ok","capabilities":["x"]}'))
    await using two = await serve(good)
    const peers = [peerAt('n1', one.address), peerAt('n2', two.address)]
    const { results, membership, warnings, checkedAt } = await poll(peers)
    expect(results).toEqual([
      {
        peer: peers[0],
        status: 'missing-capability',
        capabilities: ['x'],
        httpStatus: 200,
        latencyMs: expect.any(Number),
        error: '',
        addresses: [],
        remotes: [one.address],
      },
      expect.objectContaining({ peer: peers[1], status: 'advertises', remotes: [two.address] }),
    ])
    expect({ membership, warnings }).toEqual({ membership: null, warnings: [] })
    expect(checkedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  it('of no peers is empty', async () => {
    expect(await poll([])).toMatchObject({ results: [], membership: null })
  })

  it('tells why a peer did not answer', async () => {
    const gone = await serve(good)
    await gone[Symbol.asyncDispose]()
    const { results } = await poll([peerAt('n1', gone.address)])
    expect(results).toMatchObject([
      { status: 'refused', capabilities: null, httpStatus: null, remotes: [gone.address] },
    ])
  })

  it('hides secrets in capabilities and messages', async () => {
    await using one = await serve(answer('{"status":"ok","capabilities":["hunter2"]}'))
    await using two = await serve(answer('hunter2'))
    const peers = [peerAt('n1', one.address), peerAt('n2', two.address)]
    const redact = (text: string) => text.replaceAll('hunter2', '***')
    const { results } = await poll(peers, { redact })
    expect(results[0]?.capabilities).toEqual(['***'])
    expect(results[1]?.error).toContain('(body: ***)')
  })

  it('warns of two names with one address, where members are not asked for', async () => {
    await using one = await serve(good)
    const peers = ['a', 'b'].map((host) => peerAt(host, `${host}.internal:${one.port}`))
    const { warnings } = await poll(peers)
    expect(warnings).toEqual([
      'peers: a and b lead to the same address; one node may have been asked twice',
    ])
  })
})

describe('a name with several addresses', () => {
  const both = async (four: Parameters<typeof serve>[0], six: Parameters<typeof serve>[0]) => {
    await using one = await serve(four)
    await using two = await serve(six, { host: '::1', port: one.port })
    const [result] = (
      await poll([peerAt('n1', `kv01.internal:${one.port}`)], { addresses: ['127.0.0.1', '::1'] })
    ).results
    return { result, at: [one.address, two.address] }
  }

  it('advertises where all of them do', async () => {
    const { result, at } = await both(good, good)
    expect(result).toMatchObject({
      status: 'advertises',
      remotes: at,
      addresses: at.map((address) => ({ address, status: 'advertises', error: '' })),
    })
  })

  it('was asked at each of them, also at one that does not count', async () => {
    const none = '127.0.0.1'
    await using six = await serve(good, { host: '::1' })
    const peer = peerAt('n1', `kv01.internal:${six.port}`)
    const { results } = await poll([peer], { addresses: [none, '::1'] })
    expect(results).toMatchObject([
      { status: 'advertises', remotes: [`${none}:${six.port}`, six.address] },
    ])
  })

  it('is what the first of them is that does not advertise', async () => {
    const { result, at } = await both(good, answer('ok'))
    expect(result).toMatchObject({
      status: 'legacy',
      capabilities: null,
      httpStatus: 200,
      addresses: [{ status: 'advertises' }, { address: at[1], status: 'legacy' }],
    })
  })
})

describe('a round that asks for members', () => {
  it('asks before and after the poll, and is confirmed by what does not change', async () => {
    const order: string[] = []
    await using raft = await startRaftNode(() => {
      order.push('raft')
      return makeMembers('n1@kv01:50051')
    })
    await using sqs = await serve(
      onRequest((socket) => {
        order.push('sqs')
        socket.end(reply(GOOD))
      }),
    )
    const peer = peerAt('n1', sqs.address, { raftAddresses: [raft.address] })
    const { membership } = await poll([peer], { raftPorts: [50_051] })
    expect(membership).toMatchObject({ state: 'complete', groups: 1 })
    expect(order).toEqual(['raft', 'sqs', 'raft'])
  })

  it('is incomplete where two names led to one process at SQS', async () => {
    const members = makeMembers('n1@kv01:1', 'n2@kv02:1')
    await using one = await startRaftNode(members)
    await using two = await startRaftNode(members)
    await using sqs = await serve(good)
    const peers = [
      peerAt('n1', `kv01.internal:${sqs.port}`, { raftAddresses: [one.address] }),
      peerAt('n2', `kv02.internal:${sqs.port}`, { raftAddresses: [two.address] }),
    ]
    const { membership } = await poll(peers, { raftPorts: [50_051] })
    expect(membership).toMatchObject({ state: 'incomplete', shared: [['n1', 'n2']] })
  })
})

describe('the clocks of the runner', () => {
  /** Returns what sets the clock of the day ahead of the monotonic one, until the test ends. */
  function fakeClock() {
    let aheadMs = 0
    const now = Date.now.bind(Date)
    const spy = vi.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs)
    onTestFinished(() => spy.mockRestore())
    return (driftMs: number) => {
      aheadMs = driftMs
    }
  }

  /** Polls a peer that answers, while the clock of the day goes on by so much more than the monotonic one. */
  async function pollAcross(driftMs: number, body = GOOD) {
    const drift = fakeClock()
    await using sqs = await serve(
      onRequest((socket) => {
        drift(driftMs)
        socket.end(reply(body))
      }),
    )
    const [result] = (await poll([peerAt('n1', sqs.address)])).results
    return result
  }

  it.each([2_000, -2_000, 3_600_000])(
    'close a round over which they differ by %i ms, as after a sleep',
    async (driftMs) => {
      expect(await pollAcross(driftMs)).toMatchObject({
        status: 'timeout',
        error: expect.stringMatching(/^the clocks of the runner differ by .+ over this round/),
      })
    },
  )

  it.each([1, 2])('close a round that slept in question %i about the members', async (when) => {
    const drift = fakeClock()
    let calls = 0
    await using raft = await startRaftNode(() => {
      if (++calls === when) drift(5_000)
      return makeMembers('n1@kv01:50051')
    })
    await using sqs = await serve(good)
    const peer = peerAt('n1', sqs.address, { raftAddresses: [raft.address] })
    const { results } = await poll([peer], { raftPorts: [50_051] })
    expect(calls).toBe(2)
    expect(results).toMatchObject([{ status: 'timeout' }])
  })

  it('leave no address of a name as one that advertises', async () => {
    const drift = fakeClock()
    const late = onRequest((socket) => {
      drift(5_000)
      socket.end(reply(GOOD))
    })
    await using one = await serve(late)
    await using _two = await serve(late, { host: '::1', port: one.port })
    const peer = peerAt('n1', `kv01.internal:${one.port}`)
    const { results } = await poll([peer], { addresses: ['127.0.0.1', '::1'] })
    expect(results[0]?.addresses).toMatchObject([{ status: 'timeout' }, { status: 'timeout' }])
  })

  it('may differ by less than a second', async () => {
    expect((await pollAcross(500))?.status).toBe('advertises')
  })

  it('leave a peer that does not advertise what it is', async () => {
    expect((await pollAcross(5_000, 'ok'))?.status).toBe('legacy')
  })
})

describe('a cancelled round', () => {
  it('keeps what has answered, ends what has not, and asks nobody any more', async () => {
    const controller = new AbortController()
    const answered = Promise.withResolvers<void>()
    await using quick = await serve(
      onRequest((socket) => {
        socket.end(reply(GOOD))
        socket.once('close', () => answered.resolve())
      }),
    )
    await using silent = await serve(
      onRequest(async () => {
        await answered.promise
        controller.abort()
      }),
    )
    const peers = [peerAt('n1', quick.address), peerAt('n2', silent.address)]
    const { results } = await poll(peers, { signal: controller.signal })
    expect(results.map(({ status }) => status)).toEqual(['advertises', 'cancelled'])

    const later = await poll(peers, { signal: controller.signal })
    expect(later.results.map(({ error }) => error)).toEqual(
      peers.map(() => 'the run was cancelled before this peer was asked'),
    )
    expect([quick, silent].map(({ connections }) => connections())).toEqual([1, 1])
  })
})
