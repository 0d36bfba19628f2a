import type { Member } from './membership.ts'
import type { Roster } from './roster.ts'

/** Raft ids for which there are too few peers. */
export interface Shortage {
  readonly ids: ReadonlySet<string>
  /** The places in the list of the peers that these ids would have to share. */
  readonly places: ReadonlySet<number>
}

/** What needs a peer of its own: an id, or a member that tells none. */
type Process = string | Member

/**
 * Gives each Raft id a peer of its own among those that stand for its members, in whatever way this can be done, and
 * returns where it cannot. Members that are not listed have no peer to share.
 */
export function findShortages(members: readonly Member[], roster: Roster): readonly Shortage[] {
  const processes = Map.groupBy(members, (member): Process => member.id || member)
  const owners = new Map<number, Process>()
  const owned = new Map<Process, number>()
  const shortages = new Map<number, { ids: Set<string>; places: Set<number> }>()

  for (const process of processes.keys()) {
    const askers = [process]
    const reachedFrom = new Map<number, Process>()
    const free = search(askers, reachedFrom)
    if (free !== undefined) {
      moveOver(free, reachedFrom)
      continue
    }
    // A peer in short supply stays that, so no later search has to go through it again.
    const short = [...reachedFrom.keys()]
    const known = short.map((place) => shortages.get(place)).find((one) => one !== undefined)
    const shortage = known ?? newShortage()
    for (const asker of askers) shortage.ids.add(typeof asker === 'string' ? asker : asker.address)
    for (const place of short) {
      if (shortages.has(place)) continue
      shortages.set(place, shortage)
      shortage.places.add(place)
    }
  }
  return [...new Set(shortages.values())]

  /** Looks for a peer without owner, over those whose owners could do with another one. */
  function search(askers: Process[], reachedFrom: Map<number, Process>): number | undefined {
    for (const asker of askers) {
      for (const member of processes.get(asker) ?? []) {
        for (const place of roster.findStandIns(member)) {
          if (reachedFrom.has(place)) continue
          reachedFrom.set(place, asker)
          const owner = owners.get(place)
          if (owner === undefined) return place
          if (!shortages.has(place)) askers.push(owner)
        }
      }
    }
    return undefined
  }

  function moveOver(free: number, reachedFrom: ReadonlyMap<number, Process>): void {
    for (let place: number | undefined = free; place !== undefined; ) {
      const asker: Process | undefined = reachedFrom.get(place)
      if (asker === undefined) return
      const left: number | undefined = owned.get(asker)
      owners.set(place, asker)
      owned.set(asker, place)
      place = left
    }
  }
}

const newShortage = () => ({ ids: new Set<string>(), places: new Set<number>() })
