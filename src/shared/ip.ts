import { isIPv4 } from 'node:net'

/** How a URL writes an IPv4 address in its IPv6 form. */
const MAPPED = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/

/** The host of a URL; an IPv4 address in its IPv6 form as that IPv4 address. */
export function unmapHost(hostname: string): string {
  const [, high = '', low = ''] = MAPPED.exec(hostname) ?? []
  if (high === '') return hostname
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join('.')
}

/** Whether a text is a decimal port number, 1 to 65535. */
export const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535

/** Whether a host or an IP address is the machine that asks, as far as its text shows. */
export const isLoopback = (hostname: string): boolean =>
  /^(.+\.)?localhost\.?$/.test(hostname) ||
  (isIPv4(hostname) && hostname.startsWith('127.')) ||
  /^\[?::1\]?$/.test(hostname)

/** Whether the host of a URL is an address of no single machine: unspecified (`0.0.0.0`, `[::]`), multicast or broadcast. */
export function isNoDestination(hostname: string): boolean {
  const first = isIPv4(hostname) ? Number.parseInt(hostname, 10) : null
  if (first === null) return hostname === '[::]' || hostname.startsWith('[ff')
  return first === 0 || (first >= 224 && first < 240) || hostname === '255.255.255.255'
}
