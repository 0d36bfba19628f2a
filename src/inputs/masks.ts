/** Headers whose values say how a request travels or is traced, and open nothing to whoever reads them. */
const NO_SECRET = new Set([
  'accept-language',
  'b3',
  'baggage',
  'content-type',
  'date',
  'dnt',
  'forwarded',
  'from',
  'origin',
  'pragma',
  'referer',
  'traceparent',
  'tracestate',
  'via',
  'x-correlation-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
])

/** Shorter values hide nothing. In characters. */
const MIN_LENGTH = 4
/** A number of up to five digits, or up to twelve letters as words have them: no token, but likely part of any text. */
const COMMON = /^(\d{1,5}|(?=.{1,12}$)([A-Z]?[a-z]+(-[a-z]+)*|[A-Z]+))$/

/** The values of headers that must appear nowhere: all but those of well-known headers that carry no secret. */
export const secretValues = (headers: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) => (NO_SECRET.has(name) ? [] : [value]))

/**
 * Whether the runner is told to mask a secret. It drops every output that holds what it masks, so a short or common
 * word (`true`, `closed`, `http`, `8080`) is not masked; the gate still hides it where a peer says it back.
 */
export const isMaskable = (secret: string): boolean =>
  secret.length >= MIN_LENGTH && !COMMON.test(secret)
