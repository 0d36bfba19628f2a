import { expect, it } from 'vitest'
import { indexPeers } from '../../src/membership/peer-index.ts'
import { makeMember, makeRaftPeer } from '../support/raft-answers.ts'

it.each([
  ['by its id as a name', ['n1'], ['x:1'], 'n1@a:1'],
  ['by its id among names', ['x', 'n1'], ['x:1'], 'n1@a:1'],
  ['by its id, whatever its address', ['n1'], ['x:1'], 'n1@'],
  ['by its address as a name', ['A:1'], ['x:1'], 'n1@a:1'],
  ['by its address, asked there', ['x'], ['a:1'], 'n1@A:1'],
  ['by one of the addresses that are asked', ['x'], ['y:1', '[FD00::0:1]:2'], 'n1@[fd00::1]:2'],
  ['by an IPv4 address in its IPv6 form', ['x'], ['10.0.0.1:1'], 'n1@[::ffff:a00:1]:1'],
])('a member is listed %s', (_, names, asked, member) => {
  const peer = makeRaftPeer(names, asked)
  const find = indexPeers([makeRaftPeer(['other'], ['other:1']), peer])
  expect([...find(makeMember(member))]).toEqual([peer])
})

it.each([
  ['by an id in another case', ['N1'], ['x:1'], 'n1@a:1'],
  ['by its host alone', ['a'], ['a:2'], 'n1@a:1'],
  ['by a host that resolves to its address', ['localhost:1'], ['localhost:1'], 'n1@127.0.0.1:1'],
  ['by a longer host', ['a.internal:1'], ['x:1'], 'n1@a:1'],
  ['by an empty address', ['x'], ['x:1'], 'n1@'],
  ['by an address that is none', ['a:99999'], ['x:1'], 'n1@a:99999'],
])('a member is not listed %s', (_, names, asked, member) => {
  expect(indexPeers([makeRaftPeer(names, asked)])(makeMember(member)).size).toBe(0)
})

it('several peers may stand for one member', () => {
  const peers = [makeRaftPeer(['n1'], ['x:1']), makeRaftPeer(['y'], ['a:1'])]
  expect([...indexPeers(peers)(makeMember('n1@a:1'))]).toEqual(peers)
})
