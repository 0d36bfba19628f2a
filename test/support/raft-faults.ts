import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Phase } from '../../src/exchange/failure.ts'
import type { Member } from '../../src/membership/membership.ts'
import type { Status } from '../../src/shared/status.ts'
import { TIMEOUT } from './catalogue.ts'
import * as wire from './raft-wire.ts'
import {
  answer,
  closing,
  data,
  encodeMembers,
  envelope,
  field,
  flooding,
  frame,
  goaway,
  head,
  headOnly,
  onCall,
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
const HALF = frame(0, 0, 1, GOOD.subarray(0, 30))
const garbage = (bytes: number, value = 0xa7) => Buffer.alloc(bytes, value)
const text = (line: string) => Buffer.from(line)
const sized = (bytes: number) => sending(...UNTIL_MESSAGE, data(envelope(garbage(bytes, 0))))

type Row = readonly [name: string, behave: Behaviour, error: RegExp]
const rows = (status: Status, list: readonly Row[]): RaftFault[] =>
  list.map(([name, behave, error]) => ({ name, behave, status, error }))

const late = (phase: Phase) => new RegExp(`^timed out after ${TIMEOUT} \\(phase: ${phase}\\)$`)

/** Sends bytes one by one, slowly, until the connection is gone. */
const dripping =
  (first: Uint8Array, piece: Uint8Array, everyMs = 50): Behaviour =>
  (socket) =>
    onCall(() => {
      socket.write(first)
      const timer = setInterval(() => socket.write(piece), everyMs)
      socket.on('close', () => clearInterval(timer))
    })(socket)

const stalls: readonly RaftFault[] = [
  ...rows(
    'timeout',
    [
      ['silence', () => undefined] as const,
      ['settings, then silence', (socket: Socket) => socket.write(SETTINGS)] as const,
      ['half a head', sending(SETTINGS, head().subarray(0, 20))] as const,
      ['a TLS alert, left open', (socket: Socket) => socket.write(alert)] as const,
      ['no stream allowed', (socket: Socket) => socket.write(setting(3, 0))] as const,
      ['no window', (socket: Socket) => socket.write(setting(4, 0))] as const,
      ['a farewell that keeps the call, then silence', sending(SETTINGS, goaway(1, 0))] as const,
      [
        '103 for ever, slowly',
        dripping(SETTINGS, frame(1, 4, 1, wire.fields({ ':status': 103 }))),
      ] as const,
      ['pings for ever, slowly', dripping(SETTINGS, frame(6, 0, 0, Buffer.alloc(8)))] as const,
    ].map(([name, behave]): Row => [name, behave, late('response headers')]),
  ),
  ...rows(
    'timeout',
    [
      ['a head, then silence', sending(...UNTIL_MESSAGE)] as const,
      ['half a message', sending(...UNTIL_MESSAGE, HALF)] as const,
      ['half a frame', sending(...UNTIL_MESSAGE, data(GOOD).subarray(0, 30))] as const,
      ['a message without an end', sending(...UNTIL_TRAILERS)] as const,
      ['half the trailers', sending(...UNTIL_TRAILERS, trailers().subarray(0, 12))] as const,
      [
        'a dripping message',
        dripping(
          Buffer.concat([SETTINGS, head(), data(envelope(MESSAGE).subarray(0, 5))]),
          frame(0, 0, 1, text('\n')),
        ),
      ] as const,
    ].map(([name, behave]): Row => [name, behave, late('body')]),
  ),
]

const alert = Buffer.from('15030100020246', 'hex')
const overTls: Behaviour = (socket) => {
  const secured = new TLSSocket(socket, { isServer: true, ...makeIdentity() })
  secured.on('error', () => undefined)
}
const CUT = /^the connection was cut before the answer was complete/
const SILENT = /\(not a byte came back: is this the Raft port\?\)$/
const cut = (detail: string) => new RegExp(`${CUT.source} \\(${detail}\\)$`)

/** Closed or reset at every point at which the answer is not complete. */
const POINTS: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ['before an answer', []],
  ['after the settings', [SETTINGS]],
  ['in the head', [SETTINGS, head().subarray(0, 20)]],
  ['in a head, after its fields', [SETTINGS, head({}, 0)]],
  ['after the head', UNTIL_MESSAGE],
  ['in the message', [...UNTIL_MESSAGE, HALF]],
  ['in a frame', [...UNTIL_MESSAGE, data(GOOD).subarray(0, 30)]],
  ['after the message', UNTIL_TRAILERS],
  ['in the trailers', [...UNTIL_TRAILERS, trailers().subarray(0, 12)]],
]

const cuts: readonly RaftFault[] = rows('disconnected', [
  ['closes at once', (socket) => socket.end(), SILENT],
  ['a server of TLS', overTls, SILENT],
  ['resets at once', reset, CUT],
  ...POINTS.flatMap(([point, sent]): Row[] => [
    [`closes ${point}`, closing(...sent), CUT],
    [
      `resets ${point}`,
      onCall((socket) => {
        if (sent.length === 0) reset(socket)
        else socket.write(Buffer.concat(sent), () => reset(socket))
      }),
      CUT,
    ],
  ]),
  [
    'a farewell before the call',
    (socket) => socket.write(Buffer.concat([SETTINGS, goaway(0, 0)])),
    cut('GOAWAY NO_ERROR'),
  ],
  ['a farewell that drops the call', sending(SETTINGS, goaway(0, 0)), cut('GOAWAY NO_ERROR')],
  [
    'a farewell after too many pings',
    sending(SETTINGS, goaway(0, 11, 'too_many_pings')),
    cut('GOAWAY ENHANCE_YOUR_CALM: too_many_pings'),
  ],
  [
    'a farewell that blames the gate',
    closing(SETTINGS, goaway(0, 1, 'bad')),
    cut('GOAWAY PROTOCOL_ERROR: bad'),
  ],
  ['a farewell with a code that nobody knows', closing(SETTINGS, goaway(0, 99)), cut('GOAWAY 99')],
  [
    'a farewell with a command in it',
    closing(SETTINGS, goaway(0, 2, '\n::error::x')),
    /\(GOAWAY INTERNAL_ERROR: \n::error::x\)$/,
  ],
  ...(
    [
      [0, 'NO_ERROR'],
      [2, 'INTERNAL_ERROR'],
      [5, 'STREAM_CLOSED'],
      [7, 'REFUSED_STREAM'],
      [8, 'CANCEL'],
      [99, '99'],
    ] as const
  ).map(
    ([code, name]): Row => [
      `resets the call with ${name}`,
      sending(SETTINGS, wire.reset(code)),
      cut(`RST_STREAM ${name}`),
    ],
  ),
  [
    'resets the call after the message',
    sending(...UNTIL_TRAILERS, wire.reset(8)),
    cut('RST_STREAM CANCEL'),
  ],
])

const NOT_HTTP2 = /^what answered does not speak plaintext HTTP\/2: is this the Raft port\?$/
const BREAKS = /^what came back breaks HTTP\/2 \(.+\)$/
const OTHER = /^what (answered does not speak plaintext|came back breaks) HTTP\/2/
const NOT_GRPC = /^what came back is not an answer of gRPC \(.+\)$/

const http1 = createServer((_, response) => response.end('ok'))

const lies: readonly RaftFault[] = rows('protocol', [
  ['a server of HTTP/1.1', (socket) => http1.emit('connection', socket), NOT_HTTP2],
  [
    'HTTP/1.1 400',
    (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    NOT_HTTP2,
  ],
  [
    'HTTP/1.1 400, left open',
    (socket) => socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    NOT_HTTP2,
  ],
  ['a TLS alert', (socket) => socket.end(alert), NOT_HTTP2],
  [
    'a ServerHello',
    (socket) => socket.end(Buffer.from(`160303007a020000760303${'ab'.repeat(120)}`, 'hex')),
    NOT_HTTP2,
  ],
  ['a Redis reply', (socket) => socket.end("-ERR unknown command 'PRI'\r\n"), NOT_HTTP2],
  ['an SSH banner', (socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n'), NOT_HTTP2],
  ['noise', (socket) => socket.write(garbage(65_536)), NOT_HTTP2],
  ['zeros', (socket) => socket.write(garbage(65_536, 0)), NOT_HTTP2],
  ['an answer without settings', sending(head(), data(GOOD), trailers()), NOT_HTTP2],
  ['settings out of range', (socket) => socket.write(setting(4, 0xff_ff_ff_ff)), OTHER],
  [
    'a frame of 16 MiB',
    sending(...UNTIL_MESSAGE, frame(0, 0, 1, garbage(65_536), 0xff_ff_ff)),
    BREAKS,
  ],
  ['a head of 32 KiB', sending(SETTINGS, head({ x: 'y'.repeat(32_768) })), OTHER],
  ['a head that cannot be unpacked', sending(SETTINGS, frame(1, 4, 1, garbage(8, 0xff))), OTHER],
  [
    'a head of a call that nobody made',
    sending(SETTINGS, frame(1, 4, 7, wire.fields({ ':status': 200 }))),
    OTHER,
  ],
  [
    'a head without a status',
    sending(SETTINGS, frame(1, 4, 1, wire.fields({ 'content-type': 'application/grpc' }))),
    /PROTOCOL_ERROR/,
  ],
  [
    'a length that is wrong',
    sending(SETTINGS, head({ 'content-length': 3 }), data(GOOD), trailers()),
    OTHER,
  ],
  ['the call reset with PROTOCOL_ERROR', sending(SETTINGS, wire.reset(1)), BREAKS],
  ['no trailers', sending(...UNTIL_MESSAGE, data(GOOD, wire.END_STREAM)), NOT_GRPC],
  ['trailers without a status', sending(...UNTIL_TRAILERS, trailers({ x: 'y' })), NOT_GRPC],
  ['trailers before the message', sending(...UNTIL_MESSAGE, trailers(), data(GOOD)), NOT_GRPC],
  ['no message', sending(...UNTIL_MESSAGE, trailers()), NOT_GRPC],
  ['nothing but a head that says OK', sending(SETTINGS, headOnly({ 'grpc-status': 0 })), NOT_GRPC],
  ['a cut message', sending(...UNTIL_MESSAGE, data(GOOD.subarray(0, 60)), trailers()), NOT_GRPC],
  ['three bytes', sending(...UNTIL_MESSAGE, data(GOOD.subarray(0, 3)), trailers()), NOT_GRPC],
  ['a message reset half-way', sending(...UNTIL_MESSAGE, HALF, wire.reset(0)), NOT_GRPC],
  ['two messages', sending(...UNTIL_TRAILERS, data(GOOD), trailers()), NOT_GRPC],
  [
    'bytes after the message',
    sending(...UNTIL_TRAILERS, data(Buffer.from([0, 0])), trailers()),
    NOT_GRPC,
  ],
  [
    'a compressed message',
    sending(...UNTIL_MESSAGE, data(envelope(MESSAGE, 1)), trailers()),
    NOT_GRPC,
  ],
  [
    'a compressed message that says so',
    sending(SETTINGS, head({ 'grpc-encoding': 'gzip' }), data(envelope(MESSAGE, 1)), trailers()),
    NOT_GRPC,
  ],
  [
    'a flag that nobody knows',
    sending(...UNTIL_MESSAGE, data(envelope(MESSAGE, 0x80)), trailers()),
    NOT_GRPC,
  ],
  [
    'a page',
    sending(
      SETTINGS,
      head({ 'content-type': 'text/html' }),
      data(text('<h1>no</h1>'), wire.END_STREAM),
    ),
    NOT_GRPC,
  ],
  [
    'no content type',
    sending(SETTINGS, frame(1, 4, 1, wire.fields({ ':status': 200 })), data(GOOD), trailers()),
    NOT_GRPC,
  ],
  [
    'the status abc',
    sending(...UNTIL_TRAILERS, trailers({ 'grpc-status': 'abc' })),
    /the gRPC status is "abc"/,
  ],
  [
    'the status 17',
    sending(...UNTIL_TRAILERS, trailers({ 'grpc-status': 17 })),
    /the gRPC status is "17"/,
  ],
  ['the status 00', sending(...UNTIL_TRAILERS, trailers({ 'grpc-status': '00' })), NOT_GRPC],
  ['the status -1', sending(...UNTIL_TRAILERS, trailers({ 'grpc-status': '-1' })), NOT_GRPC],
  ['an empty status', sending(...UNTIL_TRAILERS, trailers({ 'grpc-status': '' })), NOT_GRPC],
  [
    'two statuses',
    sending(
      ...UNTIL_TRAILERS,
      frame(
        1,
        5,
        1,
        Buffer.concat([wire.fields({ 'grpc-status': 0 }), wire.fields({ 'grpc-status': 13 })]),
      ),
    ),
    NOT_GRPC,
  ],
  [
    'OK in the head, and no trailers',
    sending(SETTINGS, head({ 'grpc-status': 0 }), data(GOOD, wire.END_STREAM)),
    NOT_GRPC,
  ],
  [
    'OK, with details that cannot be read',
    sending(...UNTIL_TRAILERS, trailers({ 'grpc-status': 0, 'grpc-status-details-bin': '!!!' })),
    NOT_GRPC,
  ],
])

/** Each status of gRPC but OK: name, and what it must end in. */
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

const refusals: readonly RaftFault[] = [
  ...GRPC_STATUSES.flatMap((name, index) => {
    const number = index + 1
    const list = { 'grpc-status': number, 'grpc-message': 'caf%C3%A9 100%25' }
    return rows(name === 'UNAVAILABLE' ? 'unhealthy' : 'http-error', [
      [
        `${name} instead of a message`,
        sending(SETTINGS, headOnly(list)),
        new RegExp(`^gRPC status ${number} ${name}: café 100%$`),
      ],
      [
        `${name} after a good message`,
        sending(...UNTIL_TRAILERS, trailers(list)),
        new RegExp(`^gRPC status ${number} ${name}: café 100%$`),
      ],
      [
        `${name} without words`,
        sending(...UNTIL_MESSAGE, trailers({ 'grpc-status': number })),
        new RegExp(`^gRPC status ${number} ${name}$`),
      ],
    ])
  }),
  ...rows('http-error', [
    [
      'a status with words that are not encoded',
      sending(...UNTIL_MESSAGE, trailers({ 'grpc-status': 5, 'grpc-message': '100% %ff%zz' })),
      /^gRPC status 5 NOT_FOUND: 100% %ff%zz$/,
    ],
    [
      'a status with words in another encoding',
      sending(...UNTIL_MESSAGE, trailers({ 'grpc-status': 5, 'grpc-message': '\xe9\xff' })),
      /^gRPC status 5 NOT_FOUND: \xe9\xff$/,
    ],
    [
      'a status with a command in its words',
      sending(...UNTIL_MESSAGE, trailers({ 'grpc-status': 5, 'grpc-message': '%0A::error::x' })),
      /^gRPC status 5 NOT_FOUND: \n::error::x$/,
    ],
    [
      'a status with 15,000 characters',
      sending(...UNTIL_MESSAGE, trailers({ 'grpc-status': 5, 'grpc-message': 'x'.repeat(15_000) })),
      /^gRPC status 5 NOT_FOUND: x{200,1000}…?$/,
    ],
    [
      'a bad status that its details call good',
      sending(...UNTIL_TRAILERS, trailers({ 'grpc-status': 13, 'grpc-status-details-bin': '' })),
      /^gRPC status 13 INTERNAL$/,
    ],
    [
      'a bad status after a good one in the head',
      sending(SETTINGS, head({ 'grpc-status': 0 }), data(GOOD), trailers({ 'grpc-status': 13 })),
      /^gRPC status 13 INTERNAL$/,
    ],
    [
      'a bad status in the head before a good one',
      sending(SETTINGS, head({ 'grpc-status': 13 }), data(GOOD), trailers()),
      /^gRPC status 13 INTERNAL$/,
    ],
    ['HTTP 404', sending(SETTINGS, headOnly({ ':status': 404 })), /^HTTP 404, expected 200$/],
    [
      'HTTP 415 with a status',
      sending(SETTINGS, headOnly({ ':status': 415, 'grpc-status': 3, 'grpc-message': 'no' })),
      /^HTTP 415, expected 200 \(gRPC status 3 INVALID_ARGUMENT: no\)$/,
    ],
    [
      'HTTP 503 with a page',
      sending(
        SETTINGS,
        head({ ':status': 503, 'content-type': 'text/html' }),
        data(text('<h1>no</h1>'), wire.END_STREAM),
      ),
      /^HTTP 503, expected 200$/,
    ],
    [
      'HTTP 404 with a good answer',
      sending(SETTINGS, head({ ':status': 404 }), data(GOOD), trailers()),
      /^HTTP 404, expected 200$/,
    ],
  ]),
  ...rows('redirect', [
    [
      'a redirect',
      sending(SETTINGS, headOnly({ ':status': 302, location: 'http://u:p@x.invalid/y?z' })),
      /^HTTP 302 redirects to http:\/\/x\.invalid\/y; redirects are not followed$/,
    ],
  ]),
]

const UNDECODABLE = /^the answer cannot be decoded \(.+\)$/
const told = (message: Uint8Array) => sending(answer(message))
const member = (id: Uint8Array | string) => field(1, field(1, id))

const contents: readonly RaftFault[] = [
  ...rows('unhealthy', [
    ['no members', told(Buffer.alloc(0)), /^it knows no members: it has not joined a cluster$/],
  ]),
  ...rows('malformed', [
    [
      'a member without an id',
      told(Buffer.concat([MESSAGE, field(1, field(2, 'x:1'))])),
      /^member 4 of 4 has no id$/,
    ],
    ['an id that is not UTF-8', told(member(Buffer.from([0x6e, 0xff]))), UNDECODABLE],
    [
      'an id with half a surrogate pair',
      told(member(Buffer.from([0xed, 0xa0, 0x80]))),
      UNDECODABLE,
    ],
    [
      'an address that is not UTF-8',
      told(field(1, Buffer.concat([field(1, 'n1'), field(2, Buffer.from([0xc0, 0x80]))]))),
      UNDECODABLE,
    ],
    ['a member that is longer than the answer', told(Buffer.from([0x0a, 0x7f, 0x0a])), UNDECODABLE],
    ['more than the window takes', sized(1_000_000), UNDECODABLE],
    ['a number for a member', told(Buffer.from([0x08, 1])), UNDECODABLE],
    ['a message that is no protobuf', told(Buffer.from('0affff', 'hex')), UNDECODABLE],
    ['groups in groups, without end', told(garbage(500_000, 0x7b)), UNDECODABLE],
  ]),
  ...rows('too-large', [
    [
      '10,001 members',
      told(Buffer.concat(Array(10_001).fill(member('n1')))),
      /^it knows 10001 members, at most 10000 are read$/,
    ],
    [
      'half a million members in 1 MiB',
      told(Buffer.concat(Array(500_000).fill(field(1, '')))),
      /^it knows 500000 members, at most 10000 are read$/,
    ],
    ['a million members', told(Buffer.concat(Array(1_000_000).fill(field(1, '')))), /1048576/],
    ['8 MiB', sized(8_388_608), /1048576/],
    [
      '4 GiB, as it says',
      sending(...UNTIL_MESSAGE, data(envelope(MESSAGE, 0, 0xff_ff_ff_ff))),
      /1048576/,
    ],
    [
      '1 MiB and a byte, as it says',
      sending(...UNTIL_MESSAGE, data(envelope(MESSAGE, 0, 1_048_577))),
      /1048576/,
    ],
  ]),
]

/** Ended by this side, or by Node.js where that is faster. */
const ENOUGH = /^after 262144 bytes|^what came back breaks HTTP\/2/
const AFTER = /^after (262144 bytes|4096 pieces) the answer was not complete$/

/** Endless, and as fast as the gate reads: it must stop reading. */
export const RAFT_FLOODS: readonly RaftFault[] = [
  ...rows('protocol', [
    ['settings without end', flooding(SETTINGS, SETTINGS), OTHER],
    ['pings without end', flooding(SETTINGS, frame(6, 0, 0, Buffer.alloc(8))), OTHER],
    ['empty frames without end', flooding(Buffer.concat(UNTIL_MESSAGE), frame(0, 0, 1)), OTHER],
    [
      'a head without end',
      flooding(
        Buffer.concat([SETTINGS, frame(1, 0, 1, wire.fields({ ':status': 200 }))]),
        frame(9, 0, 1, wire.fields({ x: 'y'.repeat(40) })),
      ),
      BREAKS,
    ],
    ['103 without end', flooding(SETTINGS, frame(1, 4, 1, wire.fields({ ':status': 103 }))), AFTER],
    [
      'frames that nobody knows, without end',
      flooding(SETTINGS, frame(0xfa, 0, 0, garbage(1_000))),
      ENOUGH,
    ],
    ['priorities without end', flooding(SETTINGS, frame(2, 0, 3, Buffer.alloc(5))), ENOUGH],
    ['windows without end', flooding(SETTINGS, frame(8, 0, 0, Buffer.from([0, 0, 0, 1]))), AFTER],
    [
      'origins without end',
      flooding(SETTINGS, frame(12, 0, 0, Buffer.from([0, 8, ...text('http://x')]))),
      AFTER,
    ],
    [
      'padding without end',
      flooding(
        Buffer.concat(UNTIL_MESSAGE),
        frame(0, 8, 1, Buffer.from([255, ...garbage(255, 0)])),
      ),
      AFTER,
    ],
    [
      'a message of 600 KB in frames of one byte',
      sending(...UNTIL_MESSAGE, data(envelope(garbage(600_000, 0)), 0, 1), trailers()),
      AFTER,
    ],
    ['noise without end', flooding(garbage(9), garbage(1_000)), NOT_HTTP2],
  ]),
  ...rows('too-large', [
    [
      'a message without end',
      flooding(
        Buffer.concat([SETTINGS, head(), data(envelope(MESSAGE, 0, 0x7f_ff_ff_ff))]),
        frame(0, 0, 1, garbage(16_384)),
      ),
      /1048576/,
    ],
  ]),
  ...rows('http-error', [
    [
      'a 404 without end',
      flooding(
        Buffer.concat([SETTINGS, head({ ':status': 404 })]),
        frame(0, 0, 1, garbage(16_384)),
      ),
      /^HTTP 404/,
    ],
  ]),
]

/** All faults of a Raft listener, with the reason that each must end in. */
export const RAFT_FAULTS: readonly RaftFault[] = [
  ...stalls,
  ...cuts,
  ...lies,
  ...refusals,
  ...contents,
  ...RAFT_FLOODS,
]

/** Unusual, but right: each must end in {@link MEMBERS}. */
export const RAFT_HEALTHY: readonly Pick<RaftFault, 'name' | 'behave'>[] = [
  { name: 'an answer in one write', behave: sending(ANSWER) },
  {
    name: 'an answer byte by byte',
    behave: onCall(async (socket) => {
      for (const byte of ANSWER) {
        socket.write(Buffer.from([byte]))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  },
  {
    name: 'a message in frames of one byte',
    behave: sending(...UNTIL_MESSAGE, data(GOOD, 0, 1), trailers()),
  },
  {
    name: 'settings before the call',
    behave: (socket) => {
      socket.write(SETTINGS)
      sending(head(), data(GOOD), trailers())(socket)
    },
  },
  { name: 'an answer, then the end of the connection', behave: closing(ANSWER) },
  { name: 'an answer, then a farewell', behave: closing(ANSWER, goaway(1, 0)) },
  {
    name: 'a farewell that keeps the call, then an answer',
    behave: sending(SETTINGS, goaway(1, 0), head(), data(GOOD), trailers()),
  },
  { name: 'an answer, then a reset of the call', behave: sending(ANSWER, wire.reset(0)) },
  {
    name: 'a push',
    behave: sending(
      SETTINGS,
      frame(
        5,
        4,
        1,
        Buffer.concat([
          Buffer.from([0, 0, 0, 2]),
          wire.fields({ ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'x' }),
        ]),
      ),
      ANSWER,
    ),
  },
  {
    name: '103 first',
    behave: sending(
      SETTINGS,
      frame(1, 4, 1, wire.fields({ ':status': 103 })),
      head(),
      data(GOOD),
      trailers(),
    ),
  },
  {
    name: 'application/grpc+proto',
    behave: sending(
      SETTINGS,
      head({ 'content-type': 'application/grpc+proto' }),
      data(GOOD),
      trailers(),
    ),
  },
  {
    name: 'frames that nobody knows',
    behave: sending(
      SETTINGS,
      frame(0xfa, 0, 0, garbage(10)),
      frame(12, 0, 0, Buffer.from([0, 8, ...text('http://x')])),
      head(),
      data(GOOD),
      trailers(),
    ),
  },
  {
    name: 'fields that nobody knows',
    behave: sending(answer(Buffer.concat([MESSAGE, field(15, 'x')]))),
  },
  {
    name: 'metadata',
    behave: sending(
      SETTINGS,
      head({ 'x-y': 'z' }),
      data(GOOD),
      trailers({ 'grpc-status': 0, 'grpc-message': '', 'x-y': 'z' }),
    ),
  },
]
