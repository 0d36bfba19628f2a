import type { Peer } from '../inputs/inputs.ts'
import { normalizeRaftAddress } from './raft-address.ts'
import type { Member } from './types.ts'

/**
 * Indexes the list of peers. What it returns finds those that stand for a member: those that have its id as a name, letter
 * for letter, or its Raft address as a name or as the Raft address that is asked. None if the member is not listed.
 */
export function indexPeers(peers: readonly Peer[]): (member: Member) => ReadonlySet<Peer> {
  const byName = new Map<string, Peer[]>()
  const byAddress = new Map<string, Peer[]>()
  for (const peer of peers) {
    for (const name of peer.names) add(byName, name, peer)
    for (const text of [...peer.names, ...peer.raftAddresses]) {
      const address = normalizeRaftAddress(text)
      if (address !== null) add(byAddress, address, peer)
    }
  }
  return ({ id, address }) =>
    new Set([
      ...(byName.get(id) ?? []),
      ...(byAddress.get(normalizeRaftAddress(address) ?? '') ?? []),
    ])
}

/** Adds a value to the list of a key. */
export function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

/** Each list of names once, in the order of the first. */
export const uniqueLists = (
  lists: readonly (readonly string[])[],
): readonly (readonly string[])[] => [
  ...new Map(lists.map((names) => [JSON.stringify(names), names])).values(),
]
