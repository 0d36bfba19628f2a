import { isIPv4 } from 'node:net'
import { domainToUnicode } from 'node:url'
import { isPort, unmapHost } from '../shared/ip.ts'
import { showText } from '../shared/text.ts'
import { quote } from './quote.ts'

/** A host, or an IPv6 address in brackets, and what follows a colon behind it. */
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[\p{L}\p{M}\p{N}._-]+)(?::(.*))?$/isu

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
    return `found port "${showText(port, 20)}", expected 1 to 65535`
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
  return noDestination(url.hostname) ?? url
}

/** Whether the host of a URL is the machine that asks, as far as its text tells. */
export const isLoopback = (hostname: string): boolean =>
  /^(.+\.)?localhost\.?$/.test(hostname) ||
  (isIPv4(hostname) && hostname.startsWith('127.')) ||
  hostname === '[::1]'

/** Letter case aside; composed and decomposed accents are one spelling. */
function isSameName(hostname: string, written: string): boolean {
  // By character: at the end of a word, a capital sigma would become another letter than in a host name.
  const lower = [...written].map((char) => char.toLowerCase()).join('')
  return hostname === lower || domainToUnicode(hostname) === lower.normalize('NFC')
}

/** Addresses that no single machine has: a connection to some of them ends at the runner itself. */
function noDestination(hostname: string): string | undefined {
  const first = isIPv4(hostname) ? Number.parseInt(hostname, 10) : null
  if (hostname === '[::]' || first === 0) {
    return 'found an address that stands for no machine, expected the address of the node'
  }
  const multicast = (first !== null && first >= 224 && first < 240) || hostname.startsWith('[ff')
  return multicast || hostname === '255.255.255.255'
    ? 'found a multicast or broadcast address, expected the address of the node'
    : undefined
}
