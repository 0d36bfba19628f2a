import { describe, expect, it } from 'vitest'
import type { Membership } from '../../src/membership/membership.ts'
import { findWarnings } from '../../src/rounds/warnings.ts'
import { makePeer, makeResult } from '../support/rounds.ts'
import { makeMembership } from '../support/verdicts.ts'

const resultOf = (names: readonly string[], raftAddresses: readonly string[] = []) =>
  makeResult('advertises', { peer: makePeer(names.join(', '), { names, raftAddresses }) })
const COMPLETE = makeMembership({ state: 'complete' })
const UNKNOWN = makeMembership({ state: 'unknown' })

describe('entries with one address', () => {
  const RAFT = ['10.0.0.1:50051', '10.0.0.1:50061']
  const HIDES =
    'have the same address, which was polled once. If that is a copy-and-paste mistake, a node was not asked.'

  it('are one warning for all of them', () => {
    const results = ['ab', 'cd', 'ef'].map((names) => resultOf([...names]))
    expect(findWarnings(results, null, [], 0)).toEqual([
      `peers: a and b (and 2 more such addresses) ${HIDES}`,
    ])
  })

  it.each<[string, readonly string[], readonly string[], Membership | null, boolean]>([
    [
      'that are Raft addresses of a confirmed membership, as the server has them',
      RAFT,
      RAFT,
      COMPLETE,
      false,
    ],
    ['that are Raft addresses of an unknown one', RAFT, RAFT, UNKNOWN, true],
    ['that are Raft addresses, where members are not asked for', RAFT, [], null, true],
    ['that are ids, however many Raft ports there are', ['n1', 'n2'], RAFT, COMPLETE, true],
    ['of which one is no Raft address', ['n1', '10.0.0.1:50051'], RAFT, COMPLETE, true],
  ])('with names %s: a warning or none', (_, names, asked, membership, warns) => {
    expect(findWarnings([resultOf(names, asked)], membership, [], 0)).toHaveLength(warns ? 1 : 0)
  })
})

describe('names for which one process answered', () => {
  const shared = [
    ['a', 'b'],
    ['c', 'd', 'e'],
  ]

  it('are warnings where members are not asked for', () => {
    expect(findWarnings([], null, shared, 0)).toEqual([
      'peers: a and b lead to the same address; one node may have been asked twice',
      'peers: c, d and e lead to the same address; one node may have been asked 3 times',
    ])
  })

  it('are no warnings where they keep the gate closed', () => {
    expect(findWarnings([], makeMembership({ state: 'incomplete', shared }), shared, 0)).toEqual([])
  })
})

it.each([
  [['n9'], 'n9'],
  [['n8', 'n9'], 'n8 and n9'],
])('peers that are no members are a warning: %j', (strangers, names) => {
  expect(findWarnings([], makeMembership({ strangers }), [], 0)).toEqual([
    `peers: no node reports ${names} among the members of the cluster: not joined yet, already removed, or part of another cluster`,
  ])
})

it('a list in which each entry is a member has no warning', () => {
  expect(findWarnings([resultOf(['n1']), resultOf(['n2'])], COMPLETE, [], 0)).toEqual([])
})

it('Raft groups of the partition map that no node reported are a warning where the list is confirmed', () => {
  const one = makeMembership({ state: 'complete', groups: 1 })
  expect(findWarnings([], one, [], 2)).toEqual([
    'raft-port: the nodes reported the members of 1 Raft group, but partition-map names 2 groups; the members of the others were not asked',
  ])
  expect(findWarnings([], one, [], 1)).toEqual([])
  expect(findWarnings([], makeMembership({ state: 'unknown', groups: 1 }), [], 2)).toEqual([])
})
