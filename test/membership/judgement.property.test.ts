import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Peer } from '../../src/inputs/inputs.ts'
import {
  judgeMembership,
  type Member,
  type Membership,
  type Testimony,
  type Told,
} from '../../src/membership/membership.ts'
import { FUZZ } from '../support/fuzz.ts'
import { makeRaftPeer, silent, told } from '../support/testimonies.ts'

/** Hosts in all the spellings that mean the same; ids that differ in case; a few of each, so that they meet often. */
const HOSTS = [
  ['10.0.0.1', '[::ffff:10.0.0.1]', '::ffff:a00:1'],
  ['[fd00::2]', 'fd00::2', '[FD00:0:0:0:0:0:0:2]'],
  ['kv03.internal', 'KV03.internal', 'kv03.INTERNAL'],
  ['kv04', 'KV04'],
  ['kv05'],
]
const IDS = ['n1', 'N1', 'n2', 'n3', 'Ⅷ', 'ⅷ', '626985543730257215', '', 'kv04', 'kv05:2']
const PORTS = [1, 2]

/** A host and a port by their places, and how they are written this time. */
interface Place {
  readonly host: number
  readonly port: number
  readonly text: string
}
const place = (host: fc.Arbitrary<number>): fc.Arbitrary<Place> =>
  fc.tuple(host, fc.constantFrom(...PORTS), fc.nat(2)).map(([at, port, spelling]) => {
    const spellings = HOSTS[at] ?? []
    return { host: at, port, text: `${spellings[spelling % spellings.length]}:${port}` }
  })
const anyPlace = place(fc.nat(HOSTS.length - 1))
const suffrage = fc.constantFrom('voter', 'voter', 'learner', '')
const member: fc.Arbitrary<Member> = fc
  .tuple(fc.constantFrom(...IDS), fc.option(anyPlace, { freq: 9, nil: { text: '' } }), suffrage)
  .map(([id, { text }, role]) => ({ id, address: text, suffrage: role }))
const members = fc.array(member, { maxLength: 6 })
const answer: fc.Arbitrary<Told> = fc.oneof(
  { weight: 9, arbitrary: members.map(told) },
  { weight: 1, arbitrary: fc.constant(silent()) },
)
const name = fc.oneof(
  fc.constantFrom(...IDS.filter((id) => id !== '')),
  anyPlace.map(({ text }) => text),
)
const remotes = fc.uniqueArray(fc.constantFrom('10.0.0.1:1', '10.0.0.1:2', '[fd00::2]:1'), {
  maxLength: 1,
})
const testimony: fc.Arbitrary<Testimony> = fc
  .record({
    names: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
    asked: fc.array(anyPlace, { minLength: 1, maxLength: 2 }),
    answers: fc.array(answer, { minLength: 2, maxLength: 2 }),
    same: fc.boolean(),
    remotes: fc.option(remotes, { freq: 1, nil: [] }),
  })
  .chain(({ names, asked, answers, same, remotes: reached }) => {
    const peer = makeRaftPeer(
      names,
      asked.map(({ text }) => text),
    )
    const before = asked.map((_, index) => answers[index] ?? silent())
    const after = fc.tuple(...asked.map((_, index) => (same ? shuffled(before[index]) : answer)))
    return after.map((list) => ({ peer, before, after: list, remotes: reached }))
  })

const shuffled = (one: Told | undefined): fc.Arbitrary<Told> =>
  one?.kind === 'members'
    ? fc
        .shuffledSubarray([...one.members], { minLength: one.members.length })
        .map((list) => told(list))
    : fc.constant(silent())

/** Whether a text is this host and port, by the table of spellings alone. */
const means = (text: string, other: string): boolean =>
  HOSTS.some((spellings) =>
    PORTS.some((port) =>
      [text, other].every((one) => spellings.some((host) => one === `${host}:${port}`)),
    ),
  )
const standsFor = ({ names, raftAddresses }: Peer, { id, address }: Member): boolean =>
  names.includes(id) || [...names, ...raftAddresses].some((text) => means(text, address))

/** Whether the first of these ids, and each further one, can have a peer that the others do not have. */
function canBeSplit(ids: readonly (readonly Member[])[], peers: readonly Peer[]): boolean {
  const [first, ...others] = ids
  if (first === undefined) return true
  return peers.some(
    (peer) =>
      first.some((one) => standsFor(peer, one)) &&
      canBeSplit(
        others,
        peers.filter((other) => other !== peer),
      ),
  )
}

/** The contract once more, sentence by sentence, without regard to time. */
function judgeByTheLetter(testimonies: readonly Testimony[]): Membership['state'] {
  const peers = testimonies.map(({ peer }) => peer)
  const listOf = (one: Told) => (one.kind === 'members' ? one.members : [])
  const tells = (one: Told | undefined) => one !== undefined && listOf(one).length > 0
  const keys = (one: Told) =>
    [...new Set(listOf(one).map((item) => JSON.stringify([item.id, item.address, item.suffrage])))]
      .sort()
      .join()
  const all = testimonies.flatMap(({ before, after }) => [...before, ...after].flatMap(listOf))
  const unlisted = all.some((one) => !peers.some((peer) => standsFor(peer, one)))
  const changed = testimonies.some(({ before, after }) =>
    before.some((one, at) => {
      const other = after[at]
      return tells(one) && other !== undefined && tells(other) && keys(one) !== keys(other)
    }),
  )
  const ids = [...new Set(all.map(({ id }) => id))]
    .filter((id) => id !== '')
    .map((id) => all.filter((one) => one.id === id))
  const withoutId = all
    .filter(({ id }) => id === '')
    .filter((one, at, list) => list.findIndex((other) => sameRow(one, other)) === at)
    .map((one) => [one])
  // An id that nobody stands for is unlisted, and shares no peer.
  const processes = [...ids, ...withoutId].filter((rows) =>
    rows.some((one) => peers.some((peer) => standsFor(peer, one))),
  )
  const met = testimonies.some(({ peer, remotes: reached }, at) =>
    testimonies
      .slice(at + 1)
      .some(
        (other) =>
          other.peer.name !== peer.name && other.remotes.some((remote) => reached.includes(remote)),
      ),
  )
  const told = testimonies.every(({ peer: { raftAddresses }, before, after }) => {
    const count = Math.max(1, raftAddresses.length, before.length, after.length)
    return Array.from({ length: count }).every((_, at) => tells(before[at]) && tells(after[at]))
  })
  if (unlisted || changed || met || !canBeSplit(processes, peers)) return 'incomplete'
  return told && all.length > 0 ? 'complete' : 'unknown'
}

const sameRow = (one: Member, other: Member) =>
  one.id === other.id && one.address === other.address && one.suffrage === other.suffrage

/** A cluster: its processes have an id each, and a member row for each group. */
interface Cluster {
  readonly processes: readonly (readonly Member[])[]
  readonly list: readonly Peer[]
}

/** How a list may name a process: by its id, or by its Raft addresses in any spelling, asked there. */
const memberOf = (at: number) =>
  fc
    .record({
      groups: fc.uniqueArray(place(fc.constant(at)), {
        minLength: 1,
        maxLength: 2,
        selector: ({ port }) => port,
      }),
      roles: fc.array(suffrage, { minLength: 2, maxLength: 2 }),
      byId: fc.boolean(),
      spelling: fc.nat(2),
    })
    .map(({ groups, roles, byId, spelling }) => {
      const id = IDS[at] ?? ''
      const rows = groups.map(({ text }, index) => ({
        id,
        address: text,
        suffrage: roles[index] ?? 'voter',
      }))
      const spellings = HOSTS[at] ?? []
      const asked = groups.map(({ port }) => `${spellings[spelling % spellings.length]}:${port}`)
      return { rows, peer: makeRaftPeer(byId ? [id] : asked, asked) }
    })
const cluster: fc.Arbitrary<Cluster> = fc
  .tuple(...HOSTS.map((_, at) => memberOf(at)))
  .chain((all) => fc.shuffledSubarray(all, { minLength: 1 }))
  .map((all) => ({ processes: all.map(({ rows }) => rows), list: all.map(({ peer }) => peer) }))

/** The group that a Raft address of a peer listens for. */
const tellsOf = (processes: readonly (readonly Member[])[], asked: string): readonly Member[] =>
  processes.flat().filter(({ address }) => address.split(':').at(-1) === asked.split(':').at(-1))

const testify = ({ processes, list }: Cluster): readonly Testimony[] =>
  list.map((peer) => {
    const answers = peer.raftAddresses.map((asked) => told(tellsOf(processes, asked)))
    return { peer, before: answers, after: answers, remotes: [] }
  })

/** What may happen to the answers on their way: whatever it is, it makes no list whole. */
type Harm = (testimonies: readonly Testimony[]) => readonly Testimony[]

const harm: fc.Arbitrary<Harm> = fc.oneof(
  // Stale, wrong, failed or missing answers of one peer.
  fc.tuple(fc.nat(), fc.array(answer, { maxLength: 3 })).map(([at, answers]): Harm => {
    return (all) => replace(all, at, (one) => ({ ...one, before: answers }))
  }),
  fc.tuple(fc.nat(), fc.array(answer, { maxLength: 3 })).map(([at, answers]): Harm => {
    return (all) => replace(all, at, (one) => ({ ...one, before: answers, after: answers }))
  }),
  // A node that is asked in place of another, and so says what that one says.
  fc.tuple(fc.nat(), fc.nat()).map(([at, from]): Harm => {
    return (all) =>
      replace(all, at, (one) => ({ ...(all[from % all.length] ?? one), peer: one.peer }))
  }),
  // Further peers in the list, which answer as they like.
  testimony.map(
    (one): Harm =>
      (all) => [...all, one],
  ),
)

function replace(
  all: readonly Testimony[],
  at: number,
  change: (one: Testimony) => Testimony,
): readonly Testimony[] {
  return all.map((one, index) => (index === at % all.length ? change(one) : one))
}

/** Answers of any kind, and those of a cluster to which something happened. */
const anyTestimonies = fc.oneof(
  fc.array(testimony, { maxLength: 5 }),
  fc
    .tuple(cluster, fc.array(harm, { maxLength: 2 }))
    .map(([whole, harms]) => harms.reduce((all, one) => one(all), testify(whole))),
)

describe('the judgement about any answers', () => {
  it('is what the contract says, sentence by sentence', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(anyTestimonies, (testimonies) => {
        const { state } = judgeMembership(testimonies)
        seen.add(state)
        expect(state).toBe(judgeByTheLetter(testimonies))
      }),
      FUZZ,
    )
    expect(seen).toEqual(new Set(['complete', 'incomplete', 'unknown']))
  })

  it('tells only what makes the state, and tells all of it', () => {
    fc.assert(
      fc.property(anyTestimonies, (testimonies) => {
        const { state, members: known, unknown, changed, shared } = judgeMembership(testimonies)
        const unlisted = known.filter(({ listed }) => !listed)
        const reasons = unlisted.length + changed.length + shared.length
        expect(state === 'incomplete').toBe(reasons > 0)
        if (state === 'complete') expect(unknown).toEqual([])
        // Members without ids have no more than their address to be told by.
        const least = known.some(({ id }) => id === '') ? 1 : 2
        for (const names of shared) expect(names.length).toBeGreaterThanOrEqual(least)
        for (const { knownBy } of known) expect(knownBy.length).toBeGreaterThan(0)
      }),
      FUZZ,
    )
  })
})

describe('a list of the whole cluster', () => {
  it('is complete, however it is written, for members in several groups, learners too', () => {
    fc.assert(
      fc.property(cluster, (given) => {
        expect(judgeMembership(testify(given))).toMatchObject({
          state: 'complete',
          shared: [],
          strangers: [],
        })
      }),
      FUZZ,
    )
  })

  it('is judged the same in any order of the peers and of the members', () => {
    const turned = fc.array(testimony, { minLength: 1, maxLength: 5 }).chain((testimonies) => {
      const others = testimonies.map(({ before, after, ...rest }) =>
        fc
          .tuple(fc.tuple(...before.map(shuffled)), fc.tuple(...after.map(shuffled)))
          .map(([first, last]) => ({ ...rest, before: first, after: last })),
      )
      return fc
        .tuple(...others)
        .chain((list) => fc.shuffledSubarray(list, { minLength: list.length }))
        .map((list) => [testimonies, list] as const)
    })
    fc.assert(
      fc.property(turned, ([testimonies, others]) => {
        const [one, other] = [judgeMembership(testimonies), judgeMembership(others)]
        const plain = ({
          state,
          members: known,
          unknown,
          changed,
          shared,
          strangers,
        }: Membership) => ({
          state,
          members: known.map(({ knownBy, ...rest }) => ({ ...rest, knownBy: [...knownBy].sort() })),
          unknown: unknown.map(({ name: who, raftAddress }) => `${who} ${raftAddress}`).sort(),
          changed: changed.map(({ name: who }) => who).sort(),
          isShared: shared.length > 0,
          strangers: [...strangers].sort(),
        })
        expect(plain(other)).toEqual(plain(one))
      }),
      FUZZ,
    )
  })
})

describe('a list in which a member is missing', () => {
  it('is never complete, whatever else is told, if a single answer holds that member', () => {
    const missing: Member = { id: 'n9', address: 'kv09:1', suffrage: 'learner' }
    const given = fc.record({
      given: cluster,
      harms: fc.array(harm, { maxLength: 4 }),
      knower: fc.nat(),
      call: fc.constantFrom('before', 'after'),
      spelled: fc.constantFrom('kv09:1', 'KV09:1', 'kv09.internal:1', 'kv05:9', 'kv09', ''),
    })
    fc.assert(
      fc.property(given, ({ given: whole, harms, knower, call, spelled }) => {
        const hurt = harms.reduce((all, one) => one(all), testify(whole))
        const testimonies = replace(hurt, knower, (one) => {
          const [first, ...others] = one[call]
          const rows = first?.kind === 'members' ? first.members : []
          const told9 = told([...rows, { ...missing, address: spelled }])
          return { ...one, [call]: [told9, ...others] }
        })
        const { state, members: known } = judgeMembership(testimonies)
        expect(state).toBe('incomplete')
        expect(known.find(({ id }) => id === 'n9')).toMatchObject({ listed: false })
      }),
      FUZZ,
    )
  })

  it('is never complete if one of its own was taken out, and any other peer still tells of it', () => {
    let judged = 0
    fc.assert(
      fc.property(cluster, fc.nat(), fc.array(harm, { maxLength: 3 }), (whole, at, harms) => {
        const gone = at % whole.list.length
        const rows = whole.processes[gone] ?? []
        const left = testify(whole).filter((_, index) => index !== gone)
        const testimonies = harms.reduce<readonly Testimony[]>(
          (all, one) => (all.length > 0 ? one(all) : all),
          left,
        )
        const peers = testimonies.map(({ peer }) => peer)
        const told = testimonies
          .flatMap(({ before, after }) => [...before, ...after])
          .flatMap((one) => (one.kind === 'members' ? one.members : []))
        const isTold = rows.some((row) => told.some((one) => sameRow(row, one)))
        const stoodFor = peers.some((peer) => rows.some((row) => standsFor(peer, row)))
        if (!isTold || stoodFor) return
        judged++
        expect(judgeMembership(testimonies).state).toBe('incomplete')
      }),
      FUZZ,
    )
    expect(judged).toBeGreaterThan(FUZZ.numRuns / 10)
  })

  it('is never complete if two ids have one peer between them', () => {
    const list = fc
      .tuple(cluster, fc.nat(), fc.nat())
      .filter(([{ list: peers }]) => peers.length > 1)
    fc.assert(
      fc.property(list, ([whole, one, other]) => {
        const { length } = whole.list
        const [first, second] = [one % length, (one + 1 + (other % (length - 1))) % length]
        const [kept, merged] = [whole.list[first], whole.list[second]]
        if (kept === undefined || merged === undefined) throw new Error('no such peer')
        const both = makeRaftPeer(
          [...kept.names, ...merged.names],
          [...kept.raftAddresses, ...merged.raftAddresses],
        )
        const peers = whole.list.filter((_, at) => at !== second)
        const merging = { ...whole, list: peers.map((peer) => (peer === kept ? both : peer)) }
        const { state, shared } = judgeMembership(testify(merging))
        expect(state).toBe('incomplete')
        expect(shared).toContainEqual(both.names)
      }),
      FUZZ,
    )
  })
})
