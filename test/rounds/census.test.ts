import { describe, expect, it } from 'vitest'
import type { Attempt, Failure, Outcome } from '../../src/exchange/exchange.ts'
import type { Member } from '../../src/membership/membership.ts'
import { judgeCensus, takeCensus } from '../../src/rounds/census.ts'
import { makeResult } from '../support/rounds.ts'
import { makeMember, makeMembers, makeRaftPeer, silent, told } from '../support/testimonies.ts'

type Answered = Outcome<readonly Member[]>['result']

const PEERS = [
  makeRaftPeer(['n1'], ['a:1']),
  makeRaftPeer(['n2', 'n3'], ['b:1', 'b:2']),
  makeRaftPeer(['n4'], []),
  makeRaftPeer(['n5'], ['c:1']),
]
const never = new AbortController().signal
const asIs = (text: string) => text
const hide = (text: string) => text.replaceAll('hunter2', '***')

const ended = (result: Answered): Attempt<readonly Member[]> => ({
  outcome: Promise.resolve({ result, latencyMs: 1, unreached: [] }),
  cancel: () => {},
})
const answered = (...members: readonly string[]) =>
  ended({ kind: 'answer', answer: makeMembers(...members) })
const failed = (failure: Partial<Failure>) =>
  ended({
    kind: 'failure',
    failure: { status: 'refused', error: 'refused', starved: false, ...failure },
  })

describe('a census', () => {
  it('asks every Raft address of every peer, and gives each peer what its own told', async () => {
    const census = await takeCensus(PEERS, {
      ask: (raftAddress) => answered(`id@${raftAddress}`),
      redact: asIs,
      signal: never,
    })
    expect(census).toEqual([
      [told(makeMembers('id@a:1'))],
      [told(makeMembers('id@b:1')), told(makeMembers('id@b:2'))],
      [],
      [told(makeMembers('id@c:1'))],
    ])
  })

  it('keeps the reason of an address that does not tell, without secrets', async () => {
    const census = await takeCensus(PEERS.slice(0, 1), {
      ask: () => failed({ status: 'http-error', error: 'no access with hunter2' }),
      redact: hide,
      signal: never,
    })
    expect(census).toEqual([
      [{ kind: 'failure', status: 'http-error', error: 'no access with ***' }],
    ])
  })

  it('asks again where the runner had no file descriptor left', async () => {
    const asked: string[] = []
    const first = Promise.withResolvers<Outcome<readonly Member[]>>()
    const census = await takeCensus(PEERS, {
      ask(raftAddress) {
        asked.push(raftAddress)
        if (asked.length === 1) return { ...answered(), outcome: first.promise }
        if (asked.length > 2) return answered(`id@${raftAddress}`)
        first.resolve(answered('id@a:1').outcome)
        return failed({ starved: true })
      },
      redact: asIs,
      signal: never,
    })
    expect(asked.filter((address) => address === 'b:1')).toHaveLength(2)
    expect(census[1]?.[0]).toEqual(told(makeMembers('id@b:1')))
  })

  it('that is cancelled ends what runs, and asks nobody any more', async () => {
    const controller = new AbortController()
    const asked: string[] = []
    const census = await takeCensus(PEERS, {
      ask(raftAddress) {
        asked.push(raftAddress)
        if (asked.length === 2) controller.abort()
        const { promise, resolve } = Promise.withResolvers<Outcome<readonly Member[]>>()
        const failure = { status: 'cancelled', error: 'cancelled', starved: false } as const
        const outcome = {
          result: { kind: 'failure', failure },
          latencyMs: 1,
          unreached: [],
        } as const
        return { outcome: promise, cancel: () => resolve(outcome) }
      },
      redact: asIs,
      signal: controller.signal,
    })
    const cancelled = silent({ status: 'cancelled', error: 'cancelled' })
    const notAsked = silent({
      status: 'cancelled',
      error: 'the run was cancelled before this peer was asked',
    })
    expect(asked).toEqual(['a:1', 'b:1'])
    expect(census).toEqual([[cancelled], [cancelled, notAsked], [], [notAsked]])
  })
})

describe('what a census says of the list', () => {
  const peers = [makeRaftPeer(['n1'], ['a:1']), makeRaftPeer(['n2'], ['b:1'])]
  const results = peers.map((peer, index) =>
    makeResult('advertises', { peer, remotes: [`10.0.0.${index + 1}:9324`] }),
  )

  it('is complete where each peer told the same listed members twice', () => {
    const members = told(makeMembers('n1@a:1', 'n2@b:1'))
    const all = [[members], [members]]
    expect(judgeCensus(results, all, all, asIs)).toMatchObject({
      state: 'complete',
      members: [{ id: 'n1' }, { id: 'n2' }],
    })
  })

  it('takes what is missing for not told', () => {
    const members = told(makeMembers('n1@a:1', 'n2@b:1'))
    expect(judgeCensus(results, [[members]], [[members], [members]], asIs)).toMatchObject({
      state: 'unknown',
      unknown: [{ name: 'n2' }],
    })
  })

  it('knows where the exchanges ended', () => {
    const members = told(makeMembers('n1@a:1', 'n2@b:1'))
    const all = [[members], [members]]
    const one = results.map((result) => ({ ...result, remotes: ['10.0.0.1:9324'] }))
    expect(judgeCensus(one, all, all, asIs)).toMatchObject({
      state: 'incomplete',
      shared: [['n1', 'n2']],
    })
  })

  it('hides secrets in members, changes and shared names', () => {
    const peer = makeRaftPeer(['n1'], ['hunter2:1', 'b:1'])
    const secret = makeMember('hunter2@hunter2:1', 'hunter2')
    const before = told([secret, makeMember('n2@b:1')])
    const after = told([secret])
    const result = makeResult('advertises', { peer })
    const judged = judgeCensus([result], [[before, before]], [[after, after]], hide)
    const hidden = { id: '***', address: '***:1', suffrage: '***' }
    expect(judged.members).toContainEqual(expect.objectContaining(hidden))
    expect(judged.changed[0]?.before).toContainEqual(hidden)
    expect(judged.changed[0]?.after).toEqual([hidden])
    expect(judged.shared).toEqual([['***', 'n2']])
    expect(JSON.stringify(judged)).not.toContain('hunter2')
  })

  it('hides the secrets of equal answers once', () => {
    const before = told(makeMembers('n1@a:1', 'n2@b:1'))
    const after = told(makeMembers('n1@a:1'))
    const { changed } = judgeCensus(results, [[before], [before]], [[after], [after]], hide)
    expect(changed).toHaveLength(2)
    expect(changed[1]?.before).toBe(changed[0]?.before)
    expect(changed[1]?.after).toBe(changed[0]?.after)
    expect(changed[0]?.after).not.toBe(changed[0]?.before)
  })

  it('tells two members apart that differ only in what is hidden', () => {
    const members = told(makeMembers('n1@a:1', 'n2@b:1', 'x@hunter2:1', 'x@***:1'))
    const all = [[members], [members]]
    expect(judgeCensus(results, all, all, hide).members).toHaveLength(4)
  })
})
