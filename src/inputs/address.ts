import { isIPv4 } from 'node:net'
import { isPrintable, showText } from '../shared/text.ts'

/** What every base URL gets appended; the health endpoint of the SQS listener of a node. */
const HEALTH_PATH = '/sqs_health'

/** How every URL begins (RFC 3986, 3.1); what follows need not be valid. */
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/** The longest name of a peer, in characters. */
const MAX_NAME = 100

/** One address to poll. */
export interface Peer {
  /** The name from the input, or the address; several names, joined, where entries share an address. */
  readonly name: string
  /** The names one by one, as they were written. */
  readonly names: readonly string[]
  /** The address as it was written, without the name. */
  readonly address: string
  /** What is asked: the base URL with {@link HEALTH_PATH}. */
  readonly url: string
  /** The Raft addresses to ask for members, `host:port`; none where `raft-port` is not given. */
  readonly raftAddresses: readonly string[]
}

/**
 * Reads one entry of the list, `host`, `host:port` or a base URL, with an optional `name=` in front; returns what is wrong
 * with it as text, which never holds user info.
 *
 * @param defaultPort the port of an entry without scheme and port, 1 to 65535
 */
export function parsePeer(entry: string, defaultPort: number): Peer | string {
  if (entry === '') return 'empty peer address'
  const separator = SCHEME.test(entry) ? -1 : entry.indexOf('=')
  const address = entry.slice(separator + 1).trim()
  const name = separator < 0 ? address : entry.slice(0, separator).trim()
  if (address === '') return 'empty peer address'
  if (separator >= 0 && !isPrintable(name, MAX_NAME)) {
    return `expected a name of 1 to ${MAX_NAME} printable characters before the "="`
  }
  const url = SCHEME.test(address) ? parseUrl(address) : parseHost(address, defaultPort)
  if (typeof url === 'string') return url
  return {
    name,
    names: [name],
    raftAddresses: [],
    address,
    url: url.origin + url.pathname.replace(/\/+$/, '') + HEALTH_PATH,
  }
}

function parseHost(address: string, defaultPort: number): URL | string {
  if (address.includes('@')) return 'found user info, expected none: host, host:port or a URL'
  if (/^https?:/i.test(address)) return 'expected "//" after the scheme'
  if (address.includes('/')) return 'found a path, expected http:// or https:// in front of it'
  if (/^[^[\]]*:[^[\]]*:/.test(address)) {
    return 'expected brackets around an IPv6 address: [address] or [address]:port'
  }
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[\p{L}\p{N}._-]+)(?::(.*))?$/iu.exec(address) ?? []
  if (host === undefined) return 'expected host, host:port, http://… or https://…'
  if (port !== undefined && !isPort(port)) return portProblem(port)
  return makeUrl(`http://${host}:${port ?? defaultPort}`, host)
}

function parseUrl(address: string): URL | string {
  const [, scheme = '', authority = '', rest = ''] =
    /^([^:]*):\/\/([^/?#\\]*)(.*)$/s.exec(address) ?? []
  if (!/^https?$/i.test(scheme)) return 'expected the scheme http or https'
  if (authority.includes('@')) return 'found user info in the URL, expected none'
  if (!isPrintable(address, address.length) || /[ \\]/.test(address)) {
    return 'found blanks, backslashes or invisible characters in the URL, expected none'
  }
  if (authority === '') return 'found no host in the URL, expected http://host:port'
  if (rest.includes('#')) return 'found a fragment in the URL, expected none'
  if (rest.includes('?')) return 'found a query in the URL, expected none'
  const port = /:([^:\]]*)$/.exec(authority)?.[1]
  if (port !== undefined && !isPort(port)) return portProblem(port)
  const url = makeUrl(address, authority.replace(/:[^:\]]*$/, ''))
  if (typeof url === 'object' && url.pathname.replace(/\/+$/, '').endsWith(HEALTH_PATH)) {
    return `found ${HEALTH_PATH} at the end, expected the base URL without it`
  }
  return url
}

const isPort = (text: string) =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535

const portProblem = (found: string) => `found port "${showText(found, 20)}", expected 1 to 65535`

/** Takes a URL only if its host is the one that was written: `010.0.0.1`, `0x7f.1` or `9324` would be other addresses. */
function makeUrl(text: string, host: string): URL | string {
  const url = URL.parse(text)
  if (url === null) return 'expected a valid host name or IP address'
  if (isIPv4(url.hostname) && url.hostname !== host) {
    return `found the host "${showText(host, 60)}", expected a name, or an IPv4 address as four plain decimal numbers`
  }
  return url
}
