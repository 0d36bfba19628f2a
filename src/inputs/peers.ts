import { type Peer, type Ports, parsePeer } from './address.ts'
import { findDoubts } from './doubts.ts'
import { isJson, readJsonList } from './json-list.ts'
import { splitList, type WrittenEntry } from './list.ts'
import { explainPasted } from './pasted.ts'
import { quote } from './quote.ts'

export interface PeerList {
  readonly peers: readonly Peer[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Reads the `peers` input: entries separated by new lines or commas, or JSON, each `host`, `host:port` or a base URL,
 * with an optional name. Entries with one address become one peer, in the place of the first, with a warning. Each
 * entry ends as a name of a peer or as a problem. Never echoes user info.
 */
export function parsePeers(text: string, ports: Ports): PeerList {
  const { entries, ...list } = isJson(text) ? readJsonList(text) : splitList(text)
  const problems = [...list.problems]
  const found = new Map<string, Peer[]>()
  for (const [index, entry] of entries.entries()) {
    const read = parsePeer(entry, ports)
    if (typeof read === 'object') found.set(read.url, [...(found.get(read.url) ?? []), read])
    else {
      const place = index === entries.length - 1 ? 'list' : 'line'
      problems.push(`peers: entry ${index + 1}${describe(entry, read, place)}`)
    }
  }
  if (entries.length === 0 && problems.length === 0) {
    problems.push(
      'peers: found no peers, expected at least one host, host:port or URL (is a variable unset, or does the job lack its environment?)',
    )
  }
  const groups = [...found.values()]
  const peers = groups.flatMap(([first, ...others]) =>
    first ? [merge(first, others, ports.raft)] : [],
  )
  // With problems nothing is polled, and what looks like an address may be a piece of a password.
  const warnings = problems.length > 0 ? [] : findDoubts(groups, peers)
  return { peers, problems, warnings: [...list.warnings, ...warnings] }
}

function describe({ text, hidden, trailing }: WrittenEntry, problem: string, place: string) {
  if (hidden) return ' (not shown): found "@" in it or behind it, expected no user info on its line'
  if (trailing) return `: ${problem}, found a comma at the end of the ${place}, expected none`
  if (text === '')
    return `: ${problem}, found nothing, expected an address between two commas or quotes`
  return ` ${quote(text)}: ${explainPasted(text) ?? problem}`
}

function merge(first: Peer, others: readonly Peer[], raftPort: number | null): Peer {
  const all = [first, ...others]
  const names = [...new Set(all.flatMap((peer) => peer.names))]
  const named = [...new Set(all.flatMap((peer) => peer.raftAddresses))]
  const raftAddresses =
    named.length > 0 || raftPort === null ? named : [`${new URL(first.url).hostname}:${raftPort}`]
  return { ...first, name: names.join(', '), names, raftAddresses }
}
