import { isPrintable, showText } from '../shared/text.ts'
import { healthUrl, readAuthority, SCHEME } from './url.ts'

/** The longest name of a peer, in characters. */
const MAX_NAME = 100
/** What a name cannot hold. No separator, blank or comment is in it, so that none can make a node part of a name. */
const OUTSIDE_NAME = /[^\p{L}\p{M}\p{Nd}\-_.:/@[\]]/u
/** A name that is `host:port`. */
const RAFT_ADDRESS = /^(?:\[[^\]]*\]|[^:/@[\]]+):\d+$/

/** One address to poll. */
export interface Peer {
  /** The name from the input, or the address; several names, joined, where entries share an address. */
  readonly name: string
  /** The names one by one, as they were written. */
  readonly names: readonly string[]
  /** The address as it was written, without the name. */
  readonly address: string
  /** What is asked: the base URL with `/sqs_health`. */
  readonly url: string
  /** The Raft addresses to ask for members, `host:port`; none where `raft-port` is not given. */
  readonly raftAddresses: readonly string[]
}

/** The ports where none is written; `raft` is empty if members are not asked for. */
export interface Ports {
  readonly sqs: number
  readonly raft: readonly number[]
}

/** Takes `name=address` apart; a URL has no name in front, although its path may hold a `=`. */
export function splitName(text: string): {
  readonly name: string | null
  readonly address: string
} {
  const separator = SCHEME.test(text) ? -1 : text.indexOf('=')
  return {
    name: separator < 0 ? null : text.slice(0, separator).trim(),
    address: text.slice(separator + 1).trim(),
  }
}

/**
 * Reads one entry; returns what is wrong with it as text, which holds nothing that could be a part of user info. Its only
 * Raft address is the name, if that is `host:port` and `raft-port` is given.
 */
export function parsePeer(name: string | null, address: string, ports: Ports): Peer | string {
  if (address === '') {
    const found = name === null ? 'nothing' : 'nothing behind the "="'
    return `empty peer address, found ${found}, expected an address`
  }
  const nameProblem = name === null ? null : checkName(name)
  if (nameProblem !== null) return nameProblem
  const url = healthUrl(address, ports.sqs)
  if (typeof url === 'string') return url
  const isRaft = ports.raft.length > 0 && RAFT_ADDRESS.test(name ?? '')
  const raft = isRaft ? readAuthority('http', name ?? '', null) : null
  if (typeof raft === 'string') return `the Raft address in front of the "=": ${raft}`
  const shown = name ?? address
  const raftAddresses = raft === null ? [] : [`${raft.hostname}:${raft.port || 80}`]
  return { name: shown, names: [shown], address, url: url.href, raftAddresses }
}

function checkName(name: string): string | null {
  if (name === '') return 'found nothing in front of the "=", expected a name'
  const [outside] = OUTSIDE_NAME.exec(name) ?? []
  if (outside !== undefined) {
    return `found "${showText(outside)}" in the name, expected letters, digits and -_.:/@[] only`
  }
  const { length } = [...name]
  if (length > MAX_NAME) {
    return `found a name of ${length} characters, expected 1 to ${MAX_NAME}`
  }
  if (!isPrintable(name, MAX_NAME)) {
    return 'found an invisible character in the name, expected none'
  }
  if (name.includes('://')) return 'found a URL in front of the "=", expected a name'
  return /:[^/@]+@/.test(name) ? 'found user info in front of the "=", expected a name' : null
}
