import { expect, it } from 'vitest'
import { uniqueAddresses } from '../../src/exchange/addresses.ts'

it('the addresses of a name are each there once, an IPv4 address in its IPv6 form as that IPv4 address', () => {
  expect(
    uniqueAddresses([
      { address: '::ffff:127.0.0.1', family: 6 },
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
      { address: '127.0.0.2', family: 4 },
      { address: '::1', family: 6 },
    ]),
  ).toEqual([
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
    { address: '127.0.0.2', family: 4 },
  ])
})
