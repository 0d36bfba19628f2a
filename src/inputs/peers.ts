import { listSome, quote } from '../shared/text.ts'
import { type Peer, type Ports, parsePeer } from './address.ts'
import { type Entry, isJson, readJsonList, splitList } from './list.ts'
import { AT, explainPasted } from './pasted.ts'

export interface PeerList {
  readonly peers: readonly Peer[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Reads the `peers` input: entries separated by new lines or commas, or JSON, each `host`, `host:port` or a base URL,
 * with an optional name. Entries with one address become one peer, in the place of the first. Each entry ends as a name
 * of a peer or as a problem. Shows nothing of an entry that could be user info.
 */
export function parsePeers(text: string, ports: Ports): PeerList {
  const { entries, ...list } = isJson(text) ? readJsonList(text) : splitList(text)
  const problems = [...list.problems]
  const read: Peer[] = []
  for (const entry of entries) {
    const peer = readEntry(entry, ports)
    if (typeof peer === 'string') problems.push(`peers: ${entry.label}: ${peer}`)
    else read.push(peer)
  }
  if (entries.length === 0 && problems.length === 0) {
    problems.push(
      'peers: found no peers, expected at least one host, host:port or URL (is a variable not set, or does the job lack its environment?)',
    )
  }
  // Beside user info, what looks like an entry may be a piece of a password with commas.
  if (read.length === entries.length || !entries.some(({ pasted }) => AT.test(pasted)))
    problems.push(...findTwoAddresses(read))
  const peers = [...Map.groupBy(read, ({ url }) => url).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [merge(first, others, ports)],
  )
  return { peers, problems, warnings: list.warnings }
}

function readEntry({ name, address, problem, pasted }: Entry, ports: Ports): Peer | string {
  if (problem !== null) return problem
  const peer = parsePeer(name, address, ports)
  return typeof peer === 'string' ? (explainPasted(pasted) ?? peer) : peer
}

function merge(first: Peer, others: readonly Peer[], ports: Ports): Peer {
  const same = [first, ...others]
  const names = [...new Set(same.flatMap((peer) => peer.names))]
  const { hostname } = new URL(first.url)
  const written = [...new Set(same.flatMap((peer) => peer.raftAddresses))]
  const raftAddresses =
    written.length > 0 ? written : ports.raft.map((port) => `${hostname}:${port}`)
  return { ...first, name: names.join(', '), names, raftAddresses }
}

function findTwoAddresses(peers: readonly Peer[]): string[] {
  return [...Map.groupBy(peers, ({ name }) => name)].flatMap(([name, same]) => {
    const addresses = [...new Map(same.map(({ url, address }) => [url, quote(address)])).values()]
    return addresses.length < 2
      ? []
      : [
          `peers: found the name ${quote(name)} at ${addresses.length} addresses, ${listSome(addresses, 3)}, expected one address for each name`,
        ]
  })
}
