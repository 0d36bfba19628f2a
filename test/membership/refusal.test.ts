import { describe, expect, it } from 'vitest'
import { explainRefusal, type Reply } from '../../src/membership/refusal.ts'
import type { Status } from '../../src/shared/status.ts'

const OK = { ':status': 200 }
const LONG = 'x'.repeat(2_000)
const NOT_GRPC = 'what came back is not an answer of gRPC'

describe('a call that is refused', () => {
  it.each<[string, Reply, Status, string]>([
    ['an HTTP error', { head: { ':status': 404 } }, 'http-error', 'HTTP 404, expected 200'],
    [
      'an HTTP error with a gRPC status',
      { head: { ':status': 503, 'grpc-status': '14', 'grpc-message': 'no' } },
      'http-error',
      'HTTP 503, expected 200 (gRPC status 14 UNAVAILABLE: no)',
    ],
    [
      'an HTTP error with a gRPC status that is none',
      { head: { ':status': 500, 'grpc-status': 'x' } },
      'http-error',
      'HTTP 500, expected 200',
    ],
    [
      'a redirect',
      { head: { ':status': 302, location: 'https://a.internal/b?c=d' } },
      'redirect',
      'HTTP 302 redirects to https://a.internal/b; redirects are not followed',
    ],
    [
      'the first redirect',
      { head: { ':status': 300 } },
      'redirect',
      'HTTP 300 redirects without a target; redirects are not followed',
    ],
    ['no redirect any more', { head: { ':status': 400 } }, 'http-error', 'HTTP 400, expected 200'],
    [
      'a gRPC status in the trailers',
      { head: OK, trailers: { 'grpc-status': '12', 'grpc-message': 'unknown service' } },
      'http-error',
      'gRPC status 12 UNIMPLEMENTED: unknown service',
    ],
    [
      'a gRPC status in an answer that is nothing but a head',
      { head: { ...OK, 'grpc-status': '16' } },
      'http-error',
      'gRPC status 16 UNAUTHENTICATED',
    ],
    [
      'a bad status in the trailers behind a good one in the head',
      { head: { ...OK, 'grpc-status': '0' }, trailers: { 'grpc-status': '7' } },
      'http-error',
      'gRPC status 7 PERMISSION_DENIED',
    ],
    [
      'a node that cannot answer now',
      { head: OK, trailers: { 'grpc-status': '14', 'grpc-message': 'no leader' } },
      'unhealthy',
      'gRPC status 14 UNAVAILABLE: no leader',
    ],
    [
      'a message in percent-encoding',
      { trailers: { 'grpc-status': '5', 'grpc-message': 'caf%C3%A9%0A' } },
      'http-error',
      'gRPC status 5 NOT_FOUND: café\n',
    ],
    [
      'a message that only looks like percent-encoding',
      { trailers: { 'grpc-status': '5', 'grpc-message': '100%' } },
      'http-error',
      'gRPC status 5 NOT_FOUND: 100%',
    ],
    [
      'a long message, which is cut',
      { trailers: { 'grpc-status': '5', 'grpc-message': LONG } },
      'http-error',
      `gRPC status 5 NOT_FOUND: ${LONG.slice(0, 1_000)}`,
    ],
    ...['17', '00', '01', '-1', '1.0', '100', ''].map((status): [string, Reply, Status, string] => [
      `a gRPC status that is none ("${status}")`,
      { head: OK, trailers: { 'grpc-status': status } },
      'protocol',
      `${NOT_GRPC} (the gRPC status is "${status}")`,
    ]),
  ])('%s', (_, reply, status, message) => {
    expect(explainRefusal(reply)).toMatchObject({ status, message })
  })
})

it.each<[string, Reply]>([
  ['nothing yet', {}],
  ['a head', { head: OK }],
  ['a head and a status that is OK', { head: OK, trailers: { 'grpc-status': '0' } }],
  ['the status in the head', { head: { ...OK, 'grpc-status': '0' } }],
])('%s is no refusal', (_, reply) => {
  expect(explainRefusal(reply)).toBeNull()
})
