import { OWN_HEADERS } from '../shared/own-headers.ts'
import { quote } from './quote.ts'

/** Headers that the gate or its transport sets, or that would change what the connection means. */
const RESERVED = new Set([
  ...Object.keys(OWN_HEADERS),
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** RFC 9110, 5.1 and 5.5: a token; visible ASCII, blanks and tabs. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e]+$/
/** A scheme without what comes after it: what `Bearer ${{ secrets.TOKEN }}` is if the secret is not set. */
const EMPTY_CREDENTIALS = /^(apikey|basic|bearer|digest|negotiate|token)$/i

/** Reads the `headers` input: `Name: value`, one a line. Values are secrets and are never echoed. */
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
