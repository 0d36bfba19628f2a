import { describe, expect, it } from 'vitest'
import { explainFailure, type Phase, ProxyError } from '../../src/exchange/failure.ts'

const coded = (code: string, message = 'words of the library', cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code })
const explain = (error: unknown, phase: Phase = 'connect', ended = false) =>
  explainFailure(error, phase, ended)

describe('the status of a code', () => {
  it.each([
    ['dns', 'ENOTFOUND'],
    ['dns', 'EAI_AGAIN'],
    ['dns', 'EAI_NODATA'],
    ['refused', 'ECONNREFUSED'],
    ['unreachable', 'EHOSTUNREACH'],
    ['unreachable', 'ENETUNREACH'],
    ['unreachable', 'EACCES'],
    ['unreachable', 'EPERM'],
    ['unreachable', 'EADDRNOTAVAIL'],
    ['unreachable', 'EMFILE'],
    ['timeout', 'ETIMEDOUT'],
    ['disconnected', 'ECONNRESET'],
    ['disconnected', 'EPIPE'],
    ['disconnected', 'UND_ERR_SOCKET'],
    ['protocol', 'UND_ERR_HEADERS_OVERFLOW'],
    ['tls', 'EPROTO'],
    ['tls', 'CERT_HAS_EXPIRED'],
    ['tls', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['tls', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['tls', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['tls', 'ERR_SSL_SOME_NEW_ALERT'],
    ['unreachable', 'ESOMETHING'],
  ])('%s: %s', (status, code) => {
    const failure = explain(coded(code))
    expect(failure.status).toBe(status)
    expect(failure.error).toContain(`${code}: words of the library`)
  })
})

describe('an error without a known code', () => {
  it.each<[string, Phase]>([
    ['dns', 'name look-up'],
    ['unreachable', 'connect'],
    ['tls', 'TLS handshake'],
    ['protocol', 'response headers'],
    ['protocol', 'body'],
  ])('is %s in the phase %s', (status, phase) => {
    expect(explain(coded('E_NEW'), phase).status).toBe(status)
    expect(explain(new Error('plain'), phase)).toEqual({
      status,
      error: expect.stringMatching(/ \(plain\)$/),
      starved: false,
    })
  })

  it.each([
    ['a text', 'boom', /boom/],
    ['null', null, /null/],
    ['undefined', undefined, /undefined/],
    ['an error without a message', new TypeError(), /TypeError/],
  ])('is told even if it is %s', (_, error, told) => {
    expect(explain(error).error).toMatch(told)
  })
})

describe('the innermost code counts', () => {
  it('through causes', () => {
    const error = new Error('a', {
      cause: coded('UND_ERR_SOCKET', 'b', coded('ECONNREFUSED', 'c')),
    })
    expect(explain(error)).toEqual({
      status: 'refused',
      error: 'connection refused (ECONNREFUSED: c)',
      starved: false,
    })
  })

  it('not a cause without a code', () => {
    expect(explain(coded('ECONNREFUSED', 'a', new Error('b'))).status).toBe('refused')
  })

  it('of several addresses, that of one with a route, and each is named', () => {
    const error = new AggregateError(
      [
        coded('ENETUNREACH', 'connect ENETUNREACH ::1:1'),
        coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'),
        coded('EHOSTUNREACH', 'connect EHOSTUNREACH 127.0.0.2:1'),
      ],
      '[::1]:1 ENETUNREACH, 127.0.0.1:1 ECONNREFUSED, 127.0.0.2:1 EHOSTUNREACH',
    )
    expect(explain(error)).toEqual({
      status: 'refused',
      error:
        'connection refused ([::1]:1 ENETUNREACH, 127.0.0.1:1 ECONNREFUSED, 127.0.0.2:1 EHOSTUNREACH)',
      starved: false,
    })
  })

  it('of an aggregate inside a cause', () => {
    const inner = new AggregateError([new Error('x', { cause: coded('EHOSTUNREACH') })], 'two')
    expect(explain(new Error('outer', { cause: inner })).status).toBe('unreachable')
  })

  it('and a chain that is a loop ends', () => {
    const error = coded('ECONNRESET')
    error.cause = error
    expect(explain(error).status).toBe('disconnected')
  })
})

describe('an answer that is cut short', () => {
  const length = coded(
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    'Response body length does not match content-length header',
  )
  const chunks = new Error('Response does not match the HTTP/1.1 protocol (Invalid EOF state)')

  it.each([
    ['a length', length],
    ['chunks', chunks],
  ])(
    'is disconnected with %s if the peer has closed, otherwise against the protocol',
    (_, error) => {
      expect(explain(error, 'body', true).status).toBe('disconnected')
      expect(explain(error, 'body', false).status).toBe('protocol')
    },
  )
})

it('names the phase in which the system gave up', () => {
  expect(explain(coded('ETIMEDOUT'), 'body').error).toContain('(phase: body)')
})

it('names the proxy and what happened there', () => {
  const error = new ProxyError('proxy.test:3128', coded('ECONNREFUSED'))
  expect(explain(error)).toEqual({
    status: 'proxy',
    error: 'proxy proxy.test:3128: connection refused (ECONNREFUSED: words of the library)',
    starved: false,
  })
})

it('is starved where one of several addresses found no file descriptor', () => {
  const errors = [coded('ECONNREFUSED'), coded('EMFILE')]
  expect(explain(new AggregateError(errors, 'both'))).toMatchObject({
    status: 'unreachable',
    starved: true,
  })
})
