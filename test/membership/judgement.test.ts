import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { judgeMembership, type Member, type Testimony } from '../../src/membership/membership.ts'
import {
  makeMember,
  makeMembers,
  makeRaftPeer,
  makeTestimony,
  silent,
  told,
} from '../support/testimonies.ts'

const JUDGEMENT = new URL('../../src/membership/judgement.ts', import.meta.url).href
const THREE = makeMembers('n1@n1.internal:50051', 'n2@n2.internal:50051', 'n3@n3.internal:50051')
const FOUR = [...THREE, makeMember('n4@n4.internal:50051', 'learner')]

/** Peers of these names that all tell the same. */
const agree = (
  names: readonly string[],
  members: readonly Member[],
  rest: Partial<Testimony> = {},
) => names.map((name) => makeTestimony(name, members, rest))

/** Whether a peer with these names and asked Raft addresses stands for a member, as the only peer and the only member. */
function isListed(names: readonly string[], raftAddresses: readonly string[], member: string) {
  const peer = makeRaftPeer(names, raftAddresses)
  const answers = raftAddresses.map(() => told([makeMember(member)]))
  const [known] = judgeMembership([{ peer, before: answers, after: answers, remotes: [] }]).members
  return known?.listed
}

describe('a list that holds all members', () => {
  it('is complete, with each member and who knows it', () => {
    expect(judgeMembership(agree(['n1', 'n2', 'n3'], THREE))).toEqual({
      state: 'complete',
      members: THREE.map((member) => ({ ...member, listed: true, knownBy: ['n1', 'n2', 'n3'] })),
      unknown: [],
      changed: [],
      shared: [],
      strangers: [],
    })
  })

  it('is complete with a learner that is listed', () => {
    expect(judgeMembership(agree(['n1', 'n2', 'n3', 'n4'], FOUR)).state).toBe('complete')
  })

  it('is complete where the Raft address is the name, and one process is in several groups', () => {
    const groups = (host: string) => [`${host}:50051`, `${host}:50052`]
    const answers = [
      told(makeMembers('n1@10.0.0.1:50051', 'n2@10.0.0.2:50051')),
      told(makeMembers('n1@10.0.0.1:50052', 'n2@10.0.0.2:50052')),
    ]
    const testimonies = ['10.0.0.1', '10.0.0.2'].map((host) => {
      const peer = makeRaftPeer(groups(host), groups(host))
      return { peer, before: answers, after: answers, remotes: [`${host}:9324`] }
    })
    const { state, shared, members } = judgeMembership(testimonies)
    expect({ state, shared }).toEqual({ state: 'complete', shared: [] })
    expect(members.map(({ id, address }) => `${id}@${address}`)).toEqual([
      'n1@10.0.0.1:50051',
      'n1@10.0.0.1:50052',
      'n2@10.0.0.2:50051',
      'n2@10.0.0.2:50052',
    ])
  })

  it('tells a member once for each suffrage that it is known with', () => {
    const promoted = THREE.map((member) => ({ ...member, suffrage: 'learner' }))
    const testimonies = [...agree(['n1', 'n2'], THREE), ...agree(['n3'], promoted)]
    const { state, members } = judgeMembership(testimonies)
    expect(state).toBe('complete')
    expect(members.filter(({ id }) => id === 'n1')).toMatchObject([
      { suffrage: 'learner', knownBy: ['n3'] },
      { suffrage: 'voter', knownBy: ['n1', 'n2'] },
    ])
  })
})

describe('a member that is not in the list', () => {
  it.each([
    ['by all', FOUR, FOUR, ['n1', 'n2', 'n3']],
    ['by one, whose followers are stale', FOUR, THREE, ['n1']],
  ])('makes it incomplete when known %s', (_, first, others, knownBy) => {
    const testimonies = [...agree(['n1'], first), ...agree(['n2', 'n3'], others)]
    const { state, members, changed } = judgeMembership(testimonies)
    expect({ state, changed }).toEqual({ state: 'incomplete', changed: [] })
    expect(members.filter(({ listed }) => !listed)).toEqual([
      { ...makeMember('n4@n4.internal:50051', 'learner'), listed: false, knownBy },
    ])
  })

  it.each(['before', 'after'] as const)('counts where only the answer %s holds it', (call) => {
    const [first, ...others] = agree(['n1', 'n2', 'n3'], THREE)
    const testimonies = [{ ...(first as Testimony), [call]: [told(FOUR)] }, ...others]
    const { state, members } = judgeMembership(testimonies)
    expect(state).toBe('incomplete')
    expect(members).toContainEqual({ ...FOUR[3], listed: false, knownBy: ['n1'] })
  })

  it('counts where the other call of the peer failed, and where others failed', () => {
    const testimonies = [
      makeTestimony('n1', FOUR, { after: [silent()] }),
      makeTestimony('n2', THREE, { before: [silent()], after: [silent()] }),
      makeTestimony('n3', THREE),
    ]
    expect(judgeMembership(testimonies)).toMatchObject({
      state: 'incomplete',
      unknown: [{ name: 'n1' }, { name: 'n2' }],
    })
  })

  it('counts where only one group of a process knows it', () => {
    const peer = makeRaftPeer(['n1'], ['n1.internal:50051', 'n1.internal:50052'])
    const answers = [
      told(makeMembers('n1@n1.internal:50051')),
      told(makeMembers('n1@n1.internal:50052', 'n9@n9.internal:50052')),
    ]
    expect(judgeMembership([{ peer, before: answers, after: answers, remotes: [] }])).toMatchObject(
      { state: 'incomplete', members: [{ id: 'n1' }, { id: 'n1' }, { id: 'n9', listed: false }] },
    )
  })

  it('is one without metadata as well: a number for an id, and no address', () => {
    const members = [...THREE, makeMember('626985543730257215@')]
    const verdict = judgeMembership(agree(['n1', 'n2', 'n3'], members))
    expect(verdict.state).toBe('incomplete')
    expect(verdict.members.filter(({ listed }) => !listed)).toMatchObject([{ address: '' }])
  })
})

describe('what makes a member listed', () => {
  it.each([
    [true, ['n1'], ['kv01:50051'], 'n1@elsewhere:1'],
    [true, ['other', 'n1'], ['kv01:50051'], 'n1@elsewhere:1'],
    [false, ['N1'], ['kv01:50051'], 'n1@elsewhere:1'],
    [false, ['n1 '], ['kv01:50051'], 'n1@elsewhere:1'],
    [false, ['n10'], ['kv01:50051'], 'n1@elsewhere:1'],
    [true, ['kv01'], ['kv01:50051'], 'n1@kv01:50051'],
    [true, ['kv01'], ['kv01:50051', 'kv01:50052'], 'n1@kv01:50052'],
    [true, ['kv01'], ['kv01:50051'], 'n1@KV01:50051'],
    [true, ['KV01:50052'], ['elsewhere:50051'], 'n1@kv01:50052'],
    [false, ['kv01'], ['kv01:50051'], 'n1@kv01:50052'],
    [false, ['kv01'], ['kv01:50051'], 'n1@kv01'],
    [false, ['kv01'], ['kv01.internal:50051'], 'n1@kv01:50051'],
    [false, ['kv01'], ['kv01:50051'], 'n1@kv01.:50051'],
    [false, ['kv01'], ['elsewhere:50051'], 'kv01:50051@'],
    [false, ['kv01'], ['elsewhere:50051'], '@'],
    [false, ['kv01', ':50051'], ['elsewhere:50051'], 'n1@:50052'],
  ])('is %s for names %j, asked at %j, and the member %s', (listed, names, asked, member) => {
    expect(isListed(names, asked, member)).toBe(listed)
  })

  const ipv6 = [
    '[fd00::1]:50051',
    'fd00::1:50051',
    '[FD00:0:0:0:0:0:0:1]:50051',
    '[fd00:0::1]:50051',
  ]
  const ipv4 = ['10.0.0.1:50051', '[::ffff:10.0.0.1]:50051', '[::FFFF:a00:1]:50051']
  const zone = ['[fe80::1%eth0]:50051', '[FE80::1%eth0]:50051']
  const limits = [
    ['kv01:1', 'KV01:1'],
    ['kv01:65535', 'KV01:65535'],
  ]
  const pairs = [ipv6, ipv4, zone, ...limits].flatMap((spellings) =>
    spellings.flatMap((one) => spellings.map((other) => [one, other] as const)),
  )
  it.each(pairs)('takes %s and %s for one address', (one, other) => {
    expect(isListed([one], ['elsewhere:50051'], `n1@${other}`)).toBe(true)
    expect(isListed(['kv01'], [one], `n1@${other}`)).toBe(true)
  })

  it.each([
    ['[fd00::1]:50051', '[fd00::2]:50051'],
    ['[fd00::1]:50051', '[fd00::1]:50052'],
    ['[fd00::1]:50051', '[fd00::1]'],
    ['10.0.0.1:50051', '010.0.0.1:50051'],
    ['8.0.0.1:50051', '010.0.0.1:50051'],
    ['127.0.0.1:50051', '0x7f.1:50051'],
    ['127.0.0.1:50051', 'localhost:50051'],
    ['kv01:50051', 'kv01:500510'],
    ['kv01:50051', 'http://kv01:50051'],
    ['a:b:50051', 'A:b:50051'],
    ['kv01:0', 'KV01:0'],
    ['kv01:65536', 'KV01:65536'],
    ['kvstraße:50051', 'kvstrasse:50051'],
  ])('takes %s and %s for two', (one, other) => {
    expect(isListed([one], ['elsewhere:50051'], `n1@${other}`)).toBe(false)
    expect(isListed(['kv00'], [one], `n1@${other}`)).toBe(false)
  })
})

describe('a peer that did not tell', () => {
  const failure = { status: 'refused', error: 'connection refused' } as const
  it.each([
    ['before', { before: [silent(failure)] }],
    ['after', { after: [silent(failure)] }],
    ['in both calls', { before: [silent(failure)], after: [silent({ status: 'timeout' })] }],
  ])('makes it unknown, with its reason: %s', (_, rest) => {
    const testimonies = [...agree(['n1', 'n2'], THREE), makeTestimony('n3', THREE, rest)]
    const { state, unknown, changed } = judgeMembership(testimonies)
    expect({ state, changed }).toEqual({ state: 'unknown', changed: [] })
    expect(unknown).toEqual([{ name: 'n3', raftAddress: 'n3.internal:50051', ...failure }])
  })

  it('is one that knows no members, before or after', () => {
    for (const rest of [{ before: [told([])] }, { after: [told([])] }]) {
      const testimonies = [...agree(['n1', 'n2'], THREE), makeTestimony('n3', THREE, rest)]
      expect(judgeMembership(testimonies)).toMatchObject({
        state: 'unknown',
        changed: [],
        unknown: [
          { name: 'n3', status: 'unhealthy', error: expect.stringContaining('no members') },
        ],
      })
    }
  })

  it('is one of which an answer is missing, also at one of several Raft addresses', () => {
    const peer = makeRaftPeer(['n3'], ['n3.internal:50051', 'n3.internal:50052'])
    const testimonies = [
      ...agree(['n1'], THREE),
      makeTestimony('n2', THREE, { after: [] }),
      makeTestimony('n3', THREE, { peer }),
    ]
    const { state, unknown } = judgeMembership(testimonies)
    expect(state).toBe('unknown')
    expect(unknown).toMatchObject([
      { name: 'n2', raftAddress: 'n2.internal:50051', status: 'cancelled' },
      { name: 'n3', raftAddress: 'n3.internal:50052', status: 'cancelled' },
    ])
  })

  it('is one without a Raft address, which nobody could ask', () => {
    const lost = { peer: makeRaftPeer(['n3'], []), before: [], after: [], remotes: [] }
    expect(judgeMembership([...agree(['n1', 'n2'], THREE), lost])).toMatchObject({
      state: 'unknown',
      unknown: [{ name: 'n3', raftAddress: '', status: 'cancelled' }],
    })
  })

  it('is every peer of a cluster in which nobody knows a member, and of an empty list', () => {
    expect(judgeMembership(agree(['n1', 'n2'], []))).toMatchObject({
      state: 'unknown',
      members: [],
      unknown: [{ name: 'n1' }, { name: 'n2' }],
    })
    expect(judgeMembership([])).toMatchObject({ state: 'unknown', members: [], unknown: [] })
  })
})

describe('members that changed', () => {
  it.each([
    ['one joined', THREE.slice(0, 2), THREE],
    ['one left', THREE, THREE.slice(0, 2)],
    [
      'one was promoted',
      THREE,
      [...THREE.slice(0, 2), makeMember('n3@n3.internal:50051', 'learner')],
    ],
    ['one moved', THREE, [...THREE.slice(0, 2), makeMember('n3@n2.internal:50051')]],
    ['one was replaced', THREE.slice(0, 2), [...THREE.slice(0, 1), ...THREE.slice(2)]],
  ])('make it incomplete: %s', (_, before, after) => {
    const rest = { before: [told(before)], after: [told(after)] }
    const testimonies = [...agree(['n1', 'n2'], THREE), makeTestimony('n3', [], rest)]
    expect(judgeMembership(testimonies)).toMatchObject({
      state: 'incomplete',
      changed: [{ name: 'n3', before, after }],
    })
  })

  it.each([
    ['in another order', THREE.toReversed()],
    ['twice', [...THREE, ...THREE]],
  ])('are none where members are told %s', (_, after) => {
    const rest = { after: [told(after)] }
    const testimonies = [...agree(['n1', 'n2'], THREE), makeTestimony('n3', THREE, rest)]
    expect(judgeMembership(testimonies)).toMatchObject({ state: 'complete', changed: [] })
  })

  it('are compared for each Raft address of its own', () => {
    const peer = makeRaftPeer(['n1'], ['n1.internal:50051', 'n1.internal:50052'])
    const one = told(makeMembers('n1@n1.internal:50051'))
    const other = told(makeMembers('n1@n1.internal:50052'))
    const testimony = { peer, before: [one, other], after: [other, one], remotes: [] }
    expect(judgeMembership([testimony])).toMatchObject({
      state: 'incomplete',
      changed: [{ name: 'n1' }, { name: 'n1' }],
    })
  })

  it('do not run together where their texts do', () => {
    const rest = {
      before: [told([{ id: 'n1', address: '1.1.1.1:1', suffrage: 'voter' }])],
      after: [told([{ id: 'n11', address: '.1.1.1:1', suffrage: 'voter' }])],
    }
    expect(judgeMembership([makeTestimony('n1', [], rest)]).changed).toHaveLength(1)
  })
})

describe('a peer that members share', () => {
  it.each([
    ['two names with one SQS address', [['n1', 'n2']], ['n1.internal:50051'], ['n1', 'n2']],
    ['a name, and the address of another', [['n1']], ['n2.internal:50051'], ['n1', 'n2']],
  ])('makes it incomplete: %s', (_, [names = []], raftAddresses, shared) => {
    const peer = makeRaftPeer(names, raftAddresses)
    const members = THREE.slice(0, 2)
    const testimonies = [makeTestimony('n1', members, { peer })]
    expect(judgeMembership(testimonies)).toMatchObject({
      state: 'incomplete',
      shared: [shared],
      members: [{ listed: true }, { listed: true }],
    })
  })

  it('is told by its names, whatever peers there are besides', () => {
    const peer = makeRaftPeer(['10.0.0.1:50051', '10.0.0.4:50051'], ['10.0.0.1:50051'])
    const members = [...THREE, ...makeMembers('n0@10.0.0.1:50051', 'n4@10.0.0.4:50051')]
    const testimonies = [
      ...agree(['n1', 'n2', 'n3'], members),
      makeTestimony('', members, { peer }),
    ]
    const { state, shared } = judgeMembership(testimonies)
    expect({ state, shared }).toEqual({
      state: 'incomplete',
      shared: [['10.0.0.1:50051', '10.0.0.4:50051']],
    })
  })

  it('is one whose address was given to a new member while a follower still knows the old one', () => {
    const stale = [...THREE.slice(0, 2), makeMember('n0@n3.internal:50051')]
    const testimonies = [...agree(['n1', 'n2'], THREE), ...agree(['n3'], stale)]
    expect(judgeMembership(testimonies)).toMatchObject({
      state: 'incomplete',
      shared: [['n0', 'n3']],
    })
  })

  it('is none where each id can have a peer of its own: swapped names', () => {
    const swap = (name: string, other: string) =>
      makeTestimony(name, THREE.slice(0, 2), {
        peer: makeRaftPeer([name], [`${other}.internal:50051`]),
      })
    const testimonies = [swap('n1', 'n2'), swap('n2', 'n1')]
    expect(judgeMembership(testimonies)).toMatchObject({ state: 'complete', shared: [] })
  })

  it('is none where ids have to move over for each other, also one that moved in before', () => {
    const members = makeMembers(
      ...['n1@a:1', 'n1@b:1', 'n2@d:1', 'n2@e:1', 'n3@a:1', 'n3@d:1', 'n4@a:1'],
    )
    const peers = ['a', 'b', 'd', 'e'].map((host) => makeRaftPeer([host], [`${host}:1`]))
    const testimonies = peers.map((peer) => makeTestimony('', members, { peer }))
    expect(judgeMembership(testimonies)).toMatchObject({ state: 'complete', shared: [] })
  })

  it('is found through a chain: three ids for two peers', () => {
    const members = makeMembers('n1@a:1', 'n1@b:1', 'n2@b:1', 'n2@a:1', 'n3@b:1', 'n4@c:1')
    const peers = ['a', 'b', 'c'].map((host) => makeRaftPeer([host], [`${host}:1`]))
    const testimonies = peers.map((peer) => makeTestimony('', members, { peer }))
    const { state, shared } = judgeMembership(testimonies)
    expect(state).toBe('incomplete')
    expect(shared.map((names) => [...names].sort())).toEqual([['a', 'b']])
  })

  it.each([['a:1', 'b:1'], ['lb']])(
    'is one for members without ids, told by address: %j',
    (...names) => {
      const peer = makeRaftPeer(names, ['a:1', 'b:1'])
      const answers = [told(makeMembers('@a:1')), told(makeMembers('@b:1'))]
      const testimony = { peer, before: answers, after: answers, remotes: [] }
      expect(judgeMembership([testimony])).toMatchObject({ shared: [['a:1', 'b:1']] })
    },
  )

  it('is told by all the ids that would need it, where it has one name', () => {
    const members = makeMembers(
      'n1@a:1',
      'n2@a:1',
      'n3@a:1',
      'n4@b:1',
      'n5@b:1',
      'n6@a:1',
      'n6@b:1',
    )
    const peers = ['a', 'b'].map((host) => makeRaftPeer([host], [`${host}:1`]))
    const testimonies = peers.map((peer) => makeTestimony('', members, { peer }))
    expect(judgeMembership(testimonies).shared).toEqual([
      ['n1', 'n2', 'n3', 'n6'],
      ['n4', 'n5'],
    ])
  })

  it('is not made by a name of which the cluster knows nothing', () => {
    const peer = makeRaftPeer(['n1', 'gone'], ['n1.internal:50051'])
    const testimonies = [makeTestimony('n1', THREE.slice(0, 1), { peer })]
    expect(judgeMembership(testimonies)).toMatchObject({ state: 'complete', strangers: [] })
  })
})

describe('exchanges that ended at one remote address', () => {
  const reach = (name: string, ...remotes: string[]) => makeTestimony(name, THREE, { remotes })

  it('make it incomplete, with the names', () => {
    const testimonies = [
      reach('n1', '10.0.0.1:1'),
      reach('n2', '10.0.0.1:1'),
      reach('n3', '10.0.0.3:1'),
    ]
    const { state, shared } = judgeMembership(testimonies)
    expect({ state, shared }).toEqual({ state: 'incomplete', shared: [['n1', 'n2']] })
  })

  it('are found among several addresses of a name, and told once', () => {
    const testimonies = [
      reach('n1', '10.0.0.1:1', '10.0.0.2:1', '10.0.0.2:1'),
      reach('n2', '10.0.0.2:1', '10.0.0.1:1'),
      reach('n3', '10.0.0.3:1'),
    ]
    expect(judgeMembership(testimonies).shared).toEqual([['n1', 'n2']])
  })

  it('are fine for one name, for different ports, and behind a proxy', () => {
    const testimonies = [
      reach('n1', '10.0.0.1:1', '10.0.0.1:1'),
      reach('n1', '10.0.0.1:1'),
      reach('n2', '10.0.0.1:2'),
      reach('n3'),
    ]
    expect(judgeMembership(testimonies)).toMatchObject({ state: 'complete', shared: [] })
  })
})

describe('one name for two addresses', () => {
  const members = makeMembers('n0@10.0.0.9:50051', 'n1@10.0.0.1:50051', 'n2@10.0.0.2:50051')
  const reach = (name: string, host: string, ...remotes: readonly string[]) =>
    makeTestimony(name, members, { peer: makeRaftPeer([name], [`${host}:50051`]), remotes })
  const twice = (...second: readonly string[]) =>
    judgeMembership([
      reach('n0', '10.0.0.9', '10.0.0.9:1'),
      reach('n1', '10.0.0.1', '10.0.0.1:1'),
      reach('n1', '10.0.0.2', ...second),
    ])

  it.each([
    ['the same', ['10.0.0.1:1']],
    ['the same among others', ['10.0.0.2:1', '10.0.0.1:1']],
  ])('is one process, which members share, where the second was reached at %s', (_, remotes) => {
    expect(twice(...remotes)).toMatchObject({ state: 'incomplete', shared: [['n1', 'n2']] })
  })

  it('is two processes where the second was reached at another', () => {
    expect(twice('10.0.0.2:1')).toMatchObject({ state: 'complete', shared: [] })
  })
})

describe('what is told besides', () => {
  it.each([
    ['by its name', ['n1'], ['elsewhere:50051']],
    ['by one of its names', ['other', 'n1'], ['elsewhere:50051']],
    ['by the address that is asked', ['other'], ['n1.internal:50051']],
    ['by one of them', ['other'], ['elsewhere:50051', 'N1.internal:50051']],
    ['by an address for a name', ['n1.internal:50051'], ['elsewhere:50051']],
  ])(
    'names the peers that no peer knows as members, but none that is known %s',
    (_, names, asked) => {
      const answers = asked.map(() => told(THREE))
      const peer = makeRaftPeer(names, asked)
      const testimonies = [
        { peer, before: answers, after: answers, remotes: [] },
        ...agree(['n9', 'n2', 'n3'], THREE),
      ]
      const { state, strangers } = judgeMembership(testimonies)
      expect({ state, strangers }).toEqual({ state: 'complete', strangers: ['n9'] })
    },
  )

  it('takes no peer for a member that tells no address', () => {
    const members = makeMembers('n1@')
    expect(judgeMembership(agree(['n1', 'n9'], members)).strangers).toEqual(['n9'])
  })

  it('names no strangers as long as a peer did not tell', () => {
    const testimonies = [
      ...agree(['n1', 'n2', 'n9'], THREE),
      makeTestimony('n3', THREE, { after: [silent()] }),
    ]
    expect(judgeMembership(testimonies)).toMatchObject({ state: 'unknown', strangers: [] })
  })

  it('tells the worst state that holds', () => {
    const rest = { before: [told(THREE.slice(1))] }
    const testimonies = [
      makeTestimony('n1', THREE, rest),
      makeTestimony('n2', THREE, { before: [silent()] }),
      makeTestimony('n3', THREE),
    ]
    expect(judgeMembership(testimonies)).toMatchObject({
      state: 'incomplete',
      unknown: [{ name: 'n2' }],
      changed: [{ name: 'n1' }],
    })
  })

  it('tells the members by id, address and suffrage, in the order of their characters', () => {
    const sorted = [
      makeMember('N3@c:1'),
      makeMember('n1@c:1', 'learner'),
      makeMember('n1@c:1', 'voter'),
      makeMember('n1@d:1'),
      makeMember('n10@b:1'),
      makeMember('n2@a:1'),
    ]
    for (const members of [sorted, sorted.toReversed()]) {
      expect(judgeMembership(agree(['n1'], members)).members).toMatchObject(sorted)
    }
  })

  it('tells who knows a member in the order of the list, once each', () => {
    const [one, other] = [THREE.slice(0, 2), THREE.slice(1)]
    const testimonies = [
      makeTestimony('n3', other, { after: [told([...other].reverse())] }),
      makeTestimony('n1', one),
      makeTestimony('n2', other),
    ]
    expect(judgeMembership(testimonies).members.map(({ knownBy }) => knownBy)).toEqual([
      ['n1'],
      ['n3', 'n1', 'n2'],
      ['n3', 'n2'],
    ])
  })
})

describe('large clusters', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`)
  const cluster = (count: number) =>
    makeMembers(...names(count).map((id) => `${id}@${id}.internal:50051`))

  it('reads an answer that all peers share once, and shares the names of those who know a member', () => {
    let reads = 0
    const members = cluster(1_000)
    const counted = new Proxy(members, {
      get(target, key, receiver) {
        if (key === Symbol.iterator) reads++
        return Reflect.get(target, key, receiver)
      },
    })
    const { state, ...verdict } = judgeMembership(agree(names(1_000), counted))
    expect(state).toBe('complete')
    expect(reads).toBe(1)
    expect(new Set(verdict.members.map(({ knownBy }) => knownBy)).size).toBe(1)
  })

  it('judges 1,000 peers with 10,000 members each in little memory', () => {
    const members = cluster(10_000)
    const before = process.memoryUsage().heapUsed
    const verdict = judgeMembership(agree(names(1_000), members))
    const used = process.memoryUsage().heapUsed - before
    expect(verdict.members.filter(({ listed }) => !listed)).toHaveLength(9_000)
    expect(used).toBeLessThan(128 * 1_024 * 1_024)
  })

  it('needs no more memory for an answer that names one member thousands of times', async () => {
    const script = `
      const { judgeMembership } = await import(${JSON.stringify(JUDGEMENT)})
      const member = { id: 'n1', address: 'n1:50051', suffrage: 'voter' }
      const told = [{ kind: 'members', members: Array(10_000).fill(member) }]
      const peers = Array.from({ length: 5_000 }, (_, index) => ({ name: \`n\${index}\` }))
      const { members } = judgeMembership(
        peers.map(({ name }) => ({
          peer: { name, names: [name], raftAddresses: [\`\${name}:50051\`] },
          before: told,
          after: told,
          remotes: [],
        })),
      )
      console.log(members.length, members[0].knownBy.length)`
    const command = ['--max-old-space-size=256', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, command)
    expect(stdout).toBe('1 5000\n')
  })

  it('does not drown in members that all have one address', () => {
    const members = makeMembers(...names(3_000).map((id) => `${id}@lb.internal:50051`))
    const testimonies = names(2_000).map((name) =>
      makeTestimony(name, members, { peer: makeRaftPeer([`host-${name}`], ['lb.internal:50051']) }),
    )
    const { state, shared } = judgeMembership(testimonies)
    expect(state).toBe('incomplete')
    expect(shared.map(({ length }) => length)).toEqual([2_000])
  })
})
