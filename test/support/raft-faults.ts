import { createServer } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Member } from '../../src/membership/membership.ts'
import type { Status } from '../../src/shared/status.ts'
import { alike, CUT, late, type Row } from './faults.ts'
import {
  answer,
  bareHead,
  closing,
  data,
  dripping,
  EARLY_HINTS,
  END_HEADERS,
  END_STREAM,
  encodeMembers,
  envelope,
  field,
  fields,
  flooding,
  frame,
  goaway,
  head,
  headOnly,
  onCall,
  PING,
  resetCall,
  SETTINGS,
  sending,
  setting,
  trailers,
} from './raft-wire.ts'
import { type Behaviour, makeIdentity, reset } from './servers.ts'

/** A way for a Raft listener to misbehave, and what the question must end in. */
export interface RaftFault {
  readonly name: string
  readonly behave: Behaviour
  readonly status: Status
  /** What the message must hold. */
  readonly error: RegExp
}

/** What the listeners of this catalogue know, where they tell it. */
export const MEMBERS: readonly Member[] = [
  { id: 'n1', address: '10.0.0.1:50051', suffrage: 'voter' },
  { id: 'n2', address: '10.0.0.2:50051', suffrage: 'voter' },
  { id: 'n4', address: '[fd00::4]:50051', suffrage: 'learner' },
]

const MESSAGE = encodeMembers(MEMBERS)
const GOOD = envelope(MESSAGE)
const ANSWER = answer(MESSAGE)
/** The wire up to the trailers, and up to the message. */
const UNTIL_TRAILERS = [SETTINGS, head(), data(GOOD)]
const UNTIL_MESSAGE = [SETTINGS, head()]
/**
 * Half a message, in a whole frame; half a frame. Half a head is in no test: Node.js 24 aborts now and then where garbage
 * is collected between the end of such a call and the next turn of the event loop (an assertion in ~Http2Session).
 */
const HALF = frame(0, 0, 1, GOOD.subarray(0, 30))
const HALF_FRAME = data(GOOD).subarray(0, 30)
const UNKNOWN_FRAME = 0xfa
const ORIGIN = frame(12, 0, 0, Buffer.from([0, 8, ...Buffer.from('http://x')]))
const garbage = (bytes: number, value = 0xa7) => Buffer.alloc(bytes, value)

type Fields = Parameters<typeof fields>[0]
/** Good answers but for one part: the head, the bytes of the body, the message, the trailers. */
const withHead = (list: Fields) => sending(SETTINGS, head(list), data(GOOD), trailers())
const withBody = (bytes: Uint8Array) => sending(...UNTIL_MESSAGE, data(bytes), trailers())
const withMessage = (message: Uint8Array) => sending(answer(message))
const withTrailers = (list: Fields) => sending(...UNTIL_TRAILERS, trailers(list))
/** Answers without a message. */
const onlyTrailers = (list: Fields) => sending(...UNTIL_MESSAGE, trailers(list))
const onlyHead = (list: Fields) => sending(SETTINGS, headOnly(list))
/** A page of HTML. */
const page = (list: Fields = {}) =>
  sending(
    SETTINGS,
    head({ 'content-type': 'text/html', ...list }),
    data(Buffer.from('<h1>no</h1>'), END_STREAM),
  )
/** A message of zeros. */
const sized = (bytes: number) => sending(...UNTIL_MESSAGE, data(envelope(garbage(bytes, 0))))
/** A message that says that it has so many bytes. */
const claiming = (bytes: number) => sending(...UNTIL_MESSAGE, data(envelope(MESSAGE, 0, bytes)))
/** Bytes at once, before there is a call. */
const greeting =
  (bytes: Uint8Array | string): Behaviour =>
  (socket) =>
    socket.write(bytes)
/** Bytes at once, and the end of the connection. */
const parting =
  (bytes: Uint8Array | string): Behaviour =>
  (socket) =>
    socket.end(bytes)

const rows = (status: Status, list: readonly Row[]): RaftFault[] =>
  list.map(([name, behave, error]) => ({ name, behave, status, error }))

const ALERT = Buffer.from('15030100020246', 'hex')

const stalls = rows('timeout', [
  ...alike(late('response headers'), [
    ['silence', () => undefined],
    ['settings, then silence', greeting(SETTINGS)],
    ['a TLS alert, left open', greeting(ALERT)],
    ['no stream allowed', greeting(setting(3, 0))],
    ['no window', greeting(setting(4, 0))],
    ['a farewell that keeps the call, then silence', sending(SETTINGS, goaway(1, 0))],
    ['103 for ever, slowly', dripping(SETTINGS, EARLY_HINTS)],
    ['pings for ever, slowly', dripping(SETTINGS, PING)],
  ]),
  ...alike(late('body'), [
    ['a head, then silence', sending(...UNTIL_MESSAGE)],
    ['half a message', sending(...UNTIL_MESSAGE, HALF)],
    ['half a frame', sending(...UNTIL_MESSAGE, HALF_FRAME)],
    ['a message without an end', sending(...UNTIL_TRAILERS)],
    ['a message of 4 GiB, as it says', claiming(0xff_ff_ff_ff)],
    [
      'a dripping message',
      dripping(
        Buffer.concat([...UNTIL_MESSAGE, data(GOOD.subarray(0, 5))]),
        frame(0, 0, 1, Buffer.from('\n')),
      ),
    ],
  ]),
])

const overTls: Behaviour = (socket) => {
  const secured = new TLSSocket(socket, { isServer: true, ...makeIdentity() })
  secured.on('error', () => undefined)
}
const SILENT = /^not a byte came back: is this the Raft port\?$/
const cut = (detail: string) => new RegExp(`${CUT.source} \\(HTTP/2 ${detail}\\)$`)

/** Closed or reset where the answer is not complete. */
const POINTS: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ['before an answer', []],
  ['after the settings', [SETTINGS]],
  ['after the head', UNTIL_MESSAGE],
  ['in the message', [...UNTIL_MESSAGE, HALF]],
  ['in a frame', [...UNTIL_MESSAGE, HALF_FRAME]],
  ['after the message', UNTIL_TRAILERS],
]
const resetting = (parts: readonly Uint8Array[]) =>
  onCall((socket) => {
    if (parts.length === 0) reset(socket)
    else socket.write(Buffer.concat(parts), () => reset(socket))
  })
const RESETS = {
  NO_ERROR: 0,
  INTERNAL_ERROR: 2,
  STREAM_CLOSED: 5,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  99: 99,
}

const cuts = rows('disconnected', [
  ['closes at once', parting(''), SILENT],
  ['a server of TLS', overTls, SILENT],
  // The reset may come before the first thing is sent.
  ['resets at once', reset, new RegExp(`${CUT.source}|${SILENT.source}`)],
  ...POINTS.flatMap(([point, sent]): Row[] => [
    [`closes ${point}`, closing(...sent), sent.length === 0 ? SILENT : CUT],
    [`resets ${point}`, resetting(sent), CUT],
  ]),
  ...alike(cut('REFUSED_STREAM'), [
    ['a farewell before the call', greeting(Buffer.concat([SETTINGS, goaway(0, 0)]))],
    ['a farewell that drops the call', sending(SETTINGS, goaway(0, 0))],
  ]),
  ['a farewell with an error', closing(SETTINGS, goaway(0, 2, 'bad')), cut('INTERNAL_ERROR')],
  ['a farewell with a code that nobody knows', closing(SETTINGS, goaway(0, 99)), cut('99')],
  ...Object.entries(RESETS).map(
    ([name, code]): Row => [
      `resets the call with ${name}`,
      sending(SETTINGS, resetCall(code)),
      cut(name),
    ],
  ),
  ['resets the call after the message', sending(...UNTIL_TRAILERS, resetCall(8)), cut('CANCEL')],
  ['a message reset half-way', sending(...UNTIL_MESSAGE, HALF, resetCall(0)), cut('NO_ERROR')],
])

const NOT_HTTP2 = /^what answered does not speak plaintext HTTP\/2: is this the Raft port\?$/
const BREAKS = /^what came back breaks HTTP\/2 \(.+\)$/
/** One of the two, as Node.js happens to notice it. */
const OTHER = /^what (answered does not speak plaintext|came back breaks) HTTP\/2/
const NOT_GRPC = /^what came back is not an answer of gRPC \(.+\)$/

const http1 = createServer((_, response) => response.end('ok'))
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'
const SERVER_HELLO = Buffer.from(`160303007a020000760303${'ab'.repeat(120)}`, 'hex')
const TWO_STATUSES = Buffer.concat([fields({ 'grpc-status': 0 }), fields({ 'grpc-status': 13 })])

const lies = rows('protocol', [
  ...alike(NOT_HTTP2, [
    ['a server of HTTP/1.1', (socket) => http1.emit('connection', socket)],
    ['HTTP/1.1 400', parting(BAD_REQUEST)],
    ['HTTP/1.1 400, left open', greeting(BAD_REQUEST)],
    ['a TLS alert', parting(ALERT)],
    ['a ServerHello', parting(SERVER_HELLO)],
    ['a Redis reply', parting("-ERR unknown command 'PRI'\r\n")],
    ['an SSH banner', greeting('SSH-2.0-OpenSSH_9.9\r\n')],
    ['noise', greeting(garbage(65_536))],
    ['zeros', greeting(garbage(65_536, 0))],
    ['an answer without settings', sending(head(), data(GOOD), trailers())],
  ]),
  ...alike(OTHER, [
    ['settings out of range', greeting(setting(4, 0xff_ff_ff_ff))],
    ['a head of 32 KiB', sending(SETTINGS, head({ x: 'y'.repeat(32_768) }))],
    ['a head that cannot be unpacked', sending(SETTINGS, frame(1, 4, 1, garbage(8, 0xff)))],
    [
      'a head of a call that nobody made',
      sending(SETTINGS, frame(1, 4, 7, fields({ ':status': 200 }))),
    ],
    ['a length that is wrong', withHead({ 'content-length': 3 })],
  ]),
  ...alike(BREAKS, [
    ['a frame of 16 MiB', sending(...UNTIL_MESSAGE, frame(0, 0, 1, garbage(65_536), 0xff_ff_ff))],
    ['the call reset with PROTOCOL_ERROR', sending(SETTINGS, resetCall(1))],
    ['a farewell that blames the gate', closing(SETTINGS, goaway(0, 1, 'bad'))],
    ['a farewell after too many pings', sending(SETTINGS, goaway(0, 11, 'too_many_pings'))],
  ]),
  [
    'a head without a status',
    sending(SETTINGS, bareHead({ 'content-type': 'application/grpc' })),
    /PROTOCOL_ERROR/,
  ],
  ...alike(NOT_GRPC, [
    ['no trailers', sending(...UNTIL_MESSAGE, data(GOOD, END_STREAM))],
    ['trailers without a status', withTrailers({ x: 'y' })],
    ['trailers before the message', sending(...UNTIL_MESSAGE, trailers(), data(GOOD))],
    ['no message', sending(...UNTIL_MESSAGE, trailers())],
    ['nothing but a head that says OK', onlyHead({ 'grpc-status': 0 })],
    ['a cut message', withBody(GOOD.subarray(0, 60))],
    ['three bytes', withBody(GOOD.subarray(0, 3))],
    ['two messages', sending(...UNTIL_TRAILERS, data(GOOD), trailers())],
    ['bytes after the message', sending(...UNTIL_TRAILERS, data(garbage(2, 0)), trailers())],
    ['a compressed message', withBody(envelope(MESSAGE, 1))],
    [
      'a compressed message that says so',
      sending(SETTINGS, head({ 'grpc-encoding': 'gzip' }), data(envelope(MESSAGE, 1)), trailers()),
    ],
    ['a flag that nobody knows', withBody(envelope(MESSAGE, 0x80))],
    ['a page', page()],
    ['no content type', sending(SETTINGS, bareHead({ ':status': 200 }), data(GOOD), trailers())],
    ['the status 00', withTrailers({ 'grpc-status': '00' })],
    ['the status -1', withTrailers({ 'grpc-status': '-1' })],
    ['an empty status', withTrailers({ 'grpc-status': '' })],
    [
      'two statuses',
      sending(...UNTIL_TRAILERS, frame(1, END_HEADERS | END_STREAM, 1, TWO_STATUSES)),
    ],
    [
      'OK in the head, and no trailers',
      sending(SETTINGS, head({ 'grpc-status': 0 }), data(GOOD, END_STREAM)),
    ],
  ]),
  ['the status abc', withTrailers({ 'grpc-status': 'abc' }), /the gRPC status is "abc"/],
  ['the status 17', withTrailers({ 'grpc-status': 17 }), /the gRPC status is "17"/],
])

/** Each status of gRPC but OK, in the order of their numbers. */
export const GRPC_STATUSES = [
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

const notFound = (words: string) => onlyTrailers({ 'grpc-status': 5, 'grpc-message': words })

const refusals: readonly RaftFault[] = [
  ...GRPC_STATUSES.flatMap((name, index) => {
    const status = { 'grpc-status': index + 1 }
    const worded = { ...status, 'grpc-message': 'caf%C3%A9 100%25' }
    return rows(name === 'UNAVAILABLE' ? 'unhealthy' : 'http-error', [
      ...alike(new RegExp(`^gRPC status ${index + 1} ${name}: café 100%$`), [
        [`${name} instead of a message`, onlyHead(worded)],
        [`${name} after a good message`, withTrailers(worded)],
      ]),
      [
        `${name} without words`,
        onlyTrailers(status),
        new RegExp(`^gRPC status ${index + 1} ${name}$`),
      ],
    ])
  }),
  ...rows('http-error', [
    [
      'a status with words that are not encoded',
      notFound('100% %ff%zz'),
      /^gRPC status 5 NOT_FOUND: 100% %ff%zz$/,
    ],
    [
      'a status with words in another encoding',
      notFound('\xe9\xff'),
      /^gRPC status 5 NOT_FOUND: \xe9\xff$/,
    ],
    [
      'a status with a command in its words',
      notFound('%0A::error::x'),
      /^gRPC status 5 NOT_FOUND: \n::error::x$/,
    ],
    [
      'a status with 15,000 characters',
      notFound('x'.repeat(15_000)),
      /^gRPC status 5 NOT_FOUND: x{200,1000}…?$/,
    ],
    ...alike(/^gRPC status 13 INTERNAL$/, [
      [
        'a bad status that its details call good',
        withTrailers({ 'grpc-status': 13, 'grpc-status-details-bin': '' }),
      ],
      [
        'a bad status after a good one in the head',
        sending(SETTINGS, head({ 'grpc-status': 0 }), data(GOOD), trailers({ 'grpc-status': 13 })),
      ],
    ]),
    ...alike(/^HTTP 404, expected 200$/, [
      ['HTTP 404', onlyHead({ ':status': 404 })],
      ['HTTP 404 with a good answer', withHead({ ':status': 404 })],
    ]),
    [
      'HTTP 415 with a status',
      onlyHead({ ':status': 415, 'grpc-status': 3, 'grpc-message': 'no' }),
      /^HTTP 415, expected 200 \(gRPC status 3 INVALID_ARGUMENT: no\)$/,
    ],
    ['HTTP 503 with a page', page({ ':status': 503 }), /^HTTP 503, expected 200$/],
  ]),
  ...rows('redirect', [
    [
      'a redirect',
      onlyHead({ ':status': 302, location: 'http://u:p@x.invalid/y?z' }),
      /^HTTP 302 redirects to http:\/\/x\.invalid\/y; redirects are not followed$/,
    ],
  ]),
]

const UNDECODABLE = /^the answer cannot be decoded \(.+\)$/
/** A member that has nothing but this id. */
const member = (id: Uint8Array | string) => field(1, field(1, id))
const repeated = (part: Uint8Array, times: number) =>
  withMessage(Buffer.concat(Array(times).fill(part)))

const contents: readonly RaftFault[] = [
  ...rows(
    'unhealthy',
    alike(/^it knows no members: it has not joined a cluster$/, [
      ['no members', withMessage(garbage(0))],
      ['a number for a member', withMessage(Buffer.from([0x08, 1]))],
    ]),
  ),
  ...rows('malformed', [
    [
      'a member without an id',
      withMessage(Buffer.concat([MESSAGE, field(1, field(2, 'x:1'))])),
      /^the answer cannot be decoded \(member 4 has no id\)$/,
    ],
    ...alike(UNDECODABLE, [
      ['an id that is not UTF-8', withMessage(member(Buffer.from([0x6e, 0xff])))],
      ['an id with half a surrogate pair', withMessage(member(Buffer.from([0xed, 0xa0, 0x80])))],
      [
        'an address that is not UTF-8',
        withMessage(field(1, Buffer.concat([field(1, 'n1'), field(2, Buffer.from([0xc0, 0x80]))]))),
      ],
      ['a member that is longer than the answer', withMessage(Buffer.from([0x0a, 0x7f, 0x0a]))],
      ['a message that is no protobuf', withMessage(Buffer.from('0affff', 'hex'))],
      ['groups in groups, without end', withMessage(garbage(500_000, 0x7b))],
    ]),
  ]),
  ...rows('too-large', [
    ['10,001 members', repeated(member('n1'), 10_001), /^it reports more than 10000 members$/],
    ...alike(/^its answer has more than 1048576 bytes$/, [
      ['a million members', repeated(field(1, ''), 1_000_000)],
      ['8 MiB', sized(8_388_608)],
    ]),
  ]),
]

const LARGE_FRAME = frame(0, 0, 1, garbage(16_384))
const PADDED = frame(0, 8, 1, Buffer.from([255, ...garbage(255, 0)]))
const floods: readonly (readonly [name: string, behave: Behaviour])[] = [
  ['settings', flooding(SETTINGS, SETTINGS)],
  ['pings', flooding(SETTINGS, PING)],
  ['empty frames', flooding(Buffer.concat(UNTIL_MESSAGE), frame(0, 0, 1))],
  ['frames that nobody knows', flooding(SETTINGS, frame(UNKNOWN_FRAME, 0, 0, garbage(1_000)))],
  ['priorities', flooding(SETTINGS, frame(2, 0, 3, Buffer.alloc(5)))],
  ['103', flooding(SETTINGS, EARLY_HINTS)],
  ['windows', flooding(SETTINGS, frame(8, 0, 0, Buffer.from([0, 0, 0, 1])))],
  ['origins', flooding(SETTINGS, ORIGIN)],
  ['padding', flooding(Buffer.concat(UNTIL_MESSAGE), PADDED)],
  ['noise', flooding(garbage(9), garbage(1_000))],
  [
    'a message',
    flooding(
      Buffer.concat([...UNTIL_MESSAGE, data(envelope(MESSAGE, 0, 0x7f_ff_ff_ff))]),
      LARGE_FRAME,
    ),
  ],
  ['a 404', flooding(Buffer.concat([SETTINGS, head({ ':status': 404 })]), LARGE_FRAME)],
]

/** Endless, and as fast as the gate reads: each must end closed, for whatever reason, and take little memory. */
export const RAFT_FLOODS: readonly Pick<RaftFault, 'name' | 'behave'>[] = floods.map(
  ([name, behave]) => ({ name: `${name} without end`, behave }),
)

/** The faults of a Raft listener but for floods, with the reason that each must end in. */
export const RAFT_FAULTS: readonly RaftFault[] = [
  ...stalls,
  ...cuts,
  ...lies,
  ...refusals,
  ...contents,
]

const END = [head(), data(GOOD), trailers()]
const REQUEST = { ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'x' }
const PUSH = frame(5, 4, 1, Buffer.concat([Buffer.from([0, 0, 0, 2]), fields(REQUEST)]))
const healthy: readonly (readonly [name: string, behave: Behaviour])[] = [
  ['an answer in one write', sending(ANSWER)],
  [
    'an answer byte by byte',
    onCall(async (socket) => {
      for (const byte of ANSWER) {
        socket.write(Buffer.from([byte]))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  ],
  ['a message in frames of one byte', sending(...UNTIL_MESSAGE, data(GOOD, 0, 1), trailers())],
  [
    'settings before the call',
    (socket) => {
      socket.write(SETTINGS)
      sending(...END)(socket)
    },
  ],
  ['an answer, then the end of the connection', closing(ANSWER)],
  ['an answer, then a farewell', closing(ANSWER, goaway(1, 0))],
  ['a farewell that keeps the call, then an answer', sending(SETTINGS, goaway(1, 0), ...END)],
  ['an answer, then a reset of the call', sending(ANSWER, resetCall(0))],
  ['a bad status in the head before a good one', withHead({ 'grpc-status': 13 })],
  [
    'details that cannot be read',
    withTrailers({ 'grpc-status': 0, 'grpc-status-details-bin': '!!!' }),
  ],
  ['a push', sending(SETTINGS, PUSH, ANSWER)],
  ['103 first', sending(SETTINGS, EARLY_HINTS, ...END)],
  ['application/grpc+proto', withHead({ 'content-type': 'application/grpc+proto' })],
  [
    'frames that nobody knows',
    sending(SETTINGS, frame(UNKNOWN_FRAME, 0, 0, garbage(10)), ORIGIN, ...END),
  ],
  ['fields that nobody knows', withMessage(Buffer.concat([MESSAGE, field(15, 'x')]))],
  [
    'metadata',
    sending(
      SETTINGS,
      head({ 'x-y': 'z' }),
      data(GOOD),
      trailers({ 'grpc-status': 0, 'grpc-message': '', 'x-y': 'z' }),
    ),
  ],
]

/** Unusual, but right: each must end in {@link MEMBERS}. */
export const RAFT_HEALTHY: readonly Pick<RaftFault, 'name' | 'behave'>[] = healthy.map(
  ([name, behave]) => ({ name, behave }),
)
