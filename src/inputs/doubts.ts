import type { Peer } from './address.ts'
import { isLoopback } from './host.ts'
import { quote } from './quote.ts'

/** How many names a warning tells. */
const MAX_NAMES = 5

/**
 * What is no mistake for certain, but may hide that a node is not asked.
 *
 * @param groups the entries as they were written, those with one address together
 */
export function findDoubts(
  groups: readonly (readonly Peer[])[],
  peers: readonly Peer[],
): readonly string[] {
  return [
    ...groups.flatMap(findShared),
    ...findDotted(peers),
    ...findOwn(peers),
    ...findOneRaft(peers),
  ]
}

function findShared(group: readonly Peer[]): string[] {
  const [first] = group
  if (first === undefined || group.length === 1) return []
  const names = list(group.map(({ name }) => name))
  return [
    `peers: ${names} have the same address ${quote(first.url)}; it is polled once. A pasted line may hide a node.`,
  ]
}

/** With a dot at its end a name is not completed by the search domains of the runner; mostly that is the same machine. */
function findDotted(peers: readonly Peer[]): string[] {
  const urls = new Map(peers.map((peer) => [peer.url, peer]))
  return peers.flatMap((peer) => {
    const url = new URL(peer.url)
    if (!url.hostname.endsWith('.')) return []
    url.hostname = url.hostname.slice(0, -1)
    const twin = urls.get(url.href)
    return twin === undefined
      ? []
      : [
          `peers: ${list([twin.name, peer.name])} differ by a dot at the end of the host only, and may be one node.`,
        ]
  })
}

function findOwn(peers: readonly Peer[]): string[] {
  const own = peers.filter(({ url }) => isLoopback(new URL(url).hostname))
  if (own.length === 0 || own.length === peers.length) return []
  const names = own.map(({ name }) => name)
  return [
    `peers: ${list(names)} ${own.length === 1 ? 'is an address' : 'are addresses'} of the runner itself, while other nodes are elsewhere.`,
  ]
}

/** One listener answers for its own process only, whoever is meant by the name. */
function findOneRaft(peers: readonly Peer[]): string[] {
  const asked = new Map<string, string[]>()
  for (const { name, raftAddresses } of peers) {
    for (const address of raftAddresses) asked.set(address, [...(asked.get(address) ?? []), name])
  }
  return [...asked]
    .filter(([, names]) => names.length > 1)
    .map(
      ([address, names]) =>
        `peers: ${list(names)} are asked for members at the same Raft address ${quote(address)}, so one process answers for all of them. Write the Raft address of each in front of its own: host:port=address.`,
    )
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map(quote)
  const more = names.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
