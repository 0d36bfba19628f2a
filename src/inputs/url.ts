import { isIPv4 } from 'node:net'
import { domainToUnicode } from 'node:url'
import { isNoDestination, isPort, unmapHost } from '../shared/ip.ts'
import { isPrintable, quote, showText } from '../shared/text.ts'

/** What every base URL gets appended; the health endpoint of the SQS listener of a node. */
const HEALTH_PATH = '/sqs_health'

/** How every URL begins (RFC 3986, 3.1); what follows need not be valid. */
export const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/** A host, or an IPv6 address in brackets, and what follows a colon behind it. */
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[\p{L}\p{M}\p{N}._-]+)(?::(.*))?$/isu

/** What an expression or a script gives in place of a list, an object or a value that is not set. */
const PLACEHOLDER = /^(Array|Object|null|undefined)$/

/** What a base path cannot hold: RFC 3986, 3.3, and `;` and `,`, which are more likely between two entries. */
const OUTSIDE_PATH = /[^A-Za-z0-9\-._~!$&'()*+=:@/%]|%(?![0-9A-Fa-f]{2})/u

/**
 * Reads what is asked for an address, `host`, `host:port` or a base URL: the URL of its health endpoint. Returns what is
 * wrong as text, which holds nothing that could be a part of user info; nothing is left to the leniency of a URL parser.
 *
 * @param defaultPort the port of an address without scheme and port, 1 to 65535
 */
export function healthUrl(address: string, defaultPort: number): URL | string {
  const base = SCHEME.test(address) ? readUrl(address) : readHost(address, defaultPort)
  return typeof base === 'string'
    ? base
    : new URL(base.pathname.replace(/\/+$/, '') + HEALTH_PATH, base)
}

function readHost(address: string, defaultPort: number): URL | string {
  if (/^https?:/i.test(address)) return 'expected "//" after the scheme'
  if (address.includes('/')) return 'found a path, expected http:// or https:// in front of it'
  if (/^[^[\]]*:[^[\]]*:/.test(address)) {
    return /^[0-9a-f]{0,4}:[0-9a-f:.]*(%\w+)?$/i.test(address)
      ? 'expected brackets around an IPv6 address: [address] or [address]:port'
      : 'found more than one colon, expected host:port or name=host:port'
  }
  return readAuthority('http', address, defaultPort)
}

function readUrl(address: string): URL | string {
  const [, scheme = '', authority = '', rest = ''] =
    /^([^:]*):\/\/([^/?#\\]*)(.*)$/s.exec(address) ?? []
  if (!/^https?$/i.test(scheme)) return 'expected the scheme http or https'
  if (!isPrintable(address, address.length) || /[ \\]/.test(address)) {
    return 'found blanks, backslashes or invisible characters in the URL, expected none'
  }
  if (authority === '') return 'found no host in the URL, expected http://host:port'
  if (rest.includes('#')) return 'found a fragment in the URL, expected none'
  if (rest.includes('?')) return 'found a query in the URL, expected none'
  const url = readAuthority(scheme, authority, null)
  if (typeof url === 'string') return url
  const problem = checkPath(rest.replace(/\/+$/, ''))
  if (problem !== null) return problem
  url.pathname = rest
  return url
}

/** A path that two programs may read in two ways is refused, so that what is asked is what was written. */
function checkPath(path: string): string | null {
  const [outside] = OUTSIDE_PATH.exec(path) ?? []
  if (outside !== undefined) {
    return `found "${showText(outside, 20)}" in the path, expected letters, digits, /, %XX and -._~!$&'()*+=:@ only`
  }
  if (path.includes('//')) return 'found "//" in the path, expected one URL for each entry'
  if (/%(2e|2f|5c)/i.test(path)) return 'found an escaped dot, slash or backslash in the path'
  if (/\/\.{1,2}(\/|$)/.test(path)) {
    return 'found "." or ".." as a part of the path, expected the path without it'
  }
  const plain = path.replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return plain.endsWith(HEALTH_PATH)
    ? `found ${HEALTH_PATH} at the end, expected the base URL without it`
    : null
}

/**
 * Reads `host`, `host:port`, `[IPv6]` or `[IPv6]:port` into a URL without path; an IPv4 address in its IPv6 form becomes
 * that IPv4 address. Takes only the host that was written: neither `0x7f.1`, which a URL takes for an address, nor `kv①`,
 * which it takes for `kv1`. Returns what is wrong as text.
 *
 * @param defaultPort the port where none is written, 1 to 65535; null for that of the scheme
 */
export function readAuthority(
  scheme: string,
  authority: string,
  defaultPort: number | null,
): URL | string {
  const [, host, port] = AUTHORITY.exec(authority) ?? []
  if (host === undefined) return 'expected host, host:port, http://… or https://…'
  if (port !== undefined && !isPort(port)) {
    // More than a few digits may be a password: user:password without the "@".
    const found = /^\d{0,5}$/.test(port) ? `port "${port}"` : 'no port number behind the colon'
    return `found ${found}, expected 1 to 65535`
  }
  if (PLACEHOLDER.test(host)) {
    return `found "${host}", which stands for a list, an object or a value that is not set, expected addresses: toJSON(…) or join(…) around a list`
  }
  const suffix = port ?? defaultPort
  const url = URL.parse(`${scheme}://${host}${suffix === null ? '' : `:${suffix}`}`)
  if (url === null) return 'expected a valid host name or IP address'
  const unmapped = unmapHost(url.hostname)
  if (unmapped !== url.hostname) url.hostname = unmapped
  else if (isIPv4(url.hostname) && url.hostname !== host) {
    return `found the host "${showText(host, 30)}", expected a name, or an IPv4 address as four plain decimal numbers`
  } else if (!host.startsWith('[') && !isSameName(url.hostname, host)) {
    return `found a host that stands for ${quote(domainToUnicode(url.hostname))}, expected that name itself`
  }
  return isNoDestination(url.hostname)
    ? 'found an unspecified, multicast or broadcast address, expected the address of the node'
    : url
}

/** Letter case aside; composed and decomposed accents are one spelling. */
function isSameName(hostname: string, written: string): boolean {
  // By character: at the end of a word, a capital sigma would become another letter than in a host name.
  const lower = [...written].map((char) => char.toLowerCase()).join('')
  return hostname === lower || domainToUnicode(hostname) === lower.normalize('NFC')
}
