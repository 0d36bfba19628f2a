import { describe, expect, it } from 'vitest'
import type { Membership } from '../../src/membership/membership.ts'
import {
  blockingPeers,
  crash,
  fillHeadline,
  judge,
  refuse,
  type Verdict,
} from '../../src/rounds/verdict.ts'
import { makeCourse, makeMembership, makeRound } from '../support/rounds.ts'

const ready = makeRound('advertises', 'advertises')
const told = (verdict: Verdict) => fillHeadline(verdict, (text) => text)

describe('judge', () => {
  it('opens for a last round in which all advertise', () => {
    const verdict = judge(makeCourse(ready, { rounds: 3, streak: 1 }), 'htfifo', 1)
    expect(told(verdict)).toBe('OPEN: all 2 nodes advertise htfifo.')
    expect(verdict).toMatchObject({
      open: true,
      capability: 'htfifo',
      problems: [],
      results: ready,
      rounds: 3,
      membership: null,
    })
  })

  it('opens for a single peer', () => {
    const verdict = judge(makeCourse(makeRound('advertises'), { streak: 1 }), 'x', 1)
    expect(verdict.open).toBe(true)
    expect(told(verdict)).toBe('OPEN: the only node advertises x.')
  })

  it('is closed for an empty round, whatever its streak', () => {
    const verdict = judge(makeCourse([], { streak: 9 }), 'htfifo', 1)
    expect(verdict.open).toBe(false)
    expect(told(verdict)).toBe('CLOSED: no node was asked.')
  })

  it.each([
    [1, 'the only node is not ready for htfifo: it could not be asked', makeRound('refused')],
    [1, 'the only node is not ready for htfifo: it is old', makeRound('legacy')],
    [1, 'the only node is not ready for htfifo: it gave no usable answer', makeRound('cached')],
    [
      1,
      '1 of 2 nodes is not ready for htfifo: 1 could not be asked',
      makeRound('advertises', 'tls'),
    ],
    [
      9,
      '2 of 3 nodes are not ready for htfifo: 1 old, 1 could not be asked',
      makeRound('dns', 'advertises', 'legacy'),
    ],
    [
      9,
      '4 of 5 nodes are not ready for htfifo: 2 old, 1 gave no usable answer, 1 could not be asked',
      makeRound('timeout', 'missing-capability', 'advertises', 'legacy', 'http-error'),
    ],
  ])(
    'is closed by any blocking peer, whatever the streak says, and tells old from unknown: %i, %s',
    (streak, headline, results) => {
      const verdict = judge(makeCourse(results, { streak }), 'htfifo', 1)
      expect(verdict.open).toBe(false)
      expect(told(verdict)).toBe(`CLOSED: ${headline}.`)
    },
  )

  it.each([
    ['1 of 2 nodes is not ready for x: 1 does not advertise it', ['advertises', 'legacy']],
    [
      '2 of 2 nodes are not ready for x: 2 do not advertise it',
      ['missing-capability', 'missing-capability'],
    ],
    ['the only node is not ready for x: it does not advertise it', ['missing-capability']],
  ] as const)('calls no node old for another capability: %s', (headline, statuses) => {
    const verdict = judge(makeCourse(makeRound(...statuses)), 'x', 1)
    expect(told(verdict)).toBe(`CLOSED: ${headline}.`)
  })

  it('is closed while the streak is too short', () => {
    const verdict = judge(makeCourse(ready, { streak: 2 }), 'x', 3)
    expect(verdict.open).toBe(false)
    expect(told(verdict)).toBe(
      'CLOSED: all 2 nodes advertise x, but only for 2 of 3 rounds in a row.',
    )
    expect(judge(makeCourse(ready, { streak: 3 }), 'x', 3).open).toBe(true)
    expect(judge(makeCourse(ready, { streak: 4 }), 'x', 3).open).toBe(true)
  })

  it('is closed for a run that was cancelled, even if all advertise', () => {
    const course = makeCourse(ready, { streak: 1, cancelled: true, membership: makeMembership({}) })
    const verdict = judge(course, 'x', 1)
    expect(verdict.open).toBe(false)
    expect(told(verdict)).toMatch(/^CLOSED: the run was cancelled/)
  })
})

describe('judge, where the cluster was asked for its members', () => {
  const judged = (rest: Partial<Membership>, results = ready) =>
    judge(makeCourse(results, { streak: 1, membership: makeMembership(rest) }), 'htfifo', 1)
  const n4 = { id: 'n4', address: '10.0.0.4:50051', suffrage: 'learner' }
  const unlisted = (...ids: readonly string[]) =>
    ids.map((id) => ({ ...n4, id, listed: false, knownBy: ['n1'] }))
  /** A member that told nothing but its id, with overrides. */
  const bare = (id: string, suffrage = '') => ({
    id,
    address: '',
    suffrage,
    listed: false,
    knownBy: ['n1'],
  })
  const unknown = { name: 'n2', raftAddress: 'n2:50051', status: 'refused', error: 'x' } as const
  const changed = [{ name: 'n1', before: [], after: [n4] }]

  it('opens if the membership is complete', () => {
    const verdict = judged({})
    expect(verdict.open).toBe(true)
    expect(told(verdict)).toBe('OPEN: all 2 nodes advertise htfifo.')
    expect(verdict.membership?.state).toBe('complete')
  })

  it.each([
    [
      'the cluster has a member that is not in the list: n4 (10.0.0.4:50051, learner)',
      { state: 'incomplete', members: unlisted('n4') },
    ],
    [
      'the cluster has 2 members that are not in the list: n4 (10.0.0.4:50051, learner), n5 (10.0.0.4:50051, learner)',
      { state: 'incomplete', members: unlisted('n4', 'n5') },
    ],
    [
      'the cluster has a member that is not in the list: 626985543730257215 (learner)',
      { state: 'incomplete', members: [bare('626985543730257215', 'learner')] },
    ],
    [
      'the cluster has a member that is not in the list: n4',
      { state: 'incomplete', members: [bare('n4')] },
    ],
    [
      'the cluster has 3 members that are not in the list: n4, n5, n6',
      { state: 'incomplete', members: ['n4', 'n5', 'n6'].map((id) => bare(id)) },
    ],
    [
      'the cluster has 4 members that are not in the list: n4, n5, n6 and 1 other',
      { state: 'incomplete', members: ['n4', 'n5', 'n6', 'n7'].map((id) => bare(id)) },
    ],
    [
      'n1, n2 lead to one node, so a member was not asked',
      { state: 'incomplete', shared: [['n1', 'n2']] },
    ],
    ['the members of the cluster changed while they were asked', { state: 'incomplete', changed }],
    ['n2 did not report the members of the cluster', { state: 'unknown', unknown: [unknown] }],
    [
      'n2, n2, n2 and 2 others did not report the members of the cluster',
      { state: 'unknown', unknown: Array.from({ length: 5 }, () => unknown) },
    ],
    [
      'the cluster has a member that is not in the list: n4 (10.0.0.4:50051, learner)',
      {
        state: 'incomplete',
        members: unlisted('n4'),
        shared: [['a', 'b']],
        unknown: [unknown],
        changed,
      },
    ],
    [
      'the members of the cluster changed while they were asked',
      { state: 'incomplete', unknown: [unknown], changed },
    ],
    ['the members of the cluster are not confirmed', { state: 'unknown' }],
  ] satisfies [string, Partial<Membership>][])(
    'is closed, and tells the worst: %s',
    (why, rest) => {
      const verdict = judged(rest)
      expect(verdict.open).toBe(false)
      expect(told(verdict)).toBe(`CLOSED: all 2 nodes advertise htfifo, but ${why}.`)
    },
  )

  it('tells of an unlisted member beside nodes that are not ready, and of nothing that follows from them', () => {
    const results = makeRound('advertises', 'refused')
    const some = 'CLOSED: 1 of 2 nodes is not ready for htfifo: 1 could not be asked'
    expect(told(judged({ state: 'incomplete', members: unlisted('n4') }, results))).toBe(
      `${some}; and the cluster has a member that is not in the list: n4 (10.0.0.4:50051, learner).`,
    )
    expect(told(judged({ state: 'unknown', unknown: [unknown] }, results))).toBe(`${some}.`)
  })

  it.each([
    [{ state: 'unknown', unknown: [unknown] }, 'n2 did not report the members of the cluster'],
    [{}, 'only for 1 of 3 rounds in a row'],
  ] satisfies [Partial<Membership>, string][])(
    'tells of the streak where nothing is wrong with the members: %j, but %s',
    (rest, why) => {
      const course = makeCourse(ready, { streak: 1, membership: makeMembership(rest) })
      expect(told(judge(course, 'htfifo', 3))).toBe(
        `CLOSED: all 2 nodes advertise htfifo, but ${why}.`,
      )
    },
  )
})

describe('a verdict without a round', () => {
  const nothing = { open: false, capability: 'x', results: [], rounds: 0, membership: null }

  it('is closed for problems with the inputs', () => {
    const verdict = refuse(['a', 'b'], 'x')
    expect(verdict).toMatchObject({ ...nothing, problems: ['a', 'b'] })
    expect(told(verdict)).toBe('CLOSED: nothing was polled, 2 problems with the inputs.')
    expect(told(refuse(['a'], 'x'))).toContain('1 problem with')
  })

  it('is closed for a crash', () => {
    const verdict = crash('TypeError: x', 'x')
    expect(verdict).toMatchObject({ ...nothing, problems: ['the gate failed: TypeError: x'] })
    expect(told(verdict)).toBe('CLOSED: the gate itself failed.')
  })
})

describe('blockingPeers', () => {
  it('are all that do not advertise, in the order of the input', () => {
    const results = makeRound('legacy', 'advertises', 'missing-capability')
    const verdict = judge(makeCourse(results), 'x', 1)
    expect(blockingPeers(verdict).map(({ peer }) => peer.name)).toEqual(['n1', 'n3'])
  })
})

describe('fillHeadline', () => {
  const angle = (text: string) => `<${text}>`

  it('shows the capability as it is told to, to the letter', () => {
    const verdict = judge(makeCourse(ready, { streak: 1 }), '$& {capability}', 1)
    expect(fillHeadline(verdict, angle)).toBe('OPEN: all 2 nodes advertise <$& {capability}>.')
    const closed = judge(makeCourse(makeRound('dns')), 'x', 1)
    expect(fillHeadline(closed, angle)).toContain('not ready for <x>:')
  })

  it('shows every text of a member or a peer as it is told to', () => {
    const member = { id: 'm', address: 'a', suffrage: 's', listed: false, knownBy: ['k'] }
    const unknown = { name: 'p', raftAddress: 'r', status: 'dns', error: 'e' } as const
    for (const [rest, shown] of [
      [{ members: [member, member] }, '<m (a, s)>, <m (a, s)>'],
      [{ shared: [['p', 'q']] }, '<p>, <q> lead'],
      [{ unknown: [unknown] }, '<p> did not report'],
    ] as const) {
      const membership = makeMembership({ state: 'incomplete', ...rest })
      const verdict = judge(makeCourse(ready, { streak: 1, membership }), 'x', 1)
      expect(fillHeadline(verdict, angle)).toContain(shown)
    }
  })
})
