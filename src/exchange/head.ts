/** The header fields of an answer; absent or several, as they came. */
export type Head = Readonly<Record<string, string | readonly string[] | undefined>>

/** What the decision reads of a head. The rest is not kept: a peer that stalls in its body may have sent thousands of fields. */
const FIELDS = [
  'age',
  'cache-status',
  'content-encoding',
  'location',
  'warning',
  'x-cache',
  'x-cache-status',
]

export const pickFields = (head: Head): Head =>
  Object.fromEntries(FIELDS.map((name) => [name, head[name]]))

/**
 * Where a redirect leads, in words: without user info and query, which may hold secrets, and otherwise as it came, so that a
 * secret in it can still be found and hidden.
 */
export function describeTarget(location: string | undefined): string {
  if (location === undefined) return 'without a target'
  const [target = ''] = location.split(/[?#]/, 1)
  return `to ${target.replace(/\/\/[^/]*@/, '//')}`
}

/**
 * What is wrong with the head of an answer that the parser lets pass, in words, or null.
 *
 * @param secure whether the answer comes over TLS, where one that ends with the connection could be cut unseen
 */
export function checkHead(status: number, head: Head, secure: boolean): string | null {
  if (status < 100) return `${status} is not an HTTP status code`
  if (status === 101) return 'an unexpected response (HTTP 101)'
  const coding = head['transfer-encoding']
  if (coding !== undefined && !/^chunked$/i.test(coding.toString())) {
    return `the transfer coding "${coding}" is not known`
  }
  return secure && status === 200 && coding === undefined && head['content-length'] === undefined
    ? 'the answer does not tell its length, so it could be cut unseen (https)'
    : null
}

/** The statuses of a gateway; a node sends none of them on its health endpoint. */
const GATEWAY_STATUSES = new Set([407, 502, 503, 504])

/** Whether a reply that came through a proxy was probably written by the proxy and not by the peer behind it. */
export function isProxyReply(status: number, head: Head): boolean {
  if (status === 200) return false
  const marks = ['proxy-authenticate', 'proxy-status', 'x-squid-error']
  return GATEWAY_STATUSES.has(status) || marks.some((name) => name in head)
}
