import type { LookupAddress } from 'node:dns'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Peer } from '../../src/inputs/inputs.ts'
import {
  askLeaders,
  type RaftOptions,
  startMembershipPoll,
} from '../../src/membership/membership.ts'
import { NETWORK } from '../support/network.ts'
import { startRaftNode } from '../support/raft.ts'
import { makeMember, makeMembers, makeRaftPeer } from '../support/raft-answers.ts'
import {
  answer,
  data,
  encodeMembers,
  envelope,
  field,
  head,
  onCall,
  SETTINGS,
  sending,
  trailers,
} from '../support/raft-wire.ts'
import { serve } from '../support/servers.ts'

const asIs = (text: string) => text
const makeOptions = (rest: Partial<RaftOptions> = {}): RaftOptions => ({
  network: NETWORK,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  onLateError: () => undefined,
  ...rest,
})

/** A network in which a name has these addresses. */
const resolving = (...addresses: readonly string[]): RaftOptions['network'] => ({
  ...NETWORK,
  resolver: {
    ...NETWORK.resolver,
    lookup: async () =>
      addresses.map(
        (address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }),
      ),
  },
})

async function poll(peers: readonly Peer[], options = makeOptions()) {
  const started = await startMembershipPoll(peers, options)
  await started.ask('before')
  await started.ask('after')
  return started
}

describe('a poll of the members', () => {
  it('asks each Raft address of each peer before and after, and knows where it was', async () => {
    await using one = await startRaftNode(makeMembers('n1@a:1', 'n2@b:1'))
    await using two = await startRaftNode(makeMembers('n1@a:2', 'n2@b:2'))
    await using other = await startRaftNode(makeMembers('n1@a:1', 'n2@b:1'))
    const peers = [
      makeRaftPeer(['n1'], [one.address, two.address]),
      makeRaftPeer(['n2'], [other.address]),
    ]
    const started = await poll(peers)
    expect(started.judge([], asIs)).toMatchObject({ state: 'complete', groups: 2 })
    expect([one, two, other].map(({ calls }) => calls())).toEqual([2, 2, 2])
    expect(peers.map(started.remotesOf)).toEqual([[one.address, two.address], [other.address]])
  })

  it('asks each address of a name', async () => {
    await using one = await startRaftNode(makeMembers('n1@a:1'))
    const more = encodeMembers(makeMembers('n1@a:1', 'n9@b:1'))
    await using two = await serve(sending(answer(more)), { host: '::1', port: one.port })
    const network = resolving('127.0.0.1', '::1')
    const peer = makeRaftPeer(['n1'], [`kv01.internal:${one.port}`])
    const started = await poll([peer], makeOptions({ network }))
    expect(started.judge([], asIs)).toMatchObject({
      state: 'incomplete',
      members: [{ listed: true }, { id: 'n9', listed: false, knownBy: ['n1'] }],
    })
    expect(started.remotesOf(peer)).toEqual([one.address, two.address])
    expect([one.calls(), two.connections()]).toEqual([2, 2])
  })

  it('forgives an only address of its family that nobody listens on, and knows that it was asked', async () => {
    await using one = await startRaftNode(makeMembers('n1@a:1'))
    const network = resolving('::1', '127.0.0.1')
    const peer = makeRaftPeer(['n1'], [`kv01:${one.port}`])
    const started = await poll([peer], makeOptions({ network }))
    expect(started.judge([], asIs).state).toBe('complete')
    expect(started.remotesOf(peer)).toEqual([`[::1]:${one.port}`, one.address])
  })

  it('tells what changed between the two calls', async () => {
    let members = makeMembers('n1@a:1')
    await using node = await startRaftNode(() => members)
    const started = await startMembershipPoll([makeRaftPeer(['n1'], [node.address])], makeOptions())
    await started.ask('before')
    members = makeMembers('n1@a:2')
    await started.ask('after')
    expect(started.judge([], asIs)).toMatchObject({
      state: 'incomplete',
      changed: [{ name: 'n1', before: [{ address: 'a:1' }], after: [{ address: 'a:2' }] }],
    })
  })

  it('tells why a peer did not report its members, and knows where it was all the same', async () => {
    const members = makeMembers('n1@a:1')
    await using node = await startRaftNode(members)
    await using broken = await serve(sending(SETTINGS, head(), trailers({ 'grpc-status': 14 })))
    const gone = await serve(() => undefined)
    await gone[Symbol.asyncDispose]()
    const peers = [node, broken, gone].map(({ address }, at) =>
      makeRaftPeer([`n${at + 1}`], [address]),
    )
    const started = await poll(peers)
    expect(started.judge([], asIs)).toMatchObject({
      state: 'unknown',
      unknown: [
        {
          name: 'n2',
          raftAddress: broken.address,
          status: 'unhealthy',
          error: 'gRPC status 14 UNAVAILABLE',
        },
        { name: 'n3', raftAddress: gone.address, status: 'refused' },
      ],
    })
    expect(peers.map(started.remotesOf)).toEqual([[node.address], [broken.address], [gone.address]])
  })

  it('says of each peer that knows no members that it did not report them', async () => {
    await using one = await startRaftNode([])
    await using other = await startRaftNode([])
    const started = await poll([
      makeRaftPeer(['n1'], [one.address]),
      makeRaftPeer(['n2'], [other.address]),
    ])
    expect(started.judge([], asIs)).toMatchObject({
      state: 'unknown',
      unknown: [{ status: 'unhealthy' }, { status: 'unhealthy' }],
    })
  })

  it('takes 10,000 members of all peers together; who brings more did not report them', async () => {
    const many = (from: number) =>
      Array.from({ length: 6_000 }, (_, at) => makeMember(`n${from + at}@a:1`))
    await using one = await startRaftNode(many(0))
    await using other = await startRaftNode(many(6_000))
    const started = await poll([
      makeRaftPeer(['n0'], [one.address]),
      makeRaftPeer(['n6000'], [other.address]),
    ])
    const { state, unknown, members } = started.judge([], asIs)
    expect([state, members.length]).toEqual(['incomplete', 6_000])
    expect(new Set(unknown.map(({ status }) => status))).toEqual(new Set(['too-large']))
    expect(unknown[0]?.error).toBe('all peers together report more than 10000 members')
  })

  it('never goes through a proxy', async () => {
    await using node = await startRaftNode(makeMembers('n1@a:1'))
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    for (const name of ['http_proxy', 'HTTP_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:1')
    vi.stubEnv('no_proxy', '')
    const started = await poll([makeRaftPeer(['n1'], [node.address])])
    expect(started.judge([], asIs).state).toBe('complete')
  })

  it('that is cancelled ends at once, and asks nobody any more', async () => {
    const controller = new AbortController()
    await using silent = await serve(onCall(() => controller.abort()))
    const peers = Array.from({ length: 40 }, (_, at) => makeRaftPeer([`n${at}`], [silent.address]))
    const begun = performance.now()
    const started = await poll(peers, makeOptions({ signal: controller.signal }))
    const { state, unknown } = started.judge([], asIs)
    expect(state).toBe('unknown')
    expect(new Set(unknown.map(({ status }) => status))).toEqual(new Set(['cancelled']))
    expect(unknown).toHaveLength(40)
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})

describe('secrets in what peers report', () => {
  const hide = (text: string) => text.replaceAll('hunter2', '***')

  it('are hidden in members, changes, moves, errors and shared names', async () => {
    let calls = 0
    await using node = await startRaftNode(() =>
      makeMembers('n1@a:1', 'hunter2@b:1', `n2@${calls++ === 0 ? 'hunter2' : 'c'}:1`),
    )
    const words = { 'grpc-status': 5, 'grpc-message': 'no hunter2' }
    await using broken = await serve(sending(SETTINGS, head(), trailers(words)))
    const peers = [
      makeRaftPeer(['n1'], [node.address]),
      makeRaftPeer(['n2', 'hunter2'], [broken.address]),
    ]
    const judged = (await poll(peers)).judge([['hunter2', 'x']], hide)
    expect(judged.members.map(({ id, address }) => `${id}@${address}`)).toContain('***@b:1')
    expect(judged).toMatchObject({
      changed: [
        { before: expect.arrayContaining([expect.objectContaining({ address: '***:1' })]) },
      ],
      moved: [
        {
          id: 'n2',
          members: expect.arrayContaining([expect.objectContaining({ address: '***:1' })]),
        },
      ],
      unknown: [{ error: 'gRPC status 5 NOT_FOUND: no ***' }],
      shared: [
        ['***', 'x'],
        ['n2', '***'],
      ],
    })
    expect(JSON.stringify({ ...judged, unknown: [] })).not.toContain('hunter2')
  })

  it('make no two members one', async () => {
    await using node = await startRaftNode(makeMembers('n1@a:1', 'x@hunter2:1', 'x@***:1'))
    const started = await poll([makeRaftPeer(['n1'], [node.address])])
    expect(started.judge([], hide).members).toHaveLength(3)
  })
})

describe('the leaders', () => {
  it('are told for each Raft address, with the reason of those that do not say', async () => {
    const status = Buffer.concat([field(2, 'n2'), field(3, 'b:1')])
    await using node = await serve(sending(SETTINGS, head(), data(envelope(status)), trailers()))
    const gone = await serve(() => undefined)
    await gone[Symbol.asyncDispose]()
    const peer = makeRaftPeer(['n1'], [node.address, gone.address])
    expect(await askLeaders([peer], makeOptions())).toMatchObject([
      {
        peer,
        raftAddress: node.address,
        result: { kind: 'answer', answer: { id: 'n2', address: 'b:1' } },
      },
      {
        peer,
        raftAddress: gone.address,
        result: { kind: 'failure', failure: { status: 'refused' } },
      },
    ])
  })

  it.each(['timeout', 'cancelled'])(
    'are asked for no longer than the run allows: %s',
    async (status) => {
      const controller = new AbortController()
      await using silent = await serve(
        onCall(() => {
          if (status === 'cancelled') controller.abort()
        }),
      )
      const options = makeOptions({ timeoutMs: 500, signal: controller.signal })
      const peer = makeRaftPeer(['n1'], [silent.address])
      expect(await askLeaders([peer], options)).toMatchObject([
        { result: { kind: 'failure', failure: { status } } },
      ])
    },
  )
})
