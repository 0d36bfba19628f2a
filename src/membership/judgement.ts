import { findChanged, findUnknown } from './comparison.ts'
import type { KnownMember, Member, Membership, Testimony } from './membership.ts'
import { makeRoster, type Roster } from './roster.ts'
import { findShared } from './sharing.ts'
import { uniteAnswers } from './union.ts'

/**
 * What the answers of one round say of the list. It is `complete` only if every peer told its members in both calls, every
 * member that any of them told, before or after, is listed, no answer changed between the calls, and each Raft id has a
 * peer of its own. Pure; in time and memory about linear in the number of different answers and of peers.
 *
 * @param testimonies one for each peer, in the order of the list
 */
export function judgeMembership(testimonies: readonly Testimony[]): Membership {
  const roster = makeRoster(testimonies.map(({ peer }) => peer))
  const members = uniteAnswers(testimonies).map(
    ({ member, knownBy }): KnownMember => ({
      id: member.id,
      address: member.address,
      suffrage: member.suffrage,
      listed: isListed(member, roster),
      knownBy,
    }),
  )
  const unknown = findUnknown(testimonies)
  const changed = findChanged(testimonies)
  const shared = findShared(testimonies, members, roster)
  const isUnlisted = members.some(({ listed }) => !listed)
  const isIncomplete = isUnlisted || changed.length > 0 || shared.length > 0
  // A cluster without members would agree with every list.
  const isUnknown = unknown.length > 0 || members.length === 0
  return {
    state: isIncomplete ? 'incomplete' : isUnknown ? 'unknown' : 'complete',
    members,
    unknown,
    changed,
    shared,
    strangers: isUnknown ? [] : roster.findStrangers(members),
  }
}

function isListed(member: Member, roster: Roster): boolean {
  for (const _ of roster.findStandIns(member)) return true
  return false
}
