import { quote } from '../shared/text.ts'
import { VERSION } from '../shared/version.ts'

/** The headers of every request that the gate sets itself. */
export const OWN_HEADERS: Readonly<Record<string, string>> = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'cache-control': 'no-cache',
  'user-agent': `htfifo-gate/${VERSION}`,
}
/** Headers that the gate or its transport sets, or that would change what the connection means. */
const RESERVED = new Set([
  ...Object.keys(OWN_HEADERS),
  ...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-authorization'],
  ...['proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
])
/** RFC 9110, 5.1 and 5.5: a token; visible ASCII, blanks and tabs. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e]+$/
/** A scheme without what comes after it: what `Bearer ${{ secrets.TOKEN }}` is if the secret is not set. */
const EMPTY_CREDENTIALS = /^(apikey|basic|bearer|digest|negotiate|token)$/i

/** Headers whose values say how a request travels or is traced, and open nothing to whoever reads them. */
const NO_SECRET = new Set([
  ...['accept-language', 'b3', 'baggage', 'content-type', 'date', 'dnt', 'forwarded', 'from'],
  ...['origin', 'pragma', 'referer', 'traceparent', 'tracestate', 'via', 'x-correlation-id'],
  ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'],
  ...['x-real-ip', 'x-request-id'],
])
/** Shorter values hide nothing. In characters. */
const MIN_MASK = 4
/** A number of up to five digits, or up to twelve letters as words have them: no token, but likely part of any text. */
const COMMON = /^(\d{1,5}|(?=.{1,12}$)([A-Z]?[a-z]+(-[a-z]+)*|[A-Z]+))$/

/** Reads the `headers` input: `Name: value`, one per line. Values are secrets and are never echoed. */
export function parseHeaders(text: string): {
  readonly headers: Readonly<Record<string, string>>
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
} {
  const problems: string[] = []
  const warnings: string[] = []
  // Without a prototype, so that `constructor` and `__proto__` are names like any other.
  const headers: Record<string, string> = Object.create(null)
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const where = `headers: line ${index + 1}`
    if (!NAME.test(name)) {
      problems.push(`${where} is not a header, expected "Name: value" (the line is not shown)`)
    } else if (RESERVED.has(name)) {
      problems.push(
        `${where}: found "${name}", expected a header that the gate does not set itself`,
      )
    } else if (name in headers) {
      problems.push(`${where}: found ${quote(name)} a second time, expected it once`)
    } else if (!VALUE.test(value)) {
      const found = value === '' ? 'an empty value' : 'a value with other characters'
      problems.push(`${where}: found ${found} for ${quote(name)}, expected visible ASCII`)
    } else {
      headers[name] = value
      if (name === 'authorization' && EMPTY_CREDENTIALS.test(value)) {
        warnings.push(
          `${where}: found a scheme without credentials in "${name}". Is a secret not set?`,
        )
      }
    }
  }
  return { headers, problems, warnings }
}

/** The values of headers that must appear nowhere: all but those of well-known headers that carry no secret. */
export const findSecrets = (headers: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) => (NO_SECRET.has(name) ? [] : [value]))

/**
 * Whether the runner is told to mask a secret. It drops every output that holds what it masks, so a short or common
 * word (`true`, `closed`, `http`, `8080`) is not masked; the gate still hides it where a peer says it back.
 */
export const isMaskable = (secret: string): boolean =>
  secret.length >= MIN_MASK && !COMMON.test(secret)
