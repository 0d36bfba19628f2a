import { expect, it } from 'vitest'
import {
  findDeposed,
  followGroups,
  groupListeners,
  hasMoved,
  placementOf,
} from '../../src/canary/placement.ts'
import { listener, twoGroups } from './support/fake-cluster.ts'

it('tells the placement of the leaders', () => {
  const oneGroup = twoGroups(1, 2).filter(({ raftAddress }) => raftAddress.endsWith('51'))
  expect(placementOf(twoGroups(1, 2))).toBe('spread')
  expect(placementOf(twoGroups(3, 3))).toBe('single')
  expect(placementOf(oneGroup)).toBe('one-group')
  expect(placementOf(null)).toBe('not-checked')
  expect(placementOf([])).toBe('not-checked')
  expect(placementOf([...oneGroup, listener('10.0.0.9:1', 'n9', null)])).toBe('not-checked')
})

it('knows no placement where listeners contradict each other, as in an election', () => {
  // n3 still names n1, which names n2 by now: one group, in two views.
  const stale = [
    listener('10.0.0.1:50051', 'n1', ['n2', '10.0.0.2:50051']),
    listener('10.0.0.2:50051', 'n2', ['n2', '10.0.0.2:50051']),
    listener('10.0.0.3:50051', 'n3', ['n1', '10.0.0.1:50051']),
  ]
  expect(placementOf(stale)).toBe('not-checked')
  expect(findDeposed(stale)?.node).toBe('n1')
  expect(findDeposed(twoGroups(1, 2))).toBeUndefined()
})

it('tells nodes apart by their Raft id, or by their host where none is told', () => {
  const anonymous = [
    listener('a:1', 'a', ['', '10.0.0.1:1']),
    listener('a:2', 'a', ['', '10.0.0.1:2']),
  ]
  expect(placementOf(anonymous)).toBe('single')
  const moved = [...anonymous.slice(0, 1), listener('a:2', 'a', ['', '10.0.0.2:2'])]
  expect(placementOf(moved)).toBe('spread')
})

it('takes listeners that name one leader address for one group', () => {
  const groups = groupListeners(twoGroups(1, 2))
  expect(groups.map(({ leader, listeners }) => [leader.address, listeners.length])).toEqual([
    ['10.0.0.1:50051', 3],
    ['10.0.0.2:50061', 3],
  ])
})

it('follows the groups from before to after', () => {
  const [first, second] = followGroups({ before: twoGroups(1, 2), after: twoGroups(3, 2) })
  expect([first?.before?.id, first?.after?.id]).toEqual(['n1', 'n3'])
  expect([second?.before?.id, second?.after?.id]).toEqual(['n2', 'n2'])
  expect([first, second].map((group) => group !== undefined && hasMoved(group))).toEqual([
    true,
    false,
  ])
  const [unknown] = followGroups({ before: twoGroups(1, 2), after: null })
  expect(unknown?.after).toBeNull()
  expect(unknown !== undefined && hasMoved(unknown)).toBe(false)
})

it('names no leader after where the listeners of a group do not agree', () => {
  const [first, ...others] = twoGroups(1, 2)
  if (first === undefined) throw new Error('no listener')
  const after = [{ ...first, leader: { id: 'n9', address: '10.0.0.9:50051' } }, ...others]
  expect(followGroups({ before: twoGroups(1, 2), after })[0]?.after).toBeNull()
})
