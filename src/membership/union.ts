import type { Member, Testimony } from './membership.ts'

/** A member, and which peers told of it. */
export interface ToldMember {
  readonly member: Member
  /** The names of the peers in the order of the list; members that the same peers know may have one array. */
  readonly knownBy: readonly string[]
}

/** The peers that gave one array of members as an answer, by their places in the list. */
interface View {
  readonly index: number
  readonly places: number[]
}

/** Two members are one only if all that is told of them is equal. */
export const memberKey = ({ id, address, suffrage }: Member): string =>
  `${id.length}:${address.length}:${id}${address}${suffrage}`

/** The union of all answers, before and after, by id, address and suffrage; an answer that many gave is read once. */
export function uniteAnswers(testimonies: readonly Testimony[]): readonly ToldMember[] {
  const rows = new Map<string, { member: Member; views: View[] }>()
  for (const [members, view] of gatherViews(testimonies)) {
    for (const member of members) {
      const key = memberKey(member)
      const row = rows.get(key)
      if (row === undefined) rows.set(key, { member, views: [view] })
      // One answer may name a member thousands of times.
      else if (row.views.at(-1) !== view) row.views.push(view)
    }
  }
  const known = new Map<string, readonly string[]>()
  const toNames = (views: readonly View[]): readonly string[] =>
    union(views).flatMap((place) => testimonies[place]?.peer.name ?? [])
  return [...rows.values()]
    .map(({ member, views }) => {
      const key = views.map(({ index }) => index).join()
      const knownBy = known.get(key) ?? toNames(views)
      known.set(key, knownBy)
      return { member, knownBy }
    })
    .sort((one, other) => compareMembers(one.member, other.member))
}

function gatherViews(testimonies: readonly Testimony[]): Map<readonly Member[], View> {
  const views = new Map<readonly Member[], View>()
  for (const [place, { before, after }] of testimonies.entries()) {
    for (const told of [...before, ...after]) {
      if (told.kind === 'failure') continue
      const view = views.get(told.members)
      if (view === undefined) views.set(told.members, { index: views.size, places: [place] })
      else if (view.places.at(-1) !== place) view.places.push(place)
    }
  }
  return views
}

const union = (views: readonly View[]): readonly number[] =>
  [...new Set(views.flatMap(({ places }) => places))].sort((one, other) => one - other)

const compareMembers = (one: Member, other: Member): number =>
  compare(one.id, other.id) ||
  compare(one.address, other.address) ||
  compare(one.suffrage, other.suffrage)

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
