import { isRaftAddress, type Membership } from '../membership/membership.ts'
import { listSome, plural } from '../shared/text.ts'
import type { PeerResult } from './result.ts'

/** How many names a warning has. */
const MAX_NAMES = 5

/**
 * What a round leaves to warn of: entries with one address, names for which one process answered where the cluster was not
 * asked, Raft groups that nobody reported, and peers that are no members.
 *
 * @param shared names for which one process answered
 * @param mappedGroups how many Raft groups the partition map names
 */
export function findWarnings(
  results: readonly PeerResult[],
  membership: Membership | null,
  shared: readonly (readonly string[])[],
  mappedGroups: number,
): readonly string[] {
  const warnings: string[] = []
  const merged = results.filter(
    ({ peer }) =>
      peer.names.length > 1 &&
      // The server's own map has an SQS address once for each Raft group.
      !(membership?.state === 'complete' && peer.names.every(isRaftAddress)),
  )
  const [first, ...others] = merged.map(({ peer }) => listSome(peer.names, MAX_NAMES))
  if (first !== undefined) {
    const more = others.length > 0 ? ` (and ${others.length} more such addresses)` : ''
    warnings.push(
      `peers: ${first}${more} have the same address, which was polled once. If that is a copy-and-paste mistake, a node was not asked.`,
    )
  }
  for (const names of membership === null ? shared : []) {
    const times = names.length === 2 ? 'twice' : `${names.length} times`
    warnings.push(
      `peers: ${listSome(names, MAX_NAMES)} lead to the same address; one node may have been asked ${times}`,
    )
  }
  if (membership?.state === 'complete' && membership.groups < mappedGroups) {
    warnings.push(
      `raft-port: the nodes reported the members of ${membership.groups} Raft ${plural(membership.groups, 'group')}, but partition-map names ${mappedGroups} groups; the members of the others were not asked`,
    )
  }
  const strangers = membership?.strangers ?? []
  if (strangers.length > 0) {
    warnings.push(
      `peers: no node reports ${listSome(strangers, MAX_NAMES)} among the members of the cluster: not joined yet, already removed, or part of another cluster`,
    )
  }
  return warnings
}
