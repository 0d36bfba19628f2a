import { type Answer, describeTarget, MAX_BODY_BYTES } from '../exchange/exchange.ts'
import type { Status } from '../shared/status.ts'
import { countKeys, decodeUtf8, describeValue, parseJson } from './json.ts'

/** What an answer, or its absence, says about the peer. */
export interface Finding {
  readonly status: Status
  /** The list that the peer sent, or null where there was none to read. */
  readonly capabilities: readonly string[] | null
  /** Why the peer does not pass, in words; empty for `advertises` and `missing-capability`. */
  readonly error: string
}

/**
 * The decision about one answer. It is `advertises` only for a 200 with at most 1,024 bytes of valid UTF-8
 * that are one JSON object whose `status` is `ok` and whose `capabilities`, an array of strings, hold the
 * capability exactly. Pure; never throws.
 */
export function decide(answer: Answer, capability: string): Finding {
  const finding = decideAnswer(answer, capability)
  if (answer.proxy === null || finding.error === '') return finding
  return { ...finding, error: `${finding.error}, through proxy ${answer.proxy}` }
}

function decideAnswer({ httpStatus, head, body }: Answer, capability: string): Finding {
  if (httpStatus === 304) {
    return failed('redirect', 'HTTP 304 not modified: a cache answered, expected 200')
  }
  if (httpStatus >= 300 && httpStatus < 400) {
    const target = describeTarget(head['location']?.toString())
    return failed('redirect', `HTTP ${httpStatus} redirects ${target}; redirects are not followed`)
  }
  if (httpStatus !== 200) return failed('http-error', `HTTP ${httpStatus}, expected 200`)
  const cached = findCache(head)
  if (cached !== null) return failed('cached', `a cached response (${cached})`)
  const encoding = head['content-encoding']?.toString() || 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    return failed('malformed', `the answer has the Content-Encoding "${encoding}", expected none`)
  }
  if (body.length > MAX_BODY_BYTES) {
    return failed('too-large', `malformed JSON: the body has more than ${MAX_BODY_BYTES} bytes`)
  }
  return decideBody(body, capability)
}

/** Quoted text of a field, to its end where the second quotation mark is missing. */
const QUOTED = /"(?:[^"\\]|\\.?)*(?:"|$)/g
const outsideQuotes = (sign: RegExp) => (value: string) => sign.test(value.replace(QUOTED, ''))
/** What CDNs and nginx say of a response that comes from the cache, some of them in quotation marks. */
const isHit = (value: string) => /(?:^|[^a-z])(?:hit|refreshhit|stale)(?:$|[^a-z])/i.test(value)

/** What gives a cache away, by header: RFC 9111 (5.1, 5.5), RFC 9211, and what caches have always sent. */
const CACHE_SIGNS: readonly (readonly [
  name: string,
  label: string,
  isSign: (value: string) => boolean,
])[] = [
  ['age', 'Age', outsideQuotes(/^(?!\s*0+\s*$)/)],
  ['warning', 'Warning', outsideQuotes(/(?:^|,)\s*110\b/)],
  ['cache-status', 'Cache-Status', outsideQuotes(/(?:^|[^a-z])hit(?![a-z]|\s*=\s*\?0)/i)],
  ['x-cache', 'X-Cache', isHit],
  ['x-cache-status', 'X-Cache-Status', isHit],
]

/** The header by which a cache gives itself away, with its value, or null. */
function findCache(head: Answer['head']): string | null {
  for (const [name, label, isSign] of CACHE_SIGNS) {
    // Each field by itself: a quotation mark that nothing closes in one must not hide the next.
    const found = [head[name] ?? []].flat().find(isSign)
    if (found !== undefined) return `${label}: ${found}`
  }
  return null
}

function decideBody(body: Uint8Array, capability: string): Finding {
  const text = decodeUtf8(body)
  if (text === null) return malformed('the body is not valid UTF-8')
  if (/^ok\r?\n?$/.test(text)) {
    return failed('legacy', 'plain text "ok": a binary from before the capability list')
  }
  const value = parseJson(text)
  if (value instanceof SyntaxError) return malformed(`${value.message} (body: ${text})`)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return malformed(`expected an object, found ${describeValue(value)}`)
  }
  // The server's own reader matches keys without regard to case and minds each of them, so a second one is ambiguous.
  for (const key of ['status', 'capabilities']) {
    if (countKeys(text, key) > 1) {
      return malformed(`"${key}" is there more than once, in one spelling or several`)
    }
  }
  const { status, capabilities }: { status?: unknown; capabilities?: unknown } = value
  if (typeof status !== 'string') {
    return malformed(`"status" is ${describeValue(status)}, expected a string`)
  }
  if (!isStrings(capabilities)) {
    const found = Array.isArray(capabilities)
      ? 'an array with other values'
      : describeValue(capabilities)
    return malformed(
      `"capabilities" is ${found}, expected an array of strings (status: "${status}")`,
    )
  }
  if (status !== 'ok') {
    return { status: 'unhealthy', capabilities, error: `status is "${status}", expected "ok"` }
  }
  return capabilities.includes(capability)
    ? { status: 'advertises', capabilities, error: '' }
    : { status: 'missing-capability', capabilities, error: '' }
}

const failed = (status: Status, error: string): Finding => ({ status, capabilities: null, error })

const malformed = (reason: string): Finding => failed('malformed', `malformed JSON: ${reason}`)

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
