import type { LookupAddress } from 'node:dns'

/** The addresses of a name, each once. */
export const uniqueAddresses = (addresses: readonly LookupAddress[]): readonly LookupAddress[] => [
  ...new Map(addresses.map(unmap).map((found) => [found.address, found])).values(),
]

/** An IPv4 address in its IPv6 form, as hosts files and name servers may have it, is that IPv4 address. */
function unmap(found: LookupAddress): LookupAddress {
  const [, address] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(found.address) ?? []
  return address === undefined ? found : { address, family: 4 }
}
