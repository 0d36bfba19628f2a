import { describe, expect, it } from 'vitest'
import type { Membership } from '../../src/membership/membership.ts'
import { consequence } from '../../src/report/consequence.ts'
import { refuse } from '../../src/rounds/verdict.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeMembership, makeRound, makeVerdict } from '../support/rounds.ts'

const ALL: readonly Status[] = ['advertises', 'advertises']
const conclude = (capability: string, statuses: readonly Status[]) =>
  consequence(makeVerdict(makeRound(...statuses), { capability }))
const closed = (membership: Membership | null, capability = 'htfifo') =>
  consequence(makeVerdict(makeRound(...ALL), { open: false, membership, capability }))

describe('what a verdict means for the release', () => {
  it.each([
    [
      'htfifo',
      ALL,
      'Every node runs a binary that knows the partitioned layout. The release may go out now.',
    ],
    ['other', ALL, 'Every node advertises the capability. A release that needs it may go out now.'],
    [
      'htfifo',
      ['advertises', 'unhealthy'],
      'The release must not go out: nothing is known about the nodes without a usable answer, and an old binary among them can lose messages.',
    ],
    [
      'other',
      ['unhealthy'],
      'The release must not go out: whether the nodes without a usable answer have the capability is not known.',
    ],
    [
      'other',
      ['dns'],
      'The release must not go out: whether the nodes that could not be asked have the capability is not known.',
    ],
    [
      'htfifo',
      ['legacy', 'unhealthy'],
      'The release must not go out: a node with an old binary can lose messages. The nodes without a usable answer may be old as well.',
    ],
    [
      'other',
      ['legacy', 'malformed'],
      'The release must not go out: not every node has the capability. The nodes without a usable answer may lack it as well.',
    ],
  ] satisfies [string, readonly Status[], string][])('%s, %j', (capability, statuses, words) => {
    expect(conclude(capability, statuses)).toBe(words)
  })

  it('is that nothing is known where the inputs are wrong', () => {
    expect(consequence(refuse(['peers: found no peers'], 'htfifo'))).toBe(
      'The release must not go out: nothing is known about the nodes. Correct what is listed here, then run the gate again.',
    )
  })

  it('is to run the gate again where all was well, but not for long enough', () => {
    const again =
      'The release must not go out yet: run the gate again, with a longer `wait` or fewer `stable-rounds` if it ran out of time.'
    expect(closed(null)).toBe(again)
    expect(closed(makeMembership({}))).toBe(again)
  })

  it.each([
    ['htfifo', 'run an old binary and lose messages'],
    ['other', 'lack the capability'],
  ])('names the risk of a member that the list lacks, for %s', (capability, risk) => {
    const member = { id: 'n3', address: 'n3:50051', suffrage: 'voter', knownBy: ['n1'] }
    const listed = makeMembership({}).members
    const members = [...listed, { ...member, listed: false }]
    const notAsked = `The release must not go out: a member that was not asked may ${risk}.`
    expect(closed(makeMembership({ state: 'incomplete', members }), capability)).toBe(notAsked)
    expect(
      closed(makeMembership({ state: 'incomplete', shared: [['n1', 'n2']] }), capability),
    ).toBe(notAsked)
    expect(closed(makeMembership({ state: 'unknown' }), capability)).toBe(
      `The release must not go out: the list is not confirmed, and a member that it lacks may ${risk}.`,
    )
  })
})
