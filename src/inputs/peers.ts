import { showText } from '../shared/text.ts'
import { type Peer, parsePeer } from './address.ts'

export interface PeerList {
  readonly peers: readonly Peer[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Reads the `peers` input: entries separated by new lines or commas, each `host`, `host:port` or a base URL,
 * with an optional `name=` in front. Blank lines and lines that start with `#` are skipped. Entries with one
 * address become one peer, in the place of the first, with a warning. Never echoes user info.
 *
 * @param defaultPort the port of an entry without scheme and port, 1 to 65535
 */
export function parsePeers(text: string, defaultPort: number): PeerList {
  const problems: string[] = []
  const found = new Map<string, Peer[]>()
  const lines = text.split(/\r\n|\r|\n/).filter((line) => !/^\s*(#|$)/.test(line))
  const entries = lines.flatMap((line) => splitLine(line))
  for (const [index, { entry, hidden }] of entries.entries()) {
    const where = `peers: entry ${index + 1}`
    const read = parsePeer(entry, defaultPort)
    if (typeof read === 'object') found.set(read.url, [...(found.get(read.url) ?? []), read])
    else if (hidden)
      problems.push(`${where} (not shown): found user info on its line, expected none`)
    else if (entry === '') problems.push(`${where}: ${read}`)
    else problems.push(`${where} "${showText(entry)}": ${read}`)
  }
  if (entries.length === 0) {
    problems.push(
      'peers: found no peers, expected at least one host, host:port or URL (is a variable unset, or does the job lack its environment?)',
    )
  }
  const groups = [...found.values()]
  return {
    peers: groups.flatMap(([first, ...others]) => (first ? [merge(first, others)] : [])),
    problems,
    warnings: groups.flatMap(([first, ...others]) => {
      // Nothing is polled then, and what looks like an address may be a piece of a password.
      if (problems.length > 0 || first === undefined || others.length === 0) return []
      const names = [first, ...others].map((peer) => `"${showText(peer.name)}"`).join(', ')
      return [
        `peers: ${names} have the same address ${showText(first.url)}; it is polled once. A pasted line may hide a node.`,
      ]
    }),
  }
}

/** A password may hold a comma, so everything on a line up to its last `@` is hidden. */
function splitLine(line: string): { entry: string; hidden: boolean }[] {
  const parts = line.split(',')
  const last = parts.findLastIndex((part) => part.includes('@'))
  return parts.map((part, index) => ({ entry: part.trim(), hidden: index <= last }))
}

function merge(first: Peer, others: readonly Peer[]): Peer {
  const names = [...new Set([first, ...others].map((peer) => peer.name))]
  return { ...first, name: names.join(', '), names }
}
