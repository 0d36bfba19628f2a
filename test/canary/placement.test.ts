import { expect, it } from 'vitest'
import {
  followGroups,
  groupListeners,
  hasMoved,
  moveCommand,
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
  const [first, second] = followGroups(twoGroups(1, 2), twoGroups(3, 2))
  expect([first?.before?.id, first?.after?.id]).toEqual(['n1', 'n3'])
  expect([second?.before?.id, second?.after?.id]).toEqual(['n2', 'n2'])
  expect([first, second].map((group) => group !== undefined && hasMoved(group))).toEqual([
    true,
    false,
  ])
  const [unknown] = followGroups(twoGroups(1, 2), null)
  expect(unknown?.after).toBeNull()
  expect(unknown !== undefined && hasMoved(unknown)).toBe(false)
})

it('names no leader after where the listeners of a group do not agree', () => {
  const [first, ...others] = twoGroups(1, 2)
  if (first === undefined) throw new Error('no listener')
  const after = [{ ...first, leader: { id: 'n9', address: '10.0.0.9:50051' } }, ...others]
  expect(followGroups(twoGroups(1, 2), after)[0]?.after).toBeNull()
})

it('writes the command that moves a leader to another node of its group', () => {
  expect(moveCommand(twoGroups(1, 1))).toBe(
    'RAFTADMIN_ALLOW_INSECURE=true raftadmin 10.0.0.1:50061 leadership_transfer_to_server n2 10.0.0.2:50061',
  )
  expect(moveCommand([])).toBe('')
})

it('leaves to the reader what is not known of the other node', () => {
  const unknown = twoGroups(1, 1).map((one) => ({ ...one, member: null }))
  expect(moveCommand(unknown)).toBe(
    'RAFTADMIN_ALLOW_INSECURE=true raftadmin 10.0.0.1:50061 leadership_transfer_to_server OTHER_ID OTHER_RAFT_ADDRESS',
  )
})

it.each(['$(reboot)', 'n1; reboot', '--help', 'n1\nreboot', '`x`', ''])(
  'writes no foreign text %j that could run in a shell',
  (text) => {
    const hostile = twoGroups(1, 1).map((one) => ({
      ...one,
      member: { id: text, address: text },
      leader: { id: 'n1', address: one.leader?.address ?? '' },
    }))
    expect(moveCommand(hostile)).toMatch(
      /^RAFTADMIN_ALLOW_INSECURE=true raftadmin 10\.0\.0\.1:50061 leadership_transfer_to_server SEE_REPORT SEE_REPORT$/,
    )
  },
)
