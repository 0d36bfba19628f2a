import { describe, expect, it } from 'vitest'
import { basis, consequence, headline } from '../../src/report/headline.ts'
import { crash, refuse, type Verdict } from '../../src/rounds/rounds.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeRound } from '../support/rounds.ts'
import { makeMembership, makeUnlisted, makeVerdict } from '../support/verdicts.ts'

const show = (text: string) => `<${text}>`
const verdictOn = (statuses: readonly Status[], rest: Partial<Verdict> = {}) =>
  makeVerdict(makeRound(...statuses), rest)
const BOTH: readonly Status[] = ['advertises', 'advertises']

/** A membership for each reason that keeps a list from being confirmed. */
const n4 = makeUnlisted('n4', { suffrage: 'learner' })
const place = (address: string) => makeUnlisted('n3', { address })
const unknown = (...names: readonly string[]) =>
  names.map((name) => ({ name, raftAddress: 'a:1', status: 'dns', error: 'x' }) as const)
const UNLISTED = makeMembership({ members: [n4] })
const SHARED = makeMembership({ shared: [['n1', 'n2']] })
const MOVED = makeMembership({ moved: [{ id: 'n3', members: [place('a:1'), place('b:1')] }] })
const CHANGED = makeMembership({ changed: [{ name: 'n1', before: [], after: [n4] }] })
const UNKNOWN = makeMembership({ state: 'unknown', unknown: unknown('n2', 'n2') })

describe('the headline', () => {
  it.each<[readonly Status[], string]>([
    [['advertises'], 'OPEN: the only node advertises <htfifo>.'],
    [BOTH, 'OPEN: both nodes advertise <htfifo>.'],
    [[...BOTH, 'advertises'], 'OPEN: all 3 nodes advertise <htfifo>.'],
    [['legacy'], 'CLOSED: the only node is not ready for <htfifo>: it is old.'],
    [['cached'], 'CLOSED: the only node is not ready for <htfifo>: it gave no usable answer.'],
    [['dns'], 'CLOSED: the only node is not ready for <htfifo>: it could not be asked.'],
    [['advertises', 'legacy'], 'CLOSED: 1 of 2 nodes is not ready for <htfifo>: 1 old.'],
    [
      ['dns', 'legacy', 'missing-capability', 'cached', 'advertises'],
      'CLOSED: 4 of 5 nodes are not ready for <htfifo>: 2 old, 1 gave no usable answer, 1 could not be asked.',
    ],
  ])('of %j', (statuses, words) => {
    expect(headline(verdictOn(statuses), show)).toBe(words)
  })

  it('calls nothing old where another capability is asked for', () => {
    const tell = (...statuses: readonly Status[]) =>
      headline(verdictOn(statuses, { capability: 'x' }), show)
    expect(tell('legacy')).toBe(
      'CLOSED: the only node is not ready for <x>: it does not advertise it.',
    )
    expect(tell('legacy', 'missing-capability', 'dns')).toBe(
      'CLOSED: 3 of 3 nodes are not ready for <x>: 2 do not advertise it, 1 could not be asked.',
    )
  })

  it.each([
    ['of a crash', crash('x', 'x'), 'the gate itself failed'],
    ['of one problem', refuse(['a'], 'x'), 'nothing was polled, 1 problem with the inputs'],
    ['of problems', refuse(['a', 'b'], 'x'), 'nothing was polled, 2 problems with the inputs'],
    [
      'of a cancelled run',
      verdictOn(['cancelled'], { cancelled: true }),
      'the run was cancelled before the gate could open',
    ],
    ['of no nodes', makeVerdict([]), 'no node was asked'],
    [
      'of rounds that were too few',
      verdictOn(BOTH, { open: false, streak: 1, stableRounds: 3 }),
      'both nodes advertise <htfifo>, but only for 1 of 3 rounds in a row',
    ],
  ])('%s', (_, verdict, words) => {
    expect(headline(verdict, show)).toBe(`CLOSED: ${words}.`)
  })

  it.each([
    [UNLISTED, 'the cluster has a member that is not in the list: <n4 (n4:50051, learner)>'],
    [
      makeMembership({ members: ['a', 'b', 'c', 'd'].map((id) => makeUnlisted(id)) }),
      'the cluster has 4 members that are not in the list: <a (a:50051, voter)>, <b (b:50051, voter)>, <c (c:50051, voter)> and 1 more',
    ],
    [
      SHARED,
      '<n1> and <n2> lead to one address, or are swapped, so a member may not have been asked',
    ],
    [MOVED, 'the nodes report <n3> at several addresses: <a:1> and <b:1>'],
    [CHANGED, 'the members of the cluster changed while they were asked'],
    [UNKNOWN, '<n2> did not report the members of the cluster'],
    [
      makeMembership({ state: 'unknown', unknown: unknown('a', 'b', 'c', 'd', 'e') }),
      '<a>, <b>, <c> and 2 more did not report the members of the cluster',
    ],
    [makeMembership({ state: 'unknown' }), 'the members of the cluster are not confirmed'],
  ])('of a list that is not confirmed, %#', (membership, words) => {
    const tell = (statuses: readonly Status[]) =>
      headline(verdictOn(statuses, { membership }), show)
    expect(tell(BOTH)).toBe(`CLOSED: both nodes advertise <htfifo>, but ${words}.`)
    // All that is unknown without a name is unknown of the nodes as well.
    const also =
      membership.state === 'unknown' && membership.unknown.length === 0 ? '' : `; and ${words}`
    expect(tell(['dns'])).toBe(
      `CLOSED: the only node is not ready for <htfifo>: it could not be asked${also}.`,
    )
  })

  it('tells once of a node that is not ready and did not report its members', () => {
    const tell = (...names: readonly string[]) =>
      headline(
        verdictOn(['dns', 'advertises'], {
          membership: makeMembership({ state: 'unknown', unknown: unknown(...names) }),
        }),
        show,
      )
    const unready = 'CLOSED: 1 of 2 nodes is not ready for <htfifo>: 1 could not be asked'
    expect(tell('n1')).toBe(`${unready}.`)
    expect(tell('n1', 'n2')).toBe(
      `${unready}; and <n1> and <n2> did not report the members of the cluster.`,
    )
  })
})

describe('the consequence', () => {
  const conclude = (capability: string, statuses: readonly Status[], rest: Partial<Verdict> = {}) =>
    consequence(verdictOn(statuses, { capability, ...rest }), show)

  it.each<[string, readonly Status[], string]>([
    ['htfifo', ['legacy'], 'a node with an old binary can lose messages.'],
    [
      'htfifo',
      ['missing-capability', 'dns'],
      'a node with an old binary can lose messages. The nodes without a usable answer may be old as well.',
    ],
    [
      'htfifo',
      ['advertises', 'unhealthy'],
      'a node that gave no usable answer may run an old binary and lose messages.',
    ],
    [
      'htfifo',
      ['timeout', 'unhealthy'],
      'a node that could not be asked may run an old binary and lose messages.',
    ],
    ['other', ['legacy'], 'not every node has the capability.'],
    [
      'other',
      ['legacy', 'malformed'],
      'not every node has the capability. The nodes without a usable answer may lack it as well.',
    ],
    ['other', ['cached'], 'a node that gave no usable answer may lack the capability.'],
    ['HTFIFO', ['dns'], 'a node that could not be asked may lack the capability.'],
  ])('of a closed gate, %s, %j', (capability, statuses, risk) => {
    expect(conclude(capability, statuses)).toBe(`Do not enable <${capability}>: ${risk}`)
  })

  it('of an open gate claims what was found out, and of HT-FIFO alone', () => {
    expect(conclude('htfifo', BOTH)).toBe(
      'Every node runs a binary that knows the partitioned layout. Whether the cluster serves a partitioned queue has not been tried; that is what the canary action does.',
    )
    expect(conclude('other', BOTH)).toBe('Every node advertises the capability.')
  })

  it('of wrong inputs, a crash and a cancelled run tells what to do next', () => {
    expect(consequence(refuse(['a'], 'x'), show)).toBe(
      'Do not enable <x>: nothing is known about the nodes. Correct what is listed here, then run the gate again.',
    )
    expect(consequence(crash('a', 'x'), show)).toBe(
      'Do not enable <x>: nothing is known about the nodes. Run the gate again; if it fails again, report it with the debug log.',
    )
    expect(conclude('x', BOTH, { open: false, cancelled: true })).toBe(
      'Do not enable <x> yet: run the gate again.',
    )
  })

  it.each([null, makeMembership()])(
    'of rounds that were too few is to wait longer',
    (membership) => {
      expect(conclude('x', BOTH, { open: false, membership })).toBe(
        'Do not enable <x> yet: run the gate again, with a longer `wait` or fewer `stable-rounds` if it ran out of time.',
      )
    },
  )

  it.each([
    [UNLISTED, 'a member that was not asked'],
    [SHARED, 'a member that was not asked'],
    [MOVED, 'the list is not confirmed, and a member missing from it'],
    [CHANGED, 'the list is not confirmed, and a member missing from it'],
    [UNKNOWN, 'the list is not confirmed, and a member missing from it'],
  ])('of a list that is not confirmed names the risk, %#', (membership, who) => {
    const tell = (capability: string) => conclude(capability, BOTH, { membership })
    expect(tell('htfifo')).toBe(
      `Do not enable <htfifo>: ${who} may run an old binary and lose messages.`,
    )
    expect(tell('x')).toBe(`Do not enable <x>: ${who} may lack the capability.`)
  })
})

it('a verdict rests on the word of every node for every group, or on the list alone', () => {
  const tell = (statuses: readonly Status[], rest: Partial<Verdict>) =>
    basis(verdictOn(statuses, rest))
  expect(tell(BOTH, { membership: makeMembership() })).toBe(
    'Membership confirmed by both nodes (1 group), before and after.',
  )
  const membership = { ...makeMembership(), groups: 2 }
  expect(tell([...BOTH, 'advertises'], { membership })).toBe(
    'Membership confirmed by all 3 nodes (2 groups), before and after.',
  )
  expect(tell(['dns'], {})).toBe(
    'Membership was not checked (raft-port is not set): the list is taken on trust.',
  )
  for (const one of [UNLISTED, UNKNOWN]) expect(tell(BOTH, { membership: one })).toBe('')
  expect(basis(refuse(['a'], 'x'))).toBe('')
})
