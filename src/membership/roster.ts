import type { Peer } from '../inputs/inputs.ts'
import type { Member } from './membership.ts'
import { normalizeRaftAddress } from './raft-address.ts'

/** Who stands for whom: the list of peers, by what makes a member listed. */
export interface Roster {
  /** The places in the list of the peers that stand for a member; one may come twice. Empty if it is not listed. */
  findStandIns(member: Member): Iterable<number>
  /** The names of the peers that stand for none of these members. */
  findStrangers(members: readonly Member[]): readonly string[]
}

/**
 * Reads the list of peers. A peer stands for a member if it has the member's id as a name, letter for letter, or the
 * member's Raft address as a name or as the Raft address that is asked.
 */
export function makeRoster(peers: readonly Peer[]): Roster {
  const byName = new Map<string, number[]>()
  const byAddress = new Map<string, number[]>()
  for (const [place, peer] of peers.entries()) {
    for (const name of new Set(peer.names)) add(byName, name, place)
    for (const address of addressesOf(peer)) add(byAddress, address, place)
  }
  return {
    *findStandIns({ id, address }) {
      yield* byName.get(id) ?? []
      yield* byAddress.get(normalizeRaftAddress(address) ?? '') ?? []
    },
    findStrangers(members) {
      const ids = new Set(members.map(({ id }) => id))
      const addresses = new Set(members.map(({ address }) => normalizeRaftAddress(address)))
      return peers
        .filter((peer) => !peer.names.some((name) => ids.has(name)))
        .filter((peer) => !addressesOf(peer).some((address) => addresses.has(address)))
        .map(({ name }) => name)
    },
  }
}

function addressesOf({ names, raftAddresses }: Peer): readonly string[] {
  const addresses = [...names, ...raftAddresses].map(normalizeRaftAddress)
  return [...new Set(addresses)].filter((address) => address !== null)
}

function add(map: Map<string, number[]>, key: string, place: number): void {
  const places = map.get(key)
  if (places === undefined) map.set(key, [place])
  else places.push(place)
}
