import { expect, it } from 'vitest'
import { warnOfSharedRemotes } from '../../src/report/shared-remotes.ts'
import { makeResult } from '../support/rounds.ts'

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
