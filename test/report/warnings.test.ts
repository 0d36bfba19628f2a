import { expect, it } from 'vitest'
import { warnOf, warnOfSharedRemotes, warnOfStrangers } from '../../src/report/warnings.ts'
import { makeMembership, makeResult, makeVerdict } from '../support/rounds.ts'

/** Peers that were reached at the remote addresses of their names; null behind a proxy. */
const reached = (remotes: Readonly<Record<string, string | null>>) =>
  Object.entries(remotes).map(([name, remote]) =>
    makeResult('advertises', { name, remotes: remote === null ? [] : [remote] }),
  )
const ONE = '10.0.0.5:9324'

it.each([
  [
    'no peers that were reached at addresses of their own, or through a proxy',
    { n1: '10.0.0.1:9324', n2: '10.0.0.2:9324', n3: null, n4: null },
    [],
  ],
  [
    'two peers that were reached at one address',
    { n1: ONE, n2: '10.0.0.2:9324', n3: ONE },
    [`n1 and n3 both reached ${ONE}; one node may have been asked twice`],
  ],
  [
    'five by name',
    { a: ONE, b: ONE, c: ONE, d: ONE, e: ONE },
    [`a, b, c, d and e all reached ${ONE}; one node may have been asked 5 times`],
  ],
  [
    'the first five by name',
    { a: ONE, b: ONE, c: ONE, d: ONE, e: ONE, f: ONE, g: ONE },
    [`a, b, c, d, e and 2 more all reached ${ONE}; one node may have been asked 7 times`],
  ],
])('warns of %s', (_, remotes, warnings) => {
  expect(warnOfSharedRemotes(reached(remotes))).toEqual(warnings)
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
  const results = reached({ n1: ONE, n2: ONE })
  expect(warnOf(makeVerdict(results))).toEqual(warnOfSharedRemotes(results))
  const membership = makeMembership({ strangers: ['n2'] })
  expect(warnOf(makeVerdict(results, { membership }))).toEqual(warnOfStrangers(['n2']))
})
