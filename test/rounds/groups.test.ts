import { expect, it } from 'vitest'
import { STATUSES } from '../../src/report/advice.ts'
import { countGroup, groupOf, inGroups } from '../../src/rounds/groups.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeRound } from '../support/rounds.ts'

const statuses = Object.keys(STATUSES) as Status[]

it('takes only a node that said so for ready, or for old', () => {
  const of = (group: string) => statuses.filter((status) => groupOf(status) === group)
  expect(of('ready')).toEqual(['advertises'])
  expect(of('old')).toEqual(['missing-capability', 'legacy'])
  expect(of('wrong')).toEqual([
    ...['unhealthy', 'malformed', 'too-large', 'cached', 'redirect', 'http-error', 'protocol'],
  ])
  expect(of('unasked')).toEqual([
    ...['timeout', 'dns', 'refused', 'unreachable', 'disconnected', 'tls', 'proxy', 'cancelled'],
  ])
})

it('puts every result into one group, the most certain trouble first', () => {
  const round = makeRound('advertises', 'dns', 'legacy', 'cached', 'tls', 'missing-capability')
  expect(inGroups(round).map(({ peer }) => peer.name)).toEqual(['n3', 'n6', 'n4', 'n2', 'n5', 'n1'])
  expect(countGroup(round, 'unasked')).toBe(2)
  expect(inGroups(makeRound(...statuses))).toHaveLength(statuses.length)
})
