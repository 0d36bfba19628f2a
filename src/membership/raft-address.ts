import { isIPv6 } from 'node:net'
import { isPort, unmapHost } from '../shared/ip.ts'

/** `host:port`; the host may be in brackets. */
const HOST_PORT = /^(?:\[([^[\]]+)\]|([^[\]]+)):(\d+)$/

/**
 * One spelling for all that mean one host and port: letter case, brackets and the spelling of an IPv6 address are ignored,
 * and an IPv4 address in its IPv6 form is that IPv4 address. A name is compared as it is, and never resolved. Null for
 * what is not `host:port`.
 */
export function normalizeRaftAddress(text: string): string | null {
  const [, inner, plain, port = ''] = HOST_PORT.exec(text) ?? []
  const host = inner ?? plain
  if (host === undefined || !isPort(port)) return null
  if (host.includes(':') && !isIPv6(host)) return null
  return `${normalizeHost(host)}:${Number(port)}`
}

/** Whether a text, such as a name of a peer, is `host:port`. */
export const isRaftAddress = (text: string): boolean => normalizeRaftAddress(text) !== null

/** A Raft address in one spelling, with its host and its port; a text that is not `host:port` stays as it is. */
export function raftPlace(text: string): {
  readonly address: string
  readonly host: string
  readonly port: string
} {
  const address = normalizeRaftAddress(text)
  if (address === null) return { address: text, host: text, port: '' }
  const at = address.lastIndexOf(':')
  return { address, host: address.slice(0, at), port: address.slice(at + 1) }
}

function normalizeHost(host: string): string {
  // A URL knows no zone (`fe80::1%eth0`), and takes hosts such as `010.0.0.1` for others; those stay as they are.
  const url = isIPv6(host) ? URL.parse(`http://[${host}]`) : null
  if (url === null) return host.toLowerCase()
  return unmapHost(url.hostname)
}
