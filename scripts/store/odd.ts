import { gzipSync } from 'node:zlib'

/** An answer to `GET /sqs_health`, and what the gate and the store's own poller are known to make of it. */
export interface OddAnswer {
  readonly title: string
  readonly bytes: Buffer
  /** The status that the gate gives. */
  readonly gate: string
  /** Why the gate refuses on purpose what the store's poller lets pass; null where both agree. */
  readonly stricter: string | null
  /** The connection stays open after these bytes. */
  readonly open: boolean
}

const GOOD = '{"status":"ok","capabilities":["htfifo"]}'
const CHUNKS = `29\r\n${GOOD}\r\n0\r\n\r\n`

type Fields = Readonly<Record<string, string>>

/** An HTTP answer, with its Content-Length unless one is given. */
function reply(status: string, body: string | Buffer, fields: Fields = {}): Buffer {
  const bytes = Buffer.from(body)
  const all = { 'Content-Length': `${bytes.length}`, Connection: 'close', ...fields }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`), bytes])
}

const ok = (body: string | Buffer, fields?: Fields) => reply('200 OK', body, fields)
/** A 200 whose capabilities are this JSON. */
const list = (capabilities: string) => ok(`{"status":"ok","capabilities":${capabilities}}`)
/** A 200 whose object holds this JSON beside a list that is right. */
const beside = (members: string, capabilities = '["htfifo"]') =>
  ok(`{${members}"capabilities":${capabilities}}`)
const redirect = (status: string) => reply(status, '', { Location: '/good/sqs_health' })

const PASSES: readonly (readonly [string, Buffer])[] = [
  ['good', ok(GOOD)],
  ['more keys', beside('"status":"ok","version":[1,{"a":null}],')],
  ['escapes', ok('{"\\u0073tatus":"o\\u006b","capabilities":["htfif\\u006f"]}')],
  ['blanks around', ok(` \r\n\t${GOOD} \n`)],
  ['lone surrogate', list('["htfifo","\\ud800"]')],
  ['1,024 bytes', ok(GOOD.padEnd(1_024))],
  ['text/html as type', ok(GOOD, { 'Content-Type': 'text/html' })],
  ['chunked', Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`)],
  ['no length', Buffer.from(`HTTP/1.1 200 OK\r\n\r\n${GOOD}`)],
  ['HTTP/1.0', Buffer.from(`HTTP/1.0 200 OK\r\n\r\n${GOOD}`)],
  ['103 before', Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'), ok(GOOD)])],
  ['bytes behind', Buffer.concat([ok(GOOD), Buffer.from('HTTP/1.1 200 OK\r\n\r\n')])],
]

/** Neither lets it pass; with the status that the gate gives. */
const REFUSED: readonly (readonly [string, string, Buffer])[] = [
  ['text ok', 'legacy', ok('ok\n')],
  ['empty body', 'malformed', ok('')],
  ['no list', 'malformed', ok('{"status":"ok"}')],
  ['list null', 'malformed', list('null')],
  ['empty list', 'missing-capability', list('[]')],
  ['other capabilities', 'missing-capability', list('["HTFIFO","htfifo2"," htfifo"]')],
  ['list is a string', 'malformed', list('"htfifo"')],
  ['number in the list', 'malformed', list('["htfifo",1]')],
  ['list in the list', 'malformed', list('[["htfifo"]]')],
  ['array', 'malformed', ok(`[${GOOD}]`)],
  ['status a number', 'malformed', beside('"status":1,')],
  [
    'list twice, the last empty',
    'malformed',
    beside('"status":"ok","capabilities":["htfifo"],', '[]'),
  ],
  ['list twice, two spellings', 'malformed', ok(`${GOOD.slice(0, -1)},"Capabilities":[]}`)],
  ['byte order mark', 'malformed', ok(`\uFEFF${GOOD}`)],
  ['UTF-16', 'malformed', ok(Buffer.from(GOOD, 'utf16le'))],
  ['trailing garbage', 'malformed', ok(`${GOOD}garbage`)],
  ['two objects', 'malformed', ok(`${GOOD}{}`)],
  ['trailing comma', 'malformed', list('["htfifo",]')],
  ['comment', 'malformed', ok(`/* */${GOOD}`)],
  ['single quotes', 'malformed', ok(GOOD.replaceAll('"', "'"))],
  ['1 MiB', 'too-large', list(`["htfifo","${'x'.repeat(1 << 20)}"]`)],
  ['201', 'http-error', reply('201 Created', GOOD)],
  ['203', 'http-error', reply('203 Non-Authoritative Information', GOOD)],
  ['204', 'http-error', Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')],
  ['206', 'http-error', reply('206 Partial Content', GOOD)],
  ['304', 'redirect', Buffer.from('HTTP/1.1 304 Not Modified\r\n\r\n')],
  ['404', 'http-error', reply('404 Not Found', GOOD)],
  ['503', 'http-error', reply('503 Service Unavailable', GOOD)],
  ['HTTP/0.9', 'protocol', Buffer.from(GOOD)],
  ['length too long', 'disconnected', ok(GOOD, { 'Content-Length': '60' })],
  ['length too short', 'malformed', ok(GOOD, { 'Content-Length': '20' })],
  ['two lengths', 'protocol', ok(GOOD, { 'content-length': '20' })],
  [
    'chunked, cut',
    'disconnected',
    Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n29\r\n${GOOD}\r\n`),
  ],
  ['closed at once', 'disconnected', Buffer.alloc(0)],
]

/** Neither gets an answer, because the connection stays open after these bytes. */
const SILENT: readonly (readonly [string, Buffer])[] = [
  ['silence', Buffer.alloc(0)],
  ['silence in the body', ok(GOOD, { 'Content-Length': '60' })],
]

const AMBIGUOUS = 'JSON readers differ in which of these keys count'
const NOT_JSON = 'not valid JSON (RFC 8259)'
const CACHED = 'a cached response, not one of the node'
const REDIRECTED = 'a node never redirects, and the target is not in the list'
const ENCODED = 'the gate asks for no encoding, so something on the way changed the body'
const FRAMING = 'HTTP readers differ in where such a response ends'
const NOT_OK = 'the node does not report the status "ok"'

/** The store's poller lets it pass; the gate does not, with this status and for this reason. */
const STRICTER: readonly (readonly [string, string, string, Buffer])[] = [
  [
    'null in the list',
    'malformed',
    'the list must hold nothing but strings',
    list('["htfifo",null]'),
  ],
  ['status not ok', 'unhealthy', NOT_OK, beside('"status":"draining",')],
  ['status null', 'malformed', NOT_OK, beside('"status":null,')],
  ['no status', 'malformed', NOT_OK, beside('')],
  ['keys in capitals', 'malformed', AMBIGUOUS, ok('{"STATUS":"ok","CAPABILITIES":["htfifo"]}')],
  ['list twice, the last good', 'malformed', AMBIGUOUS, beside('"status":"ok","capabilities":[],')],
  ['status twice', 'malformed', AMBIGUOUS, beside('"status":"no","status":"ok",')],
  [
    'invalid UTF-8',
    'malformed',
    NOT_JSON,
    ok(Buffer.from(`${GOOD.slice(0, -1)},"x":"\xFF"}`, 'latin1')),
  ],
  ['trailing NUL', 'malformed', NOT_JSON, ok(`${GOOD}\0`)],
  ['line break in a string', 'malformed', NOT_JSON, list('["htfifo","a\nb"]')],
  ['1,025 bytes', 'too-large', 'the poller judges the first 1,024 bytes', ok(GOOD.padEnd(1_025))],
  ['301', 'redirect', REDIRECTED, redirect('301 Moved Permanently')],
  ['302', 'redirect', REDIRECTED, redirect('302 Found')],
  ['308', 'redirect', REDIRECTED, redirect('308 Permanent Redirect')],
  ['Age', 'cached', CACHED, ok(GOOD, { Age: '30' })],
  ['Warning 110', 'cached', CACHED, ok(GOOD, { Warning: '110 - "Response is Stale"' })],
  ['Cache-Status', 'cached', CACHED, ok(GOOD, { 'Cache-Status': 'edge; hit' })],
  ['X-Cache', 'cached', CACHED, ok(GOOD, { 'X-Cache': 'HIT from edge' })],
  ['gzip', 'malformed', ENCODED, ok(gzipSync(GOOD), { 'Content-Encoding': 'gzip' })],
  ['br', 'malformed', ENCODED, ok(GOOD, { 'Content-Encoding': 'br' })],
  [
    'length and chunks',
    'protocol',
    FRAMING,
    Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Length: 41\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    ),
  ],
  [
    'line feeds alone',
    'protocol',
    FRAMING,
    Buffer.from(`HTTP/1.1 200 OK\nContent-Length: 41\n\n${GOOD}`),
  ],
  [
    '100 unasked',
    'protocol',
    'the request did not ask for it',
    Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), ok(GOOD)]),
  ],
]

const agreed = { stricter: null, open: false }

/** All of them; `/good`, the first one, is where redirects lead to. */
export const ODD_ANSWERS: readonly OddAnswer[] = [
  ...PASSES.map(([title, bytes]) => ({ title, bytes, gate: 'advertises', ...agreed })),
  ...REFUSED.map(([title, gate, bytes]) => ({ title, bytes, gate, ...agreed })),
  ...SILENT.map(([title, bytes]) => ({ title, bytes, gate: 'timeout', ...agreed, open: true })),
  ...STRICTER.map(([title, gate, stricter, bytes]) => ({
    title,
    bytes,
    gate,
    stricter,
    open: false,
  })),
]
