import type { PeerResult, Verdict } from '../rounds/rounds.ts'
import { showText } from '../shared/text.ts'

/** How many names one warning spells out. */
const MAX_NAMES = 5

/**
 * Warns of peers with different addresses whose exchanges ended at the same remote address and port: the answers carry
 * no node id, so one node may have been asked in place of several. Says nothing of peers behind a proxy.
 */
export function warnOfSharedRemotes(results: readonly PeerResult[]): readonly string[] {
  const byRemote = new Map<string, string[]>()
  for (const { peer, remotes } of results) {
    for (const remote of remotes) {
      const names = byRemote.get(remote)
      if (names === undefined) byRemote.set(remote, [showText(peer.name, 100)])
      else names.push(showText(peer.name, 100))
    }
  }
  return [...byRemote]
    .filter(([, names]) => names.length > 1)
    .map(
      ([remote, names]) =>
        `${joinNames(names)} ${names.length === 2 ? 'both' : 'all'} reached ${remote}; one node may have been asked ${names.length === 2 ? 'twice' : `${names.length} times`}`,
    )
}

/** Warns, in one sentence, of peers that no peer knows as a member of the cluster. */
export function warnOfStrangers(strangers: readonly string[]): readonly string[] {
  if (strangers.length === 0) return []
  const names = strangers.map((name) => showText(name, 100))
  const [who, what] =
    names.length === 1
      ? [names[0], 'no node knows it as a member']
      : [joinNames(names), 'no node knows them as members']
  return [
    `${who} ${names.length === 1 ? 'is' : 'are'} in the list, but ${what} of the cluster: another cluster, or a node that has left it`,
  ]
}

/** What the last round leaves to warn of: shared addresses where the cluster was not asked, otherwise strangers. */
export const warnOf = ({ results, membership }: Verdict): readonly string[] =>
  membership === null ? warnOfSharedRemotes(results) : warnOfStrangers(membership.strangers)

function joinNames(names: readonly string[]): string {
  const more = names.length - MAX_NAMES
  const shown = more > 0 ? [...names.slice(0, MAX_NAMES), `${more} more`] : names
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
