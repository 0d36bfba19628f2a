import { describe, expect, it } from 'vitest'
import { isPort, unmapHost } from '../../src/shared/ip.ts'

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
