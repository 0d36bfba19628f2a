import { Code, ConnectError } from '@connectrpc/connect'
import { describe, expect, it } from 'vitest'
import { AnswerError } from '../../src/exchange/exchange.ts'
import { explainCall, explainReply, type Seen } from '../../src/membership/call-failure.ts'
import type { Status } from '../../src/shared/status.ts'

const CUT = 'the connection was cut before the answer was complete'
const NOT_HTTP2 = 'what answered does not speak plaintext HTTP/2: is this the Raft port?'
const NOT_GRPC = 'what came back is not an answer of gRPC'
const RESET = new ConnectError('stream reset', Code.Canceled)

/** A call of which nothing was seen yet but what the overrides say; the connection stands unless told otherwise. */
function makeSeen({
  destroyed = false,
  rstCode,
  ...rest
}: Partial<Seen> & { destroyed?: boolean; rstCode?: number } = {}): Seen {
  return {
    socket: { destroyed } as Seen['socket'],
    answered: () => false,
    ...(rstCode === undefined ? {} : { stream: { rstCode } as NonNullable<Seen['stream']> }),
    ...rest,
  }
}

/** An error of Node.js within one of connect, as the library gives it. */
function wrapped(code: string, message: string): ConnectError {
  const cause = Object.assign(new Error(message), { code })
  return new ConnectError(message, Code.Internal, undefined, undefined, cause)
}

describe('a call that fails', () => {
  it.each<[string, unknown, Seen, Status, string]>([
    [
      'is what the peer said of it, whatever ended it',
      wrapped('ERR_HTTP2_ERROR', 'Protocol error'),
      makeSeen({ destroyed: true, trailers: { 'grpc-status': '5' } }),
      'http-error',
      'gRPC status 5 NOT_FOUND',
    ],
    [
      'is what the gate itself found wrong with it',
      new AnswerError('protocol', 'after 4096 pieces the answer was not complete'),
      makeSeen({ goaway: { code: 0, data: '' } }),
      'protocol',
      'after 4096 pieces the answer was not complete',
    ],
    [
      'by GOAWAY tells its code and what the peer said',
      null,
      makeSeen({ goaway: { code: 11, data: 'too_many_pings' } }),
      'disconnected',
      `${CUT} (GOAWAY ENHANCE_YOUR_CALM: too_many_pings)`,
    ],
    [
      'by GOAWAY with an unknown code tells its number, and not more than 1,000 characters',
      null,
      makeSeen({ goaway: { code: 99, data: 'x'.repeat(2_000) } }),
      'disconnected',
      `${CUT} (GOAWAY 99: ${'x'.repeat(1_000)})`,
    ],
    [
      'by GOAWAY without words',
      null,
      makeSeen({ goaway: { code: 0, data: '' } }),
      'disconnected',
      `${CUT} (GOAWAY NO_ERROR)`,
    ],
    [
      'because the peer does not speak HTTP/2',
      wrapped('ERR_HTTP2_ERROR', 'Protocol error'),
      makeSeen(),
      'protocol',
      NOT_HTTP2,
    ],
    [
      'because the peer breaks HTTP/2',
      wrapped('ERR_HTTP2_SESSION_ERROR', 'Session closed with error code 6'),
      makeSeen({ settings: true }),
      'protocol',
      'what came back breaks HTTP/2 (Session closed with error code 6)',
    ],
    [
      'because the connection ended without a byte',
      null,
      makeSeen({ destroyed: true }),
      'disconnected',
      `${CUT} (not a byte came back: is this the Raft port?)`,
    ],
    [
      'because the connection ended after something that is not HTTP/2',
      null,
      makeSeen({ destroyed: true, answered: () => true }),
      'protocol',
      NOT_HTTP2,
    ],
    [
      'because the connection ended after the settings',
      null,
      makeSeen({ destroyed: true, settings: true, answered: () => true }),
      'disconnected',
      CUT,
    ],
    [
      'because the connection ended after the head',
      null,
      makeSeen({ destroyed: true, head: { ':status': 200 }, answered: () => true }),
      'disconnected',
      CUT,
    ],
    [
      'by a reset of its stream',
      RESET,
      makeSeen({ settings: true, rstCode: 7 }),
      'disconnected',
      `${CUT} (RST_STREAM REFUSED_STREAM)`,
    ],
    [
      'by a reset with an unknown code',
      wrapped('ERR_HTTP2_STREAM_ERROR', 'Stream closed'),
      makeSeen({ settings: true, rstCode: 99 }),
      'disconnected',
      `${CUT} (RST_STREAM 99)`,
    ],
    [
      'by the end of its stream',
      null,
      makeSeen({ settings: true }),
      'disconnected',
      `${CUT} (RST_STREAM NO_ERROR)`,
    ],
    ...[
      [1, 'PROTOCOL_ERROR'],
      [3, 'FLOW_CONTROL_ERROR'],
      [6, 'FRAME_SIZE_ERROR'],
      [9, 'COMPRESSION_ERROR'],
      [11, 'ENHANCE_YOUR_CALM'],
    ].map(([rstCode, name]): [string, unknown, Seen, Status, string] => [
      `by a reset that tells of a fault (${name})`,
      null,
      makeSeen({ settings: true, rstCode: Number(rstCode) }),
      'protocol',
      `what came back breaks HTTP/2 (${name})`,
    ]),
    [
      'because its message cannot be decoded',
      new ConnectError('parse binary: premature EOF', Code.Internal),
      makeSeen({ settings: true }),
      'malformed',
      'the answer cannot be decoded (parse binary: premature EOF)',
    ],
    [
      'because its message is too large',
      new ConnectError('message is larger than 1048576 bytes', Code.ResourceExhausted),
      makeSeen({ settings: true }),
      'too-large',
      'message is larger than 1048576 bytes',
    ],
    [
      'because its answer is not one of gRPC',
      new ConnectError('protocol error: missing status', Code.Internal),
      makeSeen({ settings: true }),
      'protocol',
      `${NOT_GRPC} (protocol error: missing status)`,
    ],
    [
      'for a reason that is no error of the library',
      new TypeError('what is this'),
      makeSeen({ settings: true }),
      'protocol',
      `${NOT_GRPC} (TypeError: what is this)`,
    ],
  ])('%s', (_, error, seen, status, message) => {
    expect(explainCall(error, seen)).toMatchObject({ status, message })
  })

  it('for a reason of the system has that reason', () => {
    const error = wrapped('ECONNRESET', 'read ECONNRESET')
    expect(explainCall(error, makeSeen({ goaway: { code: 0, data: '' } }))).toBe(error)
  })
})

describe('a reply that the library takes for good', () => {
  const good = makeSeen({ head: { ':status': 200 }, trailers: { 'grpc-status': '0' } })

  it('is good with a status that is OK and no flags', () => {
    expect(explainReply(good, 0)).toBeNull()
  })

  it.each<[string, Seen, number, Status, string]>([
    [
      'a bad status',
      { ...good, trailers: { 'grpc-status': '13' } },
      0,
      'http-error',
      'gRPC status 13 INTERNAL',
    ],
    [
      'no status',
      { ...good, trailers: {} },
      0,
      'protocol',
      `${NOT_GRPC} (the gRPC status is missing)`,
    ],
    ['no trailers', makeSeen(), 0, 'protocol', `${NOT_GRPC} (the gRPC status is missing)`],
    ['flags', good, 2, 'protocol', `${NOT_GRPC} (the message has the flags 2, expected none)`],
  ])('is refused with %s', (_, seen, flags, status, message) => {
    expect(explainReply(seen, flags)).toMatchObject({ status, message })
  })
})
