import type { Peer } from '../inputs/inputs.ts'
import { findShortages } from './assignment.ts'
import type { Member, Testimony } from './membership.ts'
import type { Roster } from './roster.ts'

/**
 * Where one peer would have to stand for members of different ids, or where peers with different names ended at the same
 * remote address and port: the names that one peer or one remote address has, or the ids where that is a single name.
 */
export function findShared(
  testimonies: readonly Testimony[],
  members: readonly Member[],
  roster: Roster,
): readonly (readonly string[])[] {
  const shortages = findShortages(members, oneForEachRemote(roster, testimonies)).map(
    ({ ids, places }) => {
      const names = namesOf([...places].flatMap((place) => testimonies[place]?.peer ?? []))
      return names.length > 1 ? names : [...ids].sort()
    },
  )
  const lists = [...shortages, ...findSharedRemotes(testimonies)]
  return [...new Map(lists.map((list) => [JSON.stringify(list), list])).values()]
}

/**
 * The same roster, in which peers of one name that ended at one remote address are one: no more than one process was asked
 * there. Different names at one address are found on their own.
 */
function oneForEachRemote(roster: Roster, testimonies: readonly Testimony[]): Roster {
  const first = new Map<string, number>()
  const places = testimonies.map(({ peer, remotes }, place) => {
    const keys = remotes.map((remote) => JSON.stringify([peer.name, remote]))
    const known = keys.map((key) => first.get(key)).find((at) => at !== undefined) ?? place
    for (const key of keys) if (!first.has(key)) first.set(key, known)
    return known
  })
  return {
    ...roster,
    *findStandIns(member) {
      for (const place of roster.findStandIns(member)) yield places[place] ?? place
    },
  }
}

function findSharedRemotes(testimonies: readonly Testimony[]): readonly (readonly string[])[] {
  const byRemote = new Map<string, Map<string, Peer>>()
  for (const { peer, remotes } of testimonies) {
    for (const remote of remotes) {
      const named = byRemote.get(remote) ?? new Map<string, Peer>()
      byRemote.set(remote, named.set(peer.name, peer))
    }
  }
  return [...byRemote.values()]
    .filter((named) => named.size > 1)
    .map((named) => namesOf([...named.values()]))
}

const namesOf = (peers: readonly Peer[]): readonly string[] => [
  ...new Set(peers.flatMap(({ names }) => names)),
]
