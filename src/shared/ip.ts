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
