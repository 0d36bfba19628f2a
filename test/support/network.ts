import { isIP } from 'node:net'
import type { Network } from '../../src/exchange/exchange.ts'

/** A network in which every name has these addresses, and that has no TLS. */
export const networkOf = (...addresses: readonly string[]): Network => ({
  resolver: {
    ready: async () => undefined,
    lookup: async () => addresses.map((address) => ({ address, family: isIP(address) })),
    end: () => undefined,
  },
  secure: () => {
    throw new Error('no TLS here')
  },
})

/** A network in which every name is 127.0.0.1. */
export const NETWORK = networkOf('127.0.0.1')
