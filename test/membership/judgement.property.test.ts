import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Peer } from '../../src/inputs/inputs.ts'
import { findMachines } from '../../src/membership/machines.ts'
import type { Member, Membership } from '../../src/membership/membership.ts'
import { FUZZ } from '../support/fuzz.ts'
import {
  type Answered,
  judgeAnswers,
  makeRaftPeer,
  type RaftAnswer,
  SILENT,
} from '../support/raft-answers.ts'
import { makePeer } from '../support/rounds.ts'

/** Hosts in all the spellings that mean the same; ids that differ in case; a few of each, so that they meet often. */
const HOSTS = [
  ['10.0.0.1', '[::ffff:10.0.0.1]', '::ffff:a00:1'],
  ['[fd00::2]', 'fd00::2', '[FD00:0:0:0:0:0:0:2]'],
  ['kv03.internal', 'KV03.internal', 'kv03.INTERNAL'],
  ['kv04', 'KV04'],
]
const IDS = ['n1', 'N1', 'n2', 'n3', 'Ⅷ', 'ⅷ', 'kv04', 'kv04:2']
const PORTS = [1, 2]

const place = fc
  .tuple(fc.nat(HOSTS.length - 1), fc.constantFrom(...PORTS), fc.nat(2))
  .map(([at, port, spelling]) => {
    const spellings = HOSTS[at] ?? []
    return `${spellings[spelling % spellings.length]}:${port}`
  })
const member: fc.Arbitrary<Member> = fc.record({
  id: fc.constantFrom(...IDS),
  address: fc.oneof({ weight: 9, arbitrary: place }, { weight: 1, arbitrary: fc.constant('') }),
  suffrage: fc.constantFrom('voter', 'voter', 'learner'),
})
const answer: fc.Arbitrary<RaftAnswer> = fc.oneof(
  { weight: 9, arbitrary: fc.array(member, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(SILENT, undefined, []) },
)
const answered: fc.Arbitrary<Answered> = fc
  .record({
    names: fc.uniqueArray(fc.oneof(fc.constantFrom(...IDS), place), { minLength: 1, maxLength: 2 }),
    asked: fc.uniqueArray(place, { minLength: 1, maxLength: 2 }),
    before: fc.tuple(answer, answer),
    after: fc.option(fc.tuple(answer, answer), { freq: 1 }),
    remotes: fc.array(place, { maxLength: 1 }),
  })
  .map(({ names, asked, before, after, remotes }) => ({
    peer: makeRaftPeer(names, asked),
    before,
    after: after ?? before,
    remotes,
  }))

/** The host of an address, by the table of spellings alone; an address that is none is a host of its own. */
const hostOf = (address: string) => {
  const host = address.replace(/:\d+$/, '')
  const at = HOSTS.findIndex((spellings) => spellings.includes(host))
  return at < 0 ? address : `host ${at}`
}
const means = (text: string, address: string) =>
  hostOf(text).startsWith('host ') &&
  hostOf(text) === hostOf(address) &&
  text.split(':').at(-1) === address.split(':').at(-1)
const standsFor = ({ names, raftAddresses }: Peer, { id, address }: Member) =>
  names.includes(id) || [...names, ...raftAddresses].some((text) => means(text, address))
const listOf = (one: RaftAnswer) => (one !== undefined && !('status' in one) ? one : [])
const keysOf = (members: readonly Member[]) =>
  [...new Set(members.map(({ id, address, suffrage }) => [id, address, suffrage].join(' ')))]
    .sort()
    .join()

/** The contract once more, sentence by sentence, without regard to time. */
function judgeByTheLetter(all: readonly Answered[]): Membership['state'] {
  const questions = all.flatMap(({ peer, before, after }) =>
    peer.raftAddresses.map((_, at) => {
      const answers = [before[at], after[at]]
      return { peer, answers, lists: answers.map(listOf) }
    }),
  )
  const members = questions.flatMap(({ lists }) => lists.flat())
  const unlisted = members.some((one) => !all.some(({ peer }) => standsFor(peer, one)))
  const changed = questions.some(
    ({ answers, lists }) =>
      !answers.some((one) => one !== undefined && 'status' in one) &&
      keysOf(lists[0] ?? []) !== keysOf(lists[1] ?? []),
  )
  const moved = members.some(({ id, address }) =>
    members.some((other) => other.id === id && hostOf(other.address) !== hostOf(address)),
  )
  const overloaded = all.some(({ peer, remotes = [] }) => {
    const ids = members.filter(
      (one) => standsFor(peer, one) || remotes.some((remote) => means(remote, one.address)),
    )
    return new Set(ids.map(({ id }) => id)).size > 1
  })
  if (unlisted || changed || moved || overloaded) return 'incomplete'
  const reported = questions.every(({ peer, lists }) => {
    const isMember = members.some((one) => standsFor(peer, one))
    const knowsItself = lists.flat().some((one) => standsFor(peer, one))
    return lists.every(({ length }) => length > 0) && (knowsItself || !isMember)
  })
  return reported && members.length > 0 ? 'complete' : 'unknown'
}

/** A cluster in which each host is a process with an id, and a list that names each by its id or its Raft addresses. */
const cluster: fc.Arbitrary<readonly Answered[]> = fc
  .tuple(
    fc.shuffledSubarray([...HOSTS.keys()], { minLength: 1 }),
    fc.shuffledSubarray(PORTS, { minLength: 1 }),
    fc.array(fc.tuple(fc.boolean(), fc.nat(2)), { minLength: 4, maxLength: 4 }),
  )
  .map(([hosts, ports, writing]) => {
    const addressOf = (at: number, port: number, spelling: number) => {
      const spellings = HOSTS[at] ?? []
      return `${spellings[spelling % spellings.length]}:${port}`
    }
    const answers = ports.map((port) =>
      hosts.map((at) => ({
        id: IDS[at] ?? '',
        address: addressOf(at, port, 0),
        suffrage: 'voter',
      })),
    )
    return hosts.map((at) => {
      const [byId = true, spelling = 0] = writing[at] ?? []
      const asked = ports.map((port) => addressOf(at, port, spelling))
      const peer = makeRaftPeer(byId ? [IDS[at] ?? ''] : asked, asked)
      return { peer, before: answers, after: answers }
    })
  })

type Harm = (all: readonly Answered[]) => readonly Answered[]
const replaceOne =
  (at: number, change: (one: Answered, all: readonly Answered[]) => Answered): Harm =>
  (all) =>
    all.map((one, index) => (index === at % all.length ? change(one, all) : one))
/** What may happen to the answers on their way, or to the list. */
const harm: fc.Arbitrary<Harm> = fc.oneof(
  fc
    .tuple(fc.nat(), fc.tuple(answer, answer))
    .map(([at, before]) => replaceOne(at, (one) => ({ ...one, before }))),
  fc
    .tuple(fc.nat(), fc.tuple(answer, answer))
    .map(([at, both]) => replaceOne(at, (one) => ({ ...one, before: both, after: both }))),
  fc
    .tuple(fc.nat(), place)
    .map(([at, remote]) => replaceOne(at, (one) => ({ ...one, remotes: [remote] }))),
  fc.nat().map(
    (at): Harm =>
      (all) =>
        all.filter((_, index) => index !== at % all.length),
  ),
  answered.map(
    (one): Harm =>
      (all) => [...all, one],
  ),
)
const harmed = fc
  .tuple(cluster, fc.array(harm, { maxLength: 2 }))
  .map(([whole, harms]) => harms.reduce((all, one) => one(all), whole))

describe('the judgement about any answers', () => {
  it('is what the contract says, sentence by sentence', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.oneof(harmed, fc.array(answered, { maxLength: 4 })), (all) => {
        const { state } = judgeAnswers(all)
        seen.add(state)
        expect(state).toBe(judgeByTheLetter(all))
      }),
      FUZZ,
    )
    expect(seen).toEqual(new Set(['complete', 'incomplete', 'unknown']))
  })

  it('tells a reason for each state but complete', () => {
    fc.assert(
      fc.property(harmed, (all) => {
        const { state, members, unknown, changed, moved, shared } = judgeAnswers(all)
        const unlisted = members.filter(({ listed }) => !listed)
        const reasons = unlisted.length + changed.length + moved.length + shared.length
        expect(state === 'incomplete').toBe(reasons > 0)
        if (state === 'complete') expect(unknown).toEqual([])
        for (const names of shared) expect(names.length).toBeGreaterThan(1)
        for (const { knownBy } of members) expect(knownBy.length).toBeGreaterThan(0)
      }),
      FUZZ,
    )
  })

  it('is the same in any order of the peers and of the members', () => {
    const shuffled = harmed.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
    )
    const reversed = (one: RaftAnswer) =>
      one !== undefined && !('status' in one) ? one.toReversed() : one
    const plain = ({ state, members, unknown, strangers, moved }: Membership) => ({
      state,
      members: members.map(({ knownBy, groups, ...rest }) => ({
        ...rest,
        by: [...knownBy].sort(),
      })),
      unknown: unknown.map(({ name, raftAddress }) => `${name} ${raftAddress}`).sort(),
      strangers: [...strangers].sort(),
      moved: moved.map(({ id }) => id),
    })
    fc.assert(
      fc.property(shuffled, ([all, others]) => {
        const turned = others.map(({ before, ...rest }) => ({
          ...rest,
          before: before.map(reversed),
        }))
        expect(plain(judgeAnswers(turned))).toEqual(plain(judgeAnswers(all)))
      }),
      FUZZ,
    )
  })

  it('is complete for the list of a whole cluster, however it is written, in one group or several', () => {
    fc.assert(
      fc.property(cluster, (all) => {
        expect(judgeAnswers(all)).toMatchObject({
          state: 'complete',
          groups: all[0]?.before.length,
          shared: [],
          strangers: [],
        })
      }),
      FUZZ,
    )
  })
})

/** A process on a machine of its own, which is found at its IP addresses, and what its listeners tell, by group. */
interface Process {
  readonly ips: readonly string[]
  readonly views: readonly (readonly Member[])[]
}

/** A cluster of which some nodes moved, and whose left-over processes still run. Every process tells what it once knew. */
interface World {
  readonly current: readonly Process[]
  /** The left-over process of an id; undefined where it did not move. */
  readonly leftOver: readonly (Process | undefined)[]
}

const PORTS_OF = [50_051, 50_061]
const world: fc.Arbitrary<World> = fc
  .record({
    count: fc.integer({ min: 1, max: 4 }),
    groups: fc.integer({ min: 1, max: 2 }),
    byName: fc.boolean(),
    dual: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    moved: fc.array(fc.constantFrom('stays', 'stays', 'stale', 'removed'), {
      minLength: 4,
      maxLength: 4,
    }),
  })
  .map(({ count, groups, byName, dual, moved }) => {
    const ids = Array.from({ length: count }, (_, at) => at)
    const viewsWith = (machineOf: (at: number) => number, left = ids) =>
      PORTS_OF.slice(0, groups).map((port) =>
        left.map((at): Member => {
          const host = byName ? `machine${machineOf(at)}` : `10.0.0.${machineOf(at)}`
          return { id: `n${at}`, address: `${host}:${port}`, suffrage: 'voter' }
        }),
      )
    const machineOf = (at: number) => (moved[at] === 'stays' ? at : at + 4)
    const ipsOf = (machine: number) => [
      `10.0.0.${machine}`,
      ...(dual[machine] === true ? [`[fd00::${machine}]`] : []),
    ]
    const views = viewsWith(machineOf)
    return {
      current: ids.map((at) => ({ ips: ipsOf(machineOf(at)), views })),
      leftOver: ids.map((at) => {
        if (moved[at] === 'stays') return undefined
        const old = (one: number) => (one === at ? at : machineOf(one))
        const without = ids.filter((one) => one !== at)
        return {
          ips: ipsOf(at),
          views: moved[at] === 'stale' ? viewsWith(old) : viewsWith(machineOf, without),
        }
      }),
    }
  })

/** Where the name of each id leads: to its own process, to that of another one, to its left-over, or it is not in the list. */
const routing = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant('own' as const) },
    { weight: 1, arbitrary: fc.constantFrom('left-over' as const, 'unlisted' as const) },
    { weight: 1, arbitrary: fc.nat(3) },
  ),
  { minLength: 4, maxLength: 4 },
)

/** Which processes are asked, and what a round makes of it. */
function pollWorld({ current, leftOver }: World, routes: readonly (string | number)[]) {
  const asked = current.flatMap((own, at) => {
    const route = routes[at]
    if (route === 'unlisted') return []
    const other = typeof route === 'number' ? current[route % current.length] : undefined
    const process = other ?? (route === 'left-over' ? leftOver[at] : undefined) ?? own
    const raftAddresses = process.views.map((_, group) => `name${at}:${PORTS_OF[group]}`)
    const peer = makePeer(`n${at}`, { raftAddresses })
    const remotes = process.ips.flatMap((ip) =>
      process.views.map((_, group) => `${ip}:${PORTS_OF[group]}`),
    )
    return [{ process, peer, before: process.views, after: process.views, remotes }]
  })
  const contacts = asked.map(({ peer, process, remotes }) => ({
    peer,
    sqs: process.ips.map((ip) => `${ip}:9324`),
    raft: remotes,
  }))
  const { shared } = findMachines(contacts, new Set())
  const missed = current.filter((one) => !asked.some(({ process }) => process === one))
  return { missed, membership: judgeAnswers(asked, shared) }
}

describe('a round with a cluster that tells the truth', () => {
  it('is complete only if every process of it was asked, if any was, wherever the names of the list lead', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(world, routing, (given, routes) => {
        const { missed, membership } = pollWorld(given, routes)
        // A list of left-overs alone is a list of another cluster.
        fc.pre(missed.length < given.current.length)
        seen.add(`${membership.state} ${missed.length > 0}`)
        if (missed.length > 0) expect(membership.state).not.toBe('complete')
      }),
      FUZZ,
    )
    expect([...seen].sort()).toEqual(
      expect.arrayContaining(['complete false', 'incomplete true', 'unknown true']),
    )
  })

  it('is complete where each name of the list leads to its own process', () => {
    fc.assert(
      fc.property(world, (given) => {
        expect(pollWorld(given, Array(4).fill('own')).membership.state).toBe('complete')
      }),
      FUZZ,
    )
  })
})
