import { expect, it } from 'vitest'
import { blockingFirst, countReadiness, readinessOf } from '../../src/rounds/result.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeRound } from '../support/rounds.ts'

it.each<[string, readonly Status[]]>([
  ['ready', ['advertises']],
  ['old', ['missing-capability', 'legacy']],
  [
    'wrong',
    ['unhealthy', 'malformed', 'too-large', 'cached', 'redirect', 'http-error', 'protocol'],
  ],
  [
    'unasked',
    ['timeout', 'dns', 'refused', 'unreachable', 'disconnected', 'tls', 'proxy', 'cancelled'],
  ],
])('only a node that said so is ready, or old: %s', (readiness, statuses) => {
  expect(statuses.map(readinessOf)).toEqual(statuses.map(() => readiness))
})

it('results come with the most certain trouble first, those of one kind in the order of the input', () => {
  const round = makeRound('advertises', 'dns', 'legacy', 'cached', 'tls', 'missing-capability')
  expect(blockingFirst(round).map(({ peer }) => peer.name)).toEqual([
    ...['n3', 'n6', 'n4', 'n2', 'n5', 'n1'],
  ])
  expect(countReadiness(round, 'unasked')).toBe(2)
})
