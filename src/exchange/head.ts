/** The header fields of an answer; absent or several, as they came. */
export type Head = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * What the decision reads of a head. The rest is not kept: the head of a peer that stalls in its body may hold thousands of
 * fields.
 */
export const pickFields = (head: Head): Head =>
  Object.fromEntries(
    ['location', 'age', 'warning', 'content-encoding'].map((name) => [name, head[name]]),
  )

/** Where a redirect leads, in words: scheme, host and path only, as user info and query may hold secrets. */
export function describeTarget(location: string | undefined): string {
  if (location === undefined) return 'without a target'
  const url = URL.parse(location, 'http://relative.invalid')
  if (url === null) return 'to a target that is no URL'
  return `to ${url.host === 'relative.invalid' ? '' : `${url.protocol}//${url.host}`}${url.pathname}`
}

/** What is wrong with the head of an answer that undici lets pass, in words, or null. */
export function checkHead(status: number, head: Head): string | null {
  if (status < 100) return `${status} is not an HTTP status code`
  if (status < 200) return `an unexpected response (HTTP ${status})`
  const coding = head['transfer-encoding']
  if (coding !== undefined && !/^chunked$/i.test(coding.toString())) {
    return `the transfer coding "${coding}" is not known`
  }
  return null
}

/** The statuses of a gateway; a node sends none of them on its health endpoint. */
const GATEWAY_STATUSES = new Set([407, 502, 503, 504])

/** Whether a reply that came through a proxy was probably written by the proxy and not by the peer behind it. */
export function isProxyReply(status: number, head: Head): boolean {
  if (status === 200) return false
  const marks = ['proxy-authenticate', 'proxy-status', 'x-squid-error']
  return GATEWAY_STATUSES.has(status) || marks.some((name) => name in head)
}
