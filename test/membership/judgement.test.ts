import { describe, expect, it } from 'vitest'
import type { Member } from '../../src/membership/membership.ts'
import {
  type Answered,
  judgeAnswers,
  makeAnswered,
  makeMember,
  makeMembers,
  makeRaftPeer,
  SILENT,
} from '../support/raft-answers.ts'

const THREE = makeMembers('n1@n1.internal:50051', 'n2@n2.internal:50051', 'n3@n3.internal:50051')
const TWO = THREE.slice(0, 2)
const LEARNER = makeMember('n4@n4.internal:50051', 'learner')

/** Peers of these names that all report the same. */
const agree = (names: readonly string[], members: readonly Member[]): readonly Answered[] =>
  names.map((name) => makeAnswered(name, members))

/** A peer that reported these lists, one for each Raft address. */
const reporting = (
  names: readonly string[],
  asked: readonly string[],
  ...answers: readonly (readonly Member[])[]
): Answered => ({ peer: makeRaftPeer(names, asked), before: answers, after: answers })

describe('a complete membership', () => {
  it('has each member once, with its groups and the peers that know it', () => {
    expect(judgeAnswers(agree(['n1', 'n2', 'n3'], THREE))).toEqual({
      state: 'complete',
      groups: 1,
      members: THREE.map((member) => ({
        ...member,
        groups: [1],
        listed: true,
        knownBy: ['n1', 'n2', 'n3'],
      })),
      unknown: [],
      changed: [],
      moved: [],
      shared: [],
      strangers: [],
    })
  })

  it('may have a learner, if it is listed', () => {
    const all = agree(['n1', 'n2', 'n3', 'n4'], [...THREE, LEARNER])
    expect(judgeAnswers(all).state).toBe('complete')
  })

  it('may have several groups, in which a process has one id and one host', () => {
    const groups = [
      makeMembers('n1@10.0.0.1:50051', 'n2@10.0.0.2:50051'),
      makeMembers('n1@10.0.0.1:50061', 'n2@10.0.0.2:50061'),
    ]
    const all = ['10.0.0.1', '10.0.0.2'].map((host) => {
      const addresses = [`${host}:50051`, `${host}:50061`]
      return reporting(addresses, addresses, ...groups)
    })
    const { state, groups: count, members } = judgeAnswers(all)
    expect({ state, count }).toEqual({ state: 'complete', count: 2 })
    expect(members.map(({ address, groups: numbers }) => [address, ...numbers])).toEqual([
      ['10.0.0.1:50051', 1],
      ['10.0.0.1:50061', 2],
      ['10.0.0.2:50051', 1],
      ['10.0.0.2:50061', 2],
    ])
  })

  it('may know one member with several suffrages, each told with those who say so', () => {
    const promoted = THREE.map((member) => ({ ...member, suffrage: 'learner' }))
    const all = [...agree(['n1', 'n2'], THREE), ...agree(['n3'], promoted)]
    const { state, members } = judgeAnswers(all)
    expect(state).toBe('complete')
    expect(members.slice(0, 2)).toMatchObject([
      { suffrage: 'learner', knownBy: ['n3'] },
      { suffrage: 'voter', knownBy: ['n1', 'n2'] },
    ])
  })

  it('may have peers that no peer knows as a member, which are told', () => {
    const { state, strangers } = judgeAnswers(agree(['n1', 'n9', 'n2', 'n3'], THREE))
    expect({ state, strangers }).toEqual({ state: 'complete', strangers: ['n9'] })
  })
})

describe('a member that is not listed', () => {
  it.each([
    [
      'one peer alone knows it',
      [...agree(['n1', 'n2'], THREE), makeAnswered('n3', [...THREE, LEARNER])],
    ],
    [
      'it was there before the poll alone',
      [...agree(['n1', 'n2'], THREE), makeAnswered('n3', THREE, { before: [[...THREE, LEARNER]] })],
    ],
    [
      'only a peer that then failed knows it',
      [...agree(['n1', 'n2'], THREE), makeAnswered('n3', [...THREE, LEARNER], { after: [SILENT] })],
    ],
    [
      'it is in the second group',
      [
        reporting(
          ['n1'],
          ['n1.internal:50051', 'n1.internal:50061'],
          THREE.slice(0, 1),
          makeMembers('n1@n1.internal:50061', 'n4@n4.internal:50061'),
        ),
      ],
    ],
  ])('keeps it incomplete where %s', (_, all) => {
    const { state, members } = judgeAnswers(all)
    expect(state).toBe('incomplete')
    expect(members.filter(({ listed }) => !listed)).toMatchObject([{ id: 'n4' }])
  })
})

describe('a peer that does not report its members', () => {
  it.each([
    ['before the poll', { before: [SILENT] }],
    ['after it', { after: [SILENT] }],
    ['at all', { before: [SILENT], after: [SILENT] }],
  ])('leaves it unknown: %s', (_, rest) => {
    const all = [...agree(['n1', 'n2'], THREE), makeAnswered('n3', THREE, rest)]
    const { state, unknown } = judgeAnswers(all)
    expect({ state, unknown }).toEqual({
      state: 'unknown',
      unknown: [
        { name: 'n3', raftAddress: 'n3.internal:50051', status: 'timeout', error: SILENT.error },
      ],
    })
  })

  it.each([
    ['was never asked', makeAnswered('n3', undefined)],
    [
      'was asked at one of its two addresses',
      reporting(['n3'], ['n3.internal:50051', 'b:1'], THREE),
    ],
    ['reports nobody', makeAnswered('n3', [])],
  ])('leaves it unknown: it %s', (_, one) => {
    const { state, unknown } = judgeAnswers([...agree(['n1', 'n2'], THREE), one])
    expect(state).toBe('unknown')
    expect(unknown).toMatchObject([{ name: 'n3', status: 'unhealthy' }])
  })

  it('was asked once only where the second round of questions did not come to it', () => {
    const all = [...agree(['n1', 'n2'], THREE), makeAnswered('n3', THREE, { after: [undefined] })]
    expect(judgeAnswers(all)).toMatchObject({ state: 'incomplete', changed: [{ name: 'n3' }] })
  })

  it('leaves it unknown where it reports the members without itself: its id may be elsewhere now', () => {
    const all = [...agree(['n1', 'n2'], THREE), makeAnswered('n3', TWO)]
    const { state, unknown } = judgeAnswers(all)
    expect(state).toBe('unknown')
    expect(unknown).toMatchObject([
      {
        name: 'n3',
        status: 'unhealthy',
        error: expect.stringMatching(/^it is not among the members/),
      },
    ])
  })

  it('keeps peers from being called strangers', () => {
    const all = [...agree(['n1', 'n2', 'n9'], THREE), makeAnswered('n3', SILENT)]
    expect(judgeAnswers(all)).toMatchObject({ state: 'unknown', strangers: [] })
  })

  it('is every peer of a cluster without members, and of an empty list', () => {
    expect(judgeAnswers(agree(['n1', 'n2'], []))).toMatchObject({ state: 'unknown', members: [] })
    expect(judgeAnswers([])).toMatchObject({ state: 'unknown', groups: 0 })
  })
})

describe('members that changed', () => {
  it.each([
    ['one joined', TWO, THREE],
    ['one left', THREE, TWO],
    ['one was promoted', THREE, [...TWO, makeMember('n3@n3.internal:50051', 'learner')]],
    ['one has another port', THREE, [...TWO, makeMember('n3@n3.internal:50052')]],
  ])('keep it incomplete: %s', (_, before, after) => {
    const all = [
      ...agree(['n1', 'n2'], THREE),
      makeAnswered('n3', THREE, { before: [before], after: [after] }),
    ]
    expect(judgeAnswers(all)).toMatchObject({
      state: 'incomplete',
      changed: [{ name: 'n3', before, after }],
    })
  })

  it.each([
    ['in another order', THREE.toReversed()],
    ['twice', [...THREE, ...THREE]],
  ])('are none where the same ones are reported %s', (_, after) => {
    const all = [...agree(['n1', 'n2'], THREE), makeAnswered('n3', THREE, { after: [after] })]
    expect(judgeAnswers(all)).toMatchObject({ state: 'complete', changed: [] })
  })

  it('are compared for each Raft address of its own', () => {
    const [one, other] = [makeMembers('n1@a:1'), makeMembers('n1@a:2')]
    const peer = makeRaftPeer(['n1'], ['a:1', 'a:2'])
    const { changed } = judgeAnswers([{ peer, before: [one, other], after: [other, one] }])
    expect(changed).toMatchObject([{ name: 'n1' }, { name: 'n1' }])
  })

  it('are kept for as many peers as have 10,000 members together', () => {
    const names = Array.from({ length: 150 }, (_, at) => `n${at}`)
    const many = Array.from({ length: 3_000 }, (_, at) => makeMember(`m${at}@m:1`))
    const kept = (before: readonly Member[]) =>
      judgeAnswers(names.map((name) => makeAnswered(name, TWO, { before: [before] }))).changed
        .length
    expect(kept(THREE)).toBe(150)
    expect(kept(many)).toBe(4)
  })
})

describe('one id at two hosts', () => {
  const stale = makeMembers('n1@n1.internal:50051', 'n2@n2.internal:50051', 'n3@n9.internal:50051')

  it('keeps it incomplete, with both addresses and who reported which', () => {
    const { state, moved } = judgeAnswers([
      ...agree(['n1', 'n2'], stale),
      makeAnswered('n3', THREE),
    ])
    expect(state).toBe('incomplete')
    expect(moved).toMatchObject([
      {
        id: 'n3',
        members: [
          { address: 'n3.internal:50051', knownBy: ['n3'] },
          { address: 'n9.internal:50051', knownBy: ['n1', 'n2'] },
        ],
      },
    ])
  })

  it('is what two clusters with the same ids look like', () => {
    const other = THREE.map((member) => ({ ...member, address: `other-${member.address}` }))
    const { state, moved } = judgeAnswers([
      ...agree(['n1', 'n2'], THREE),
      makeAnswered('n3', other),
    ])
    expect(state).toBe('incomplete')
    expect(moved.map(({ id }) => id)).toEqual(['n1', 'n2', 'n3'])
  })

  it('is closed as well where it is at two ports of one host in one group: another process', () => {
    const moved = makeMembers('n1@kv01:1', 'n2@kv02:1', 'n2@kv02:2')
    expect(judgeAnswers(agree(['n1', 'n2'], moved))).toMatchObject({
      state: 'incomplete',
      moved: [{ id: 'n2' }],
    })
  })

  it('is no matter of letter case, or of how an address is written', () => {
    const ways = ['[::ffff:10.0.0.1]:50051', '10.0.0.1:50051']
    const members = makeMembers(...ways.map((address) => `n1@${address}`), 'n2@KV02:1', 'n2@kv02:1')
    expect(judgeAnswers(agree(['n1', 'n2'], members))).toMatchObject({
      state: 'complete',
      moved: [],
    })
  })
})

describe('a peer that stands for several ids', () => {
  it.each([
    ['by two names', ['n1', 'n2'], ['x:1'], [], ['n1', 'n2']],
    ['by a name and the address that is asked', ['n1'], ['n2.internal:50051'], [], ['n1', 'n2']],
    ['by two addresses', ['a'], ['n1.internal:50051', 'N2.internal:50051'], [], ['n1', 'n2']],
    [
      'by two addresses for names',
      ['n1.internal:50051', 'n2.internal:50051'],
      ['x:1'],
      [],
      ['n1.internal:50051', 'n2.internal:50051'],
    ],
  ])('keeps it incomplete: %s', (_, names, asked, __, shared) => {
    const { state, shared: told } = judgeAnswers([reporting(names, asked, ...asked.map(() => TWO))])
    expect({ state, told }).toEqual({ state: 'incomplete', told: [shared] })
  })

  it('keeps it incomplete where another name of one machine was reached, by any of its addresses', () => {
    const members = makeMembers('n1@10.0.0.1:50051', 'n2@10.0.0.2:50051')
    const at = (name: string, ...remotes: readonly string[]) =>
      makeAnswered(name, members, { remotes })
    const one = at('n1', '[fd00::1]:50051')
    expect(judgeAnswers([one, at('n2', '10.0.0.2:50051')]).state).toBe('complete')
    expect(judgeAnswers([one, at('n2', '[fd00::2]:50051', '10.0.0.1:50051')])).toMatchObject({
      state: 'incomplete',
      shared: [['n1', 'n2']],
    })
  })

  it('is found whatever else is shared, each once', () => {
    const one = reporting(['n1', 'n2'], ['x:1'], TWO)
    const { shared } = judgeAnswers(
      [one],
      [
        ['n1', 'n2'],
        ['a', 'b'],
        ['a', 'b'],
      ],
    )
    expect(shared).toEqual([
      ['n1', 'n2'],
      ['a', 'b'],
    ])
  })

  it('is none where one of its names is not known to the cluster', () => {
    const one = reporting(['n1', 'gone'], ['n1.internal:50051'], THREE.slice(0, 1))
    expect(judgeAnswers([one])).toMatchObject({ state: 'complete', shared: [], strangers: [] })
  })
})

it('names for which one process answered keep it incomplete', () => {
  expect(judgeAnswers(agree(['n1', 'n2', 'n3'], THREE), [['n1', 'n2']])).toMatchObject({
    state: 'incomplete',
    shared: [['n1', 'n2']],
  })
})

it('the worst state that holds is told, with all reasons', () => {
  const all = [
    makeAnswered('n1', THREE, { before: [THREE.slice(1)] }),
    makeAnswered('n2', SILENT),
    makeAnswered('n3', THREE),
  ]
  expect(judgeAnswers(all)).toMatchObject({
    state: 'incomplete',
    unknown: [{ name: 'n2' }],
    changed: [{ name: 'n1' }],
  })
})

it('members are told by id, address and suffrage, and the peers that know them in the order of the list', () => {
  const sorted = [
    makeMember('N3@c:1'),
    makeMember('n1@c:1', 'learner'),
    makeMember('n1@c:1'),
    makeMember('n1@d:1'),
    makeMember('n10@b:1'),
    makeMember('n2@a:1'),
  ]
  const all = [makeAnswered('n3', sorted.toReversed()), makeAnswered('n1', sorted.slice(1))]
  const { members } = judgeAnswers(all)
  expect(members).toMatchObject(sorted)
  expect(members.map(({ knownBy }) => knownBy.join())).toEqual(['n3', ...Array(5).fill('n3,n1')])
})

it('a member that everybody knows names 100 peers, and counts the rest', () => {
  const names = Array.from({ length: 103 }, (_, at) => `n${at}`)
  const [first] = judgeAnswers(agree(names, THREE)).members
  expect(first?.knownBy).toHaveLength(101)
  expect(first?.knownBy.at(-1)).toBe('and 3 more')
})
