import { describe, expect, it } from 'vitest'
import { ExchangeError } from '../../src/exchange/exchange.ts'
import { MAX_MEMBERS } from '../../src/membership/types.ts'
import { makeUnion, numberGroups } from '../../src/membership/union.ts'
import { makeMember, makeMembers, makeRaftPeer } from '../support/raft-answers.ts'

const unionOf = (...hosts: readonly string[]) =>
  makeUnion(hosts.map((host) => makeRaftPeer([host], [`${host}:1`])))
const many = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => makeMember(`n${from + index}@a:1`))

describe('a union', () => {
  it('has a question for each Raft address of each peer', () => {
    const { questions } = makeUnion([
      makeRaftPeer(['n1'], ['a:1', 'a:2']),
      makeRaftPeer(['n2'], ['b:1']),
    ])
    expect(questions.map(({ peer, raftAddress }) => `${peer.name} ${raftAddress}`)).toEqual([
      'n1 a:1',
      'n1 a:2',
      'n2 b:1',
    ])
  })

  it('keeps a member once, and who reported it when', () => {
    const union = unionOf('a', 'b')
    union.add(0, 'before', union.rowsOf(makeMembers('n1@a:1', 'n2@b:1')))
    union.add(1, 'before', union.rowsOf(makeMembers('n2@b:1')))
    union.add(1, 'after', union.rowsOf(makeMembers('n2@b:1', 'n1@a:1', 'n1@a:1')))
    expect([...union.rows.values()].map(({ member, seen }) => [member.id, ...seen])).toEqual([
      ['n1', 1, 2],
      ['n2', 1, 3],
    ])
  })

  it('tells members apart whose texts run together', () => {
    const union = unionOf('a')
    union.rowsOf([
      { id: 'n1', address: '1:1', suffrage: '' },
      { id: 'n11', address: ':1', suffrage: '' },
      { id: 'n1', address: '1:', suffrage: '1' },
      { id: '', address: 'n11:1', suffrage: '' },
    ])
    expect(union.rows.size).toBe(4)
  })

  it('holds 10,000 members, and refuses an answer with more', () => {
    const union = unionOf('a', 'b')
    union.add(0, 'before', union.rowsOf(many(0, MAX_MEMBERS)))
    union.add(1, 'before', union.rowsOf(many(1, MAX_MEMBERS - 1)))
    expect(() => union.add(1, 'after', union.rowsOf(many(1, MAX_MEMBERS)))).toThrow(
      new ExchangeError('too-large', 'all peers together report more than 10000 members'),
    )
    expect(union.rows.size).toBe(MAX_MEMBERS)
  })
})

describe('the groups', () => {
  it('are numbered in the order of the questions, 0 for those without an answer', () => {
    const union = unionOf('a', 'b', 'c', 'd', 'e')
    union.add(1, 'after', union.rowsOf(makeMembers('x@x:1')))
    union.add(2, 'before', union.rowsOf(makeMembers('y@y:1')))
    union.add(3, 'before', union.rowsOf(makeMembers('x@x:1', 'z@z:1')))
    expect(numberGroups(union)).toEqual([0, 1, 2, 1, 0])
  })

  it('are joined by whatever members they have in common', () => {
    const union = unionOf('a', 'b', 'c', 'd')
    union.add(0, 'before', union.rowsOf(makeMembers('x@x:1')))
    union.add(1, 'before', union.rowsOf(makeMembers('y@y:1')))
    union.add(3, 'before', union.rowsOf(makeMembers('y@y:1', 'z@z:1')))
    union.add(2, 'before', union.rowsOf(makeMembers('z@z:1', 'x@x:1')))
    expect(numberGroups(union)).toEqual([1, 1, 1, 1])
  })

  it('may hang together through hundreds of peers', () => {
    const hosts = Array.from({ length: 500 }, (_, index) => `h${index}`)
    const union = unionOf(...hosts)
    for (const index of hosts.keys())
      union.add(499 - index, 'before', union.rowsOf(many(499 - index, 2)))
    expect(new Set(numberGroups(union))).toEqual(new Set([1]))
  })
})
