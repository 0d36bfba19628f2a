import { describe, expect, it } from 'vitest'
import { isLoopback, isNoDestination, isPort, unmapHost } from '../../src/shared/ip.ts'

describe('a port', () => {
  it.each(['1', '00080', '65535'])('%j is one', (text) => {
    expect(isPort(text)).toBe(true)
  })

  it.each(['', '0', '65536', '000080', '1e3', '80.0', '0x50', ' 80', '80 ', '-1'])(
    '%j is none',
    (text) => {
      expect(isPort(text)).toBe(false)
    },
  )
})

it.each([
  ['[::ffff:a00:1]', '10.0.0.1'],
  ['[::ffff:c0a8:fe]', '192.168.0.254'],
  ['[::ffff:0:0]', '0.0.0.0'],
  ['[::1]', '[::1]'],
  ['[::ffff:1:a00:1]', '[::ffff:1:a00:1]'],
  ['[64:ff9b::a00:1]', '[64:ff9b::a00:1]'],
  ['kv01', 'kv01'],
])('the host %s is %s', (hostname, host) => {
  expect(unmapHost(hostname)).toBe(host)
})

it.each([
  ['localhost', true],
  ['a.localhost.', true],
  ['127.3.2.1', true],
  ['[::1]', true],
  ['127.0.0.1.test', false],
  ['notlocalhost', false],
  ['10.0.0.1', false],
  ['[::2]', false],
  ['kv01.localhost', true],
  ['localhost.', true],
  ['localhost.test', false],
  ['localhosts', false],
  ['.localhost', false],
])('%s is the own machine: %s', (hostname, own) => {
  expect(isLoopback(hostname)).toBe(own)
})

it.each([
  ['0.0.0.0', true],
  ['0.1.2.3', true],
  ['[::]', true],
  ['224.0.0.1', true],
  ['239.255.255.255', true],
  ['255.255.255.255', true],
  ['[ff02::1]', true],
  ['223.255.255.255', false],
  ['240.0.0.1', false],
  ['[::1]', false],
  ['[fe80::1]', false],
  ['ff02.test', false],
  ['0.test', false],
])('%s is no single machine: %s', (hostname, none) => {
  expect(isNoDestination(hostname)).toBe(none)
})
