import type {
  ChangedPeer,
  KnownMember,
  Member,
  Membership,
  UnknownPeer,
} from '../membership/membership.ts'
import { MAX_SHOWN, outputJson } from '../shared/text.ts'

/** The most that the membership takes in the `report` output, in bytes. */
const MAX_MEMBERSHIP_BYTES = 192 * 1_024
/** How many names all `knownBy` have together in the file and in the output; ten for each member always. */
const MAX_NAMES = { file: 1_000_000, output: 10_000 }
const MIN_NAMES = 10
/** How many members all changes have together in the file. */
const MAX_CHANGED_MEMBERS = 100_000

/** What the cluster says of the list, as the report tells it, and how much of it was left out. */
export interface MembershipReport {
  readonly state: Membership['state']
  readonly members: readonly KnownMember[]
  readonly unknown: readonly UnknownPeer[]
  readonly changed: readonly ChangedPeer[]
  readonly shared: readonly (readonly string[])[]
  readonly membersOmitted: number
  readonly knownByOmitted: number
  readonly unknownOmitted: number
  readonly changedOmitted: number
  readonly sharedOmitted: number
}

/** The membership for the report file: whole, but for names past a million and changes past 100,000 members. */
export function reportMembership(membership: Membership | null): MembershipReport | null {
  if (membership === null) return null
  const { state, unknown, shared } = membership
  const { members, knownByOmitted } = limitNames(membership.members, MAX_NAMES.file)
  let room = MAX_CHANGED_MEMBERS
  const changed = membership.changed.flatMap(({ name, before, after }) => {
    room -= before.length + after.length
    return room < 0 ? [] : [{ name, before: before.map(pick), after: after.map(pick) }]
  })
  return {
    state,
    members,
    unknown,
    changed,
    shared,
    membersOmitted: 0,
    knownByOmitted,
    unknownOmitted: 0,
    changedOmitted: membership.changed.length - changed.length,
    sharedOmitted: 0,
  }
}

/** A member without what else is known of it. */
const pick = ({ id, address, suffrage }: Member): Member => ({ id, address, suffrage })

/**
 * Keeps the membership within its part of the `report` output. The state always stays. First to go are the ends of long
 * texts and of `knownBy`; then listed members, changes, peers that did not tell, shared names; last, unlisted members.
 */
export function limitMembership(full: MembershipReport | null): MembershipReport | null {
  if (full === null) return null
  const { members, knownByOmitted } = limitNames(full.members, MAX_NAMES.output)
  const rows = members.map((member) => ({
    ...member,
    id: cut(member.id),
    address: cut(member.address),
    suffrage: cut(member.suffrage),
    knownBy: member.knownBy.map(cut),
  }))
  const keep = makeRoom(MAX_MEMBERSHIP_BYTES)
  const unlisted = keep(rows.filter(({ listed }) => !listed))
  const shared = keep(full.shared.map((names) => names.map(cut)))
  const unknown = keep(full.unknown.map((peer) => ({ ...peer, error: cut(peer.error) })))
  const changed = keep(full.changed)
  const kept = new Set([...unlisted, ...keep(rows.filter(({ listed }) => listed))])
  return {
    state: full.state,
    members: rows.filter((row) => kept.has(row)),
    unknown,
    changed,
    shared,
    membersOmitted: rows.length - kept.size,
    knownByOmitted: full.knownByOmitted + knownByOmitted,
    unknownOmitted: full.unknown.length - unknown.length,
    changedOmitted: full.changedOmitted + full.changed.length - changed.length,
    sharedOmitted: full.shared.length - shared.length,
  }
}

/** Shares so many names between the members. */
function limitNames(members: readonly KnownMember[], max: number) {
  const most = Math.max(MIN_NAMES, Math.floor(max / members.length))
  let knownByOmitted = 0
  const limited = members.map((member) => {
    knownByOmitted += Math.max(0, member.knownBy.length - most)
    return { ...member, knownBy: member.knownBy.slice(0, most) }
  })
  return { members: limited, knownByOmitted }
}

/** Keeps the first rows of each list that it is given, as long as there is room for all of them. */
function makeRoom(bytes: number) {
  let left = bytes
  return <T>(rows: readonly T[]): readonly T[] => {
    const end = rows.findIndex((row) => {
      left -= outputJson(row).length + 1
      return left < 0
    })
    return end < 0 ? rows : rows.slice(0, end)
  }
}

/** Cuts a text of the network for an output, as long as it may be shown. */
export const cut = (text: string): string =>
  text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…`.toWellFormed() : text
