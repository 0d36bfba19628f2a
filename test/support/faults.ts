import type { Phase } from '../../src/exchange/failure.ts'
import type { Status } from '../../src/shared/status.ts'
import {
  answering,
  type Behaviour,
  drip,
  dripping,
  flooding,
  GOOD,
  holding,
  onRequest,
  reply,
  reset,
  resetting,
} from './servers.ts'

/** A way to misbehave on the wire, and what it must end in. */
export interface Fault {
  readonly name: string
  readonly status: Status
  /** What the message must hold. */
  readonly error: RegExp
  readonly behave: Behaviour
  /** `tls`: the fault is in HTTP over a good TLS connection. `https`: it is in place of the handshake. */
  readonly over: 'tcp' | 'tls' | 'https'
}

const LINE = 'HTTP/1.1 200 OK\r\n'
const LENGTH = `${LINE}Content-Length: 42\r\n`
const CHUNKED = `${LINE}Transfer-Encoding: chunked\r\n\r\n`
const CLOSING = `${LINE}Connection: close\r\n`
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const LAST = '0\r\n\r\n'
const HALF = GOOD.slice(0, 20)
const long = (bytes: number) => 'x'.repeat(bytes)
const interim = (line: string) => `HTTP/1.1 ${line}\r\n\r\n`
const good = (head: string) => answering(reply(GOOD, head))

/** The `timeout` input of the run. */
export const TIMEOUT = '3s'
export const late = (phase: Phase) =>
  new RegExp(`^timed out after ${TIMEOUT} \\(phase: ${phase}\\)$`)

export type Row = readonly [name: string, behave: Behaviour, error: RegExp]

/** Rows with the same message. */
export const alike = (
  error: RegExp,
  list: readonly (readonly [name: string, behave: Behaviour])[],
): Row[] => list.map(([name, behave]) => [name, behave, error])

const rows = (over: Fault['over'], status: Status, list: readonly Row[]): Fault[] =>
  list.map(([name, behave, error]) => ({ name, status, error, behave, over }))

/** Closed or reset at every point of the exchange; the answer is never complete. */
const POINTS: readonly (readonly [string, string])[] = [
  ['after the request', ''],
  ['in the status line', 'HTTP/1.1 2'],
  ['in a header', `${LINE}Content-Le`],
  ['before the end of the head', LENGTH],
  ['after the head', `${LENGTH}\r\n`],
  ['in a body with a length', `${LENGTH}\r\n${HALF}`],
  ['one byte before the end', `${LENGTH}\r\n${GOOD.slice(0, -1)}`],
  ['in a body with a length, closing', `${CLOSING}Content-Length: 42\r\n\r\n${HALF}`],
  ['in a chunk size', `${CHUNKED}2`],
  ['in a chunk', `${CHUNKED}2a\r\n${HALF}`],
  ['before the last chunk', `${CHUNKED}${chunk(GOOD)}`],
  ['in the last chunk', `${CHUNKED}${chunk(GOOD)}0\r\n`],
  ['before the last chunk, closing', `${CLOSING}Transfer-Encoding: chunked\r\n\r\n${chunk(GOOD)}`],
  ['after an interim answer', interim('103 Early Hints')],
]

export const CUT = /^the connection was cut before the answer was complete/

const cuts = (over: 'tcp' | 'tls'): Fault[] =>
  rows(over, 'disconnected', [
    ['close at once', (socket) => socket.end(), CUT],
    ['reset at once', reset, CUT],
    ...POINTS.flatMap(([point, sent]): Row[] => [
      [`close ${point}`, answering(sent), CUT],
      [`reset ${point}`, resetting(sent), CUT],
    ]),
  ])

const stalls = (over: 'tcp' | 'tls'): Fault[] => [
  ...rows(
    over,
    'timeout',
    alike(late('response headers'), [
      ['no answer', () => undefined],
      ['a stalled status line', holding('HTTP/1.1 20')],
      ['a stalled head', holding(LENGTH)],
      ['a dripping status line', dripping('HTTP/1.1 200 ', 'O')],
      ['a dripping head', dripping(LINE, 'x: y\r\n')],
      ['a dripping header', dripping(`${LINE}x: `, 'y')],
      ['a byte in time, then nothing', holding('H')],
      ['102 for ever, slowly', dripping('', interim('102 Processing'))],
      ['103 for ever, slowly', dripping('', interim('103 Early Hints'))],
    ]),
  ),
  ...rows(
    over,
    'timeout',
    alike(late('body'), [
      ['a stalled body', holding(`${LENGTH}\r\n${HALF}`)],
      ['a length that is too long', holding(reply(GOOD, `${LINE}Content-Length: 43\r\n`))],
      ['a body that drips', dripping(`${LINE}Content-Length: 999\r\n\r\n${GOOD}`, ' ')],
      ['dripping chunks', dripping(`${CHUNKED}${chunk(GOOD)}`, chunk(' '))],
      ['chunks without the last', holding(`${CHUNKED}${chunk(GOOD)}`)],
      ['dripping trailers', dripping(`${CHUNKED}${chunk(GOOD)}0\r\n`, 'x: y\r\n')],
    ]),
  ),
]

/** Answers that tell no length and end with the connection; over TLS nobody could see that they were cut. */
const endless: readonly Fault[] = [
  ...rows(
    'tcp',
    'timeout',
    alike(late('body'), [
      ['a body without an end', holding(`${LINE}\r\n${GOOD}`)],
      ['a dripping body', dripping(`${LINE}\r\n${GOOD}`, ' ')],
    ]),
  ),
  ...rows(
    'tcp',
    'disconnected',
    alike(CUT, [
      ['reset in a body that ends with the connection', resetting(`${LINE}\r\n${GOOD}`)],
      ['reset in such a body, closing', resetting(`${CLOSING}\r\n${GOOD}`)],
    ]),
  ),
  ...rows(
    'tls',
    'protocol',
    alike(/^the answer does not tell its length, so it could be cut unseen \(https\)$/, [
      ['a good body that ends with the connection', answering(`${LINE}\r\n${GOOD}`)],
      ['such a body without close_notify', onRequest(cutTls)],
      ['such a body of HTTP/1.0', answering(`HTTP/1.0 200 OK\r\n\r\n${GOOD}`)],
      ['a body without an end', holding(`${LINE}\r\n${GOOD}`)],
      ['reset in a body that ends with the connection', resetting(`${LINE}\r\n${GOOD}`)],
    ]),
  ),
]

/** Sends a whole body without its length, then ends the connection beneath TLS. */
function cutTls(socket: Parameters<Behaviour>[0]): void {
  socket.write(`${LINE}\r\n${GOOD}`, () => reset(socket))
}

/** Endless and as fast as the gate reads: it must stop reading. */
export const FLOODS: readonly Fault[] = [
  ...rows('tcp', 'too-large', [
    ['an endless body', flooding(`${LINE}\r\n`, 'x'), /^malformed JSON: .*1024 bytes/],
    ['endless blanks after a good body', flooding(`${LINE}\r\n${GOOD}`, ' '), /^malformed JSON: /],
    ['endless chunks', flooding(CHUNKED, chunk('xxxx')), /^malformed JSON: /],
    ['endless chunks of one byte', flooding(CHUNKED, chunk(' ')), /^malformed JSON: /],
    [
      'a body of the length it says, far too long',
      flooding(`${LINE}Content-Length: 999999999\r\n\r\n`, 'x'),
      /^malformed JSON: /,
    ],
  ]),
  ...rows('tcp', 'protocol', [
    ['endless headers', flooding(LINE, 'x: yyyyyyyyyyyyyyyyyyyy\r\n'), /headers are too large/],
    ['an endless header', flooding(`${LINE}x: `, 'y'), /headers are too large/],
    ['an endless header name', flooding(LINE, 'x'), /headers are too large/],
    [
      'endless trailers',
      flooding(`${CHUNKED}${chunk(GOOD)}0\r\n`, 'x: yyyyyyy\r\n'),
      /headers are too large/,
    ],
    ['an endless reason phrase', flooding('HTTP/1.1 200 ', 'O'), /^after 65536 bytes/],
    ['endless blanks in a header', flooding(`${LINE}x:`, ' '), /^after 65536 bytes/],
    ['an endless chunk extension', flooding(`${CHUNKED}2a;`, 'x'), /^after 65536 bytes/],
    ['an endless chunk size', flooding(CHUNKED, '0'), /^after 65536 bytes/],
    ['102 for ever', flooding('', interim('102 Processing')), /^after 65536 bytes/],
    ['103 for ever', flooding('', interim('103 Early Hints')), /^after 65536 bytes/],
    ['endless blank lines', flooding('', '\r\n'), /^what came back is not HTTP/],
    ['endless noise', flooding('', '\u0000'), /^what came back is not HTTP/],
  ]),
]

const NOT_HTTP = /^what came back is not HTTP\/1\.1 \(/
/** With the fault that the parser found. */
const breach = (fault: string) =>
  new RegExp(`^what came back breaks the rules of HTTP/1\\.1 \\(${fault}\\)$`)
/** What the parser says of a field that it cannot take once it has read a length. */
const BEHIND_LENGTH = breach('Content-Length, or a header field after it, is invalid')
const UNEXPECTED = /^an unexpected response/
const OTHER_503 = 'HTTP/1.1 503 Not Ready\r\nContent-Length: 42\r\n\r\n'

const lies: readonly Fault[] = [
  ...rows('tcp', 'protocol', [
    ...alike(NOT_HTTP, [
      ['an SMTP greeting', (socket) => socket.write('220 mail ESMTP\r\n')],
      ['a TLS alert on a plain port', answering(Buffer.from([21, 3, 3, 0, 2, 2, 70]))],
      ['an HTTP/2 preface', (socket) => socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))],
      ['HTTP/0.9, a bare body', answering(GOOD)],
      ['a status line of HTTP/0.9', good(LENGTH.replace('1.1', '0.9'))],
      ['a status line of HTTP/2.0', good(LENGTH.replace('1.1', '2.0'))],
      ['a status line of RTSP/1.0', good(LENGTH.replace('HTTP/1.1', 'RTSP/1.0'))],
      ['a status line of ICY', good(LENGTH.replace('HTTP/1.1', 'ICY'))],
      ['a blank line before the status line', answering(`\r\n${reply(GOOD)}`)],
    ]),
    [
      'bare line feeds',
      answering(reply(GOOD).replaceAll('\r', '')),
      breach('Missing expected CR after response line'),
    ],
    [
      'bare carriage returns',
      answering(reply(GOOD).replaceAll('\n', '')),
      breach('Expected LF after CR'),
    ],
    [
      'a status of four digits',
      good(LENGTH.replace('200', '2000')),
      breach('Invalid response status'),
    ],
    ['a status of two digits', good(LENGTH.replace('200', '20')), breach('Invalid status code')],
    [
      'an interim answer with a body',
      answering(`HTTP/1.1 103 Early Hints\r\nContent-Length: 42\r\n\r\n${GOOD}${reply(GOOD)}`),
      breach('Expected HTTP/.*'),
    ],
    [
      'an interim answer with a bare line feed, before a 503 with a good body',
      answering(`HTTP/1.1 100 x\n${OTHER_503}${GOOD}${reply(GOOD)}`),
      breach('Missing expected CR after response line'),
    ],
    [
      'an early hint with bare line feeds, before a 503 with a good body',
      answering(`HTTP/1.1 103 x\n\n${OTHER_503}${reply(GOOD)}`),
      breach('Missing expected CR after response line'),
    ],
    [
      'a 100 without a blank line, before a 503 with a good answer in it',
      answering(`HTTP/1.1 100 x\r\n${OTHER_503}${reply(GOOD)}`),
      breach('Invalid header token'),
    ],
    ...alike(breach('[A-Z].*'), [
      ['a 103 without its blank line', answering(`HTTP/1.1 103 x\r\n${OTHER_503}${reply(GOOD)}`)],
      ['a folded header before a length', good(`${LINE}x: a\r\n b\r\nContent-Length: 42\r\n`)],
      [
        'a header without a colon before a length',
        good(`${LINE}garbage\r\nContent-Length: 42\r\n`),
      ],
    ]),
    ...alike(UNEXPECTED, [
      ['a 100 that nobody asked for', answering(`${interim('100 Continue')}${reply(GOOD)}`)],
      [
        'a 100 and an early hint, byte by byte',
        onRequest((socket) =>
          writeSlowly(
            socket,
            `${interim('100 Continue')}HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n${reply(GOOD)}`,
          ),
        ),
      ],
    ]),
    ...alike(BEHIND_LENGTH, [
      ['a head that comes twice', good(`${LENGTH}${LENGTH}`)],
      ['a length that comes twice', good(`${LENGTH}Content-Length: 42\r\n`)],
      ['two lengths', good(`${LENGTH}Content-Length: 20\r\n`)],
      ['a list of lengths', good(`${LINE}Content-Length: 42, 42\r\n`)],
      ['a length past 64 bits', good(`${LINE}Content-Length: ${'9'.repeat(40)}\r\n`)],
      [
        'a length and chunks',
        answering(`${LENGTH}Transfer-Encoding: chunked\r\n\r\n${chunk(GOOD)}${LAST}`),
      ],
      ['a header without a colon', good(`${LENGTH}garbage\r\n`)],
      ['a folded header', good(`${LENGTH}x: a\r\n b\r\n`)],
      ['a NUL in a header', good(`${LENGTH}x: a\0b\r\n`)],
      ['a carriage return in a header', good(`${LENGTH}x: a\rb\r\n`)],
    ]),
    ...alike(breach('Invalid character in Content-Length'), [
      ['a negative length', good(`${LINE}Content-Length: -42\r\n`)],
      ['a length with a sign', good(`${LINE}Content-Length: +42\r\n`)],
      ['a length in hexadecimal', good(`${LINE}Content-Length: 0x2a\r\n`)],
    ]),
    ...alike(breach('Invalid character in chunk size'), [
      ['a chunk size that is no number', answering(`${CHUNKED}zz\r\n${GOOD}\r\n${LAST}`)],
      ['a negative chunk size', answering(`${CHUNKED}-2a\r\n${GOOD}\r\n${LAST}`)],
    ]),
    ['an empty length', good(`${LINE}Content-Length:\r\n`), breach('Empty Content-Length')],
    [
      'chunks and a length',
      answering(
        `${LINE}Transfer-Encoding: chunked\r\nContent-Length: 42\r\n\r\n${chunk(GOOD)}${LAST}`,
      ),
      breach("Content-Length can't be present with Transfer-Encoding"),
    ],
    [
      'a chunk size past 64 bits',
      answering(`${CHUNKED}${'f'.repeat(17)}\r\n${GOOD}`),
      breach('Chunk size overflow'),
    ],
    [
      'a chunk that is longer than it says',
      answering(`${CHUNKED}14\r\n${GOOD}\r\n${LAST}`),
      breach('Expected LF after chunk data'),
    ],
    [
      'a blank before a colon',
      good(`${LINE}Content-Length : 42\r\n`),
      breach('Invalid header field char'),
    ],
    ['an SSH banner', (socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n'), /starts with "SSH-2.0"/],
    ['a Redis reply', answering("-ERR unknown command 'GET'\r\n"), /starts with "-ERR un"/],
    ['the status 000', good(LENGTH.replace('200', '000')), /0 is not an HTTP status code/],
    ['the status 042', good(LENGTH.replace('200', '042')), /42 is not an HTTP status code/],
    ['101', holding(interim('101 Switching Protocols')), UNEXPECTED],
    ['101, then a good answer', answering(`${interim('101 Switching')}${reply(GOOD)}`), UNEXPECTED],
    [
      '101 with an upgrade, then a good answer',
      answering(
        `HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n${reply(GOOD)}`,
      ),
      UNEXPECTED,
    ],
    [
      'a head of more than 16 KiB',
      good(`${LENGTH}x: ${long(17_000)}\r\n`),
      /headers are too large/,
    ],
    [
      'many headers, more than 16 KiB',
      good(LENGTH + 'x: y\r\n'.repeat(10_000)),
      /headers are too large/,
    ],
    [
      'trailers of more than 16 KiB',
      answering(`${CHUNKED}${chunk(GOOD)}0\r\nx: ${long(17_000)}\r\n\r\n`),
      /headers are too large/,
    ],
    [
      'trailers of more than 16 KiB, closing',
      answering(
        `${CLOSING}Transfer-Encoding: chunked\r\n\r\n${chunk(GOOD)}0\r\nx: ${long(17_000)}\r\n\r\n`,
      ),
      /headers are too large/,
    ],
    [
      'a transfer coding that nobody knows',
      good(`${LINE}Transfer-Encoding: x\r\n`),
      /transfer coding "x"/,
    ],
    [
      'chunks inside another transfer coding',
      good(`${LINE}Transfer-Encoding: chunked, gzip\r\n`),
      /transfer coding/,
    ],
    [
      'another transfer coding inside chunks',
      answering(`${LINE}Transfer-Encoding: gzip, chunked\r\n\r\n${chunk(GOOD)}${LAST}`),
      /transfer coding/,
    ],
  ]),
  ...rows('tcp', 'malformed', [
    ...alike(/^malformed JSON: /, [
      ['a length that is too short', good(`${LINE}Content-Length: 20\r\n`)],
      ['a length of 0', good(`${LINE}Content-Length: 0\r\n`)],
      ['a body that comes twice', answering(reply(GOOD + GOOD))],
      [
        'a body that comes twice, in chunks',
        answering(`${CHUNKED}${chunk(GOOD)}${chunk(GOOD)}${LAST}`),
      ],
      ['a body that comes twice, up to the end', answering(`${LINE}\r\n${GOOD}${GOOD}`)],
      ['half a body, up to the end', answering(`${LINE}\r\n${HALF}`)],
      ['chunks that end too early', answering(`${CHUNKED}${chunk(HALF)}${LAST}`)],
    ]),
    [
      'a packed body',
      answering(
        Buffer.concat([
          Buffer.from(`${LINE}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n`),
          Buffer.from([0x1f, 0x8b, 8, 0]),
        ]),
      ),
      /^the answer has the Content-Encoding "gzip"/,
    ],
    [
      'an encoding that the body does not have',
      good(`${LENGTH}Content-Encoding: gzip\r\n`),
      /^the answer has the Content-Encoding "gzip"/,
    ],
  ]),
  ...rows('tcp', 'http-error', [
    ['a good body with 201', good(LENGTH.replace('200 OK', '201 Created')), /^HTTP 201,/],
    ['a good body with 206', good(LENGTH.replace('200 OK', '206 Partial')), /^HTTP 206,/],
    ['a good body with 500', good(LENGTH.replace('200 OK', '500 Oops')), /^HTTP 500,/],
    ['the status 999', good(LENGTH.replace('200 OK', '999 ?')), /^HTTP 999,/],
    ['an endless 404', flooding('HTTP/1.1 404 No\r\n\r\n', 'x'), /^HTTP 404,/],
  ]),
  ...rows('tcp', 'redirect', [
    [
      'a good body with 302',
      good(`${LENGTH.replace('200 OK', '302 Found')}Location: /x\r\n`),
      / to \/x;/,
    ],
    [
      'two targets',
      answering('HTTP/1.1 308 P\r\nLocation: /x\r\nLocation: /y\r\n\r\n'),
      / to \/x,\/y;/,
    ],
    [
      'a good body with 300',
      good(LENGTH.replace('200 OK', '300 Multiple Choices')),
      /^HTTP 300 redirects without a target; redirects are not followed$/,
    ],
    [
      'a 304',
      answering('HTTP/1.1 304 Not Modified\r\nContent-Length: 42\r\n\r\n'),
      /^HTTP 304 not modified: a cache answered, expected 200$/,
    ],
    ['an endless 307', flooding('HTTP/1.1 307 T\r\nLocation: /x\r\n\r\n', 'x'), / to \/x;/],
    [
      'a target with user info and query',
      answering('HTTP/1.1 302 F\r\nLocation: https://user:password@host/p?token=x#y\r\n\r\n'),
      /^HTTP 302 redirects to https:\/\/host\/p; redirects are not followed$/,
    ],
    [
      'a target that is no URL',
      answering('HTTP/1.1 302 F\r\nLocation: http://user:password@:x\r\n\r\n'),
      /^HTTP 302 redirects to http:\/\/:x; redirects are not followed$/,
    ],
  ]),
  ...rows('tcp', 'cached', [
    ['an age', good(`${LENGTH}Age: 3600\r\n`), /^a cached response \(Age: 3600\)$/],
    ['an age among ages', good(`${LENGTH}Age: 0\r\nAge: 1\r\n`), /\(Age: 1\)$/],
    ['an age that is no number', good(`${LENGTH}Age: x\r\n`), /\(Age: x\)$/],
    ['a cache status', good(`${LENGTH}Cache-Status: A; hit; ttl=5\r\n`), /\(Cache-Status: A; hit/],
    ['a hit of X-Cache', good(`${LENGTH}X-Cache: Hit from edge\r\n`), /\(X-Cache: Hit from edge\)/],
    ['a stale X-Cache', good(`${LENGTH}X-Cache: TCP_STALE_HIT\r\n`), /\(X-Cache: TCP_STALE_HIT\)/],
    [
      'a hit of X-Cache-Status',
      good(`${LENGTH}X-Cache-Status: HIT\r\n`),
      /\(X-Cache-Status: HIT\)/,
    ],
    [
      'a warning that it is stale',
      good(`${LENGTH}Warning: 199 - "a, b", 110 squid "stale"\r\n`),
      /\(Warning: 199 - "a, b", 110 squid "stale"\)$/,
    ],
    [
      'the text of an old binary with an age',
      answering(reply('ok\n', `${LINE}Age: 7\r\n`)),
      /Age: 7/,
    ],
  ]),
]

const early: readonly Fault[] = rows('tls', 'protocol', [
  [
    'an SSH banner before the request',
    (socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n'),
    NOT_HTTP,
  ],
  [
    'half a status line, then another protocol',
    onRequest((socket) => {
      socket.setNoDelay(true)
      socket.write('HTT', () => setImmediate(() => socket.write('-ERR\r\n')))
    }),
    NOT_HTTP,
  ],
])

const onHello =
  (answer: Behaviour): Behaviour =>
  (socket) =>
    socket.once('data', () => answer(socket))

/** A record of 16 KiB that begins like a ServerHello. */
const RECORD = Buffer.from([22, 3, 3, 0x40, 0, 2])

const handshakes: readonly Fault[] = [
  ...rows('https', 'timeout', [
    ['a handshake that hangs', () => undefined, late('TLS handshake')],
    [
      'a handshake that hangs half-way',
      onHello((socket) => socket.write(RECORD)),
      late('TLS handshake'),
    ],
    [
      'a handshake that drips',
      onHello((socket) => drip(socket, RECORD, '\0')),
      late('TLS handshake'),
    ],
  ]),
  ...rows('https', 'disconnected', [
    ['a close instead of a handshake', (socket) => socket.end(), CUT],
    ['a reset instead of a handshake', reset, CUT],
    ['a close in the handshake', onHello((socket) => socket.end(RECORD)), CUT],
    [
      'a reset in the handshake',
      onHello((socket) => socket.write(RECORD, () => reset(socket))),
      CUT,
    ],
  ]),
  ...rows('https', 'tls', [
    ['plain HTTP behind https', onHello((socket) => socket.end(reply(GOOD))), /does not speak TLS/],
    [
      'an SSH banner behind https',
      (socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n'),
      /does not speak TLS/,
    ],
    [
      'a handshake that is refused',
      onHello((socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
      /handshake failure/i,
    ],
    [
      'noise in the handshake',
      onHello((socket) =>
        socket.end(Buffer.concat([Buffer.from([22, 3, 3, 0, 4]), Buffer.alloc(4, 0xff)])),
      ),
      /./,
    ],
  ]),
]

/** All faults, with the reason that each must end in. */
export const FAULTS: readonly Fault[] = [
  ...cuts('tcp'),
  ...cuts('tls'),
  ...stalls('tcp'),
  ...stalls('tls'),
  ...endless,
  ...FLOODS,
  ...lies,
  ...early,
  ...handshakes,
]

/** Odd but right, or wrong only after the answer was complete: these advertise. */
export const HEALTHY: readonly Pick<Fault, 'name' | 'behave' | 'over'>[] = (
  [
    ['an answer', answering(reply(GOOD))],
    ['an answer on a connection that stays open', holding(reply(GOOD))],
    ['an answer byte by byte', onRequest((socket) => writeSlowly(socket, reply(GOOD)))],
    ['chunks', answering(`${CHUNKED}${chunk(HALF)}${chunk(GOOD.slice(20))}${LAST}`)],
    ['a body that ends with the connection', answering(`${LINE}\r\n${GOOD}`)],
    ['HTTP/1.0', answering(`HTTP/1.0 200 OK\r\n\r\n${GOOD}`)],
    ['an offer to upgrade', good(`${LENGTH}Connection: upgrade\r\nUpgrade: h2c\r\n`)],
    ['the age 0', good(`${LENGTH}Age: 0\r\n`)],
    ['another warning', good(`${LENGTH}Warning: 199 - "110 nodes, 110 of them up"\r\n`)],
    ['an empty encoding', good(`${LENGTH}Content-Encoding:\r\n`)],
    ['a miss of every cache', good(`${LENGTH}X-Cache: MISS\r\nCache-Status: A; fwd=miss\r\n`)],
    ['the encoding identity', good(`${LENGTH}Content-Encoding: Identity\r\n`)],
    ['no reason phrase', good(LENGTH.replace(' OK', ''))],
    ['an interim answer first', answering(`${interim('103 Early Hints')}${reply(GOOD)}`)],
    [
      'several interim answers with fields, byte by byte',
      onRequest((socket) =>
        writeSlowly(
          socket,
          `${interim('102 Processing')}HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n${reply(GOOD)}`,
        ),
      ),
    ],
    [
      'headers with names of object members',
      good(`${LENGTH}__proto__: x\r\n__proto__: y\r\nconstructor: x\r\ntoString: x\r\n`),
    ],
    ['a head of almost 16 KiB', good(`${LENGTH}x: ${long(16_000)}\r\n`)],
    ['a reset after the answer', resetting(reply(GOOD))],
    ['a second answer after the answer', answering(reply(GOOD) + reply('{}'))],
    ['endless noise after the answer', flooding(reply(GOOD), 'x')],
  ] as const
).map(([name, behave]) => ({ name, behave, over: 'tcp' }))

function writeSlowly(socket: Parameters<Behaviour>[0], text: string): void {
  let at = 0
  const next = () => {
    if (at < text.length && !socket.destroyed)
      socket.write(text[at++] ?? '', () => setTimeout(next, 2))
  }
  socket.setNoDelay(true)
  next()
}
