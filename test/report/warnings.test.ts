import { expect, it } from 'vitest'
import { warnOf, warnOfSharedRemotes, warnOfStrangers } from '../../src/report/warnings.ts'
import { makeMembership, makeResult, makeVerdict } from '../support/rounds.ts'

const result = (name: string, remote: string | null) =>
  makeResult('advertises', { name, remotes: remote === null ? [] : [remote] })

it('says nothing where every peer was reached at its own address, or through a proxy', () => {
  expect(
    warnOfSharedRemotes([
      result('n1', '10.0.0.1:9324'),
      result('n2', '10.0.0.2:9324'),
      result('n3', null),
      result('n4', null),
    ]),
  ).toEqual([])
})

it('names two peers that were reached at one address', () => {
  expect(
    warnOfSharedRemotes([
      result('n1', '10.0.0.5:9324'),
      result('n2', '10.0.0.2:9324'),
      result('n3', '10.0.0.5:9324'),
    ]),
  ).toEqual(['n1 and n3 both reached 10.0.0.5:9324; one node may have been asked twice'])
})

it('counts the names past five', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  expect(warnOfSharedRemotes(names.map((name) => result(name, '10.0.0.5:9324')))).toEqual([
    'a, b, c, d, e and 2 more all reached 10.0.0.5:9324; one node may have been asked 7 times',
  ])
})

it('warns once of names that no peer knows as members', () => {
  expect(warnOfStrangers([])).toEqual([])
  expect(warnOfStrangers(['n5'])).toEqual([
    'n5 is in the list, but no node knows it as a member of the cluster: another cluster, or a node that has left it',
  ])
  expect(warnOfStrangers(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toEqual([
    'a, b, c, d, e and 2 more are in the list, but no node knows them as members of the cluster: another cluster, or a node that has left it',
  ])
})

it('warns of shared addresses only where the cluster was not asked, and then of strangers', () => {
  const results = [result('n1', '10.0.0.5:9324'), result('n2', '10.0.0.5:9324')]
  expect(warnOf(makeVerdict(results))).toEqual(warnOfSharedRemotes(results))
  const membership = makeMembership({ strangers: ['n2'] })
  expect(warnOf(makeVerdict(results, { membership }))).toEqual(warnOfStrangers(['n2']))
})
