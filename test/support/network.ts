import type { ExchangeOptions } from '../../src/exchange/exchange.ts'

/** A network that looks up nothing, since every name is 127.0.0.1, and has no TLS. */
export const NETWORK: ExchangeOptions['network'] = {
  resolver: {
    ready: async () => undefined,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    end: () => undefined,
  },
  secure: () => {
    throw new Error('no TLS here')
  },
}
