import { describe, expect, it } from 'vitest'
import { basis, membershipTable } from '../../src/report/membership-table.ts'
import { refuse } from '../../src/rounds/verdict.ts'
import { makeMembership, makeRound, makeVerdict } from '../support/rounds.ts'

const verdictWith = (rest: Parameters<typeof makeMembership>[0]) =>
  makeVerdict(makeRound('advertises', 'advertises'), { membership: makeMembership(rest) })

describe('the table of members', () => {
  it('ends with its last row where all of them are shown', () => {
    const shared = Array.from({ length: 101 }, () => ['n1', 'n2'])
    const rows = (count: number) =>
      membershipTable(verdictWith({ state: 'incomplete', shared: shared.slice(0, count) }))
        .split('\n')
        .slice(2)
    const row = '| `n1, n2` | ❌&nbsp;one node for several members |'
    expect(rows(1)).toEqual([row])
    expect(rows(100)).toEqual(Array(100).fill(row))
    expect(rows(101).slice(100)).toEqual(['', 'And 1 more; the report file holds all of them.'])
  })

  it('is empty where the list is whole or was not checked', () => {
    expect(membershipTable(verdictWith({}))).toBe('')
    expect(membershipTable(makeVerdict(makeRound('dns')))).toBe('')
  })
})

describe('what a verdict rests on besides the answers', () => {
  it('is nothing where no node was asked, or the list is not confirmed', () => {
    expect(basis(refuse(['a'], 'htfifo'))).toBe('')
    expect(basis(verdictWith({ state: 'unknown' }))).toBe('')
    expect(basis(verdictWith({ state: 'incomplete' }))).toBe('')
  })

  it('is the word of every node', () => {
    expect(basis(verdictWith({}))).toBe('Membership confirmed by all 2 nodes, before and after.')
  })
})
