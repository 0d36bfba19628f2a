import type { PeerResult } from '../rounds/rounds.ts'
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

function joinNames(names: readonly string[]): string {
  const more = names.length - MAX_NAMES
  const shown = more > 0 ? [...names.slice(0, MAX_NAMES), `${more} more`] : names
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
