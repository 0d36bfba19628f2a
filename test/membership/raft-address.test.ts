import { expect, it } from 'vitest'
import { normalizeRaftAddress, raftPlace } from '../../src/membership/raft-address.ts'

it.each([
  ['KV01.internal:00080', 'kv01.internal:80'],
  ['10.0.0.1:1', '10.0.0.1:1'],
  ['[FD00::0:4]:65535', '[fd00::4]:65535'],
  ['[::ffff:10.0.0.1]:50051', '10.0.0.1:50051'],
  ['[kv01]:50051', 'kv01:50051'],
  ['fd00::4:50051', '[fd00::4]:50051'],
  ['010.0.0.1:50051', '010.0.0.1:50051'],
  ['[fe80::1%ETH0]:50051', 'fe80::1%eth0:50051'],
])('%s is %s', (text, address) => {
  expect(normalizeRaftAddress(text)).toBe(address)
})

it.each([
  'kv01',
  'kv01:',
  ':50051',
  'kv01:0',
  'kv01:65536',
  'kv01:50051x',
  'kv01:50051:',
  '[kv01:50051',
  '[x]kv01:50051',
  'x[kv01]:50051',
  'a:b:50051',
  '',
])('%j is no address to compare', (text) => {
  expect(normalizeRaftAddress(text)).toBeNull()
})

it.each([
  ['KV01:50051', 'kv01', '50051'],
  ['[FD00::0:4]:50061', '[fd00::4]', '50061'],
  ['fd00::4:50051', '[fd00::4]', '50051'],
  ['no address', 'no address', ''],
  ['', '', ''],
])('the place of %j is the host %j and the port %j', (text, host, port) => {
  expect(raftPlace(text)).toMatchObject({ host, port })
})
