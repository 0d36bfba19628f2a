import { isPrintable, showText } from '../shared/text.ts'
import { readAuthority } from './host.ts'

/** What every base URL gets appended; the health endpoint of the SQS listener of a node. */
const HEALTH_PATH = '/sqs_health'

/** How every URL begins (RFC 3986, 3.1); what follows need not be valid. */
export const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/** What a base path cannot hold: RFC 3986, 3.3, and `;` and `,`, which are more likely between two entries. */
const OUTSIDE_PATH = /[^A-Za-z0-9\-._~!$&'()*+=:@/%]|%(?![0-9A-Fa-f]{2})/u

/**
 * Reads what is asked for an address, `host`, `host:port` or a base URL: the URL of its health endpoint. Returns what is
 * wrong as text, which never holds user info; nothing is left to the leniency of a URL parser.
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
  if (address.includes('@')) return 'found user info, expected none: host, host:port or a URL'
  if (/^https?:/i.test(address)) return 'expected "//" after the scheme'
  if (address.includes('/')) return 'found a path, expected http:// or https:// in front of it'
  if (/^[^[\]]*:[^[\]]*:/.test(address)) {
    if (!/^[0-9a-f]{0,4}:[0-9a-f:.]*(%\w+)?$/i.test(address)) {
      return 'found more than one colon, expected host:port or name=host:port'
    }
    return 'expected brackets around an IPv6 address: [address] or [address]:port'
  }
  return readAuthority('http', address, defaultPort)
}

function readUrl(address: string): URL | string {
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
  if (/%(2e|2f|5c)/i.test(path)) {
    return 'found a dot, slash or backslash as an escape in the path, expected it as it is'
  }
  if (/\/\.{1,2}(\/|$)/.test(path)) {
    return 'found "." or ".." as a part of the path, expected the path without'
  }
  const plain = path.replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return plain.endsWith(HEALTH_PATH)
    ? `found ${HEALTH_PATH} at the end, expected the base URL without it`
    : null
}
