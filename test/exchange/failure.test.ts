import { describe, expect, it } from 'vitest'
import {
  ExchangeError,
  explainFailure,
  failing,
  type Phase,
  ProxyError,
} from '../../src/exchange/failure.ts'

const coded = (code: string, message = 'words of the library', cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code })
const explain = (error: unknown, phase: Phase = 'connect', ended = false) =>
  explainFailure(error, phase, ended)

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
  ['unreachable', 'ESOMETHING'],
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
])('%s is the status of %s, which is told with the words of the library', (status, code) => {
  expect(explain(coded(code))).toEqual({
    status,
    code,
    error: expect.stringContaining(`(${code}: words of the library)`),
  })
})

it.each<[string, Phase]>([
  ['dns', 'DNS lookup'],
  ['unreachable', 'connect'],
  ['tls', 'TLS handshake'],
  ['protocol', 'response headers'],
  ['protocol', 'body'],
])('%s is the status of an unknown error in the phase %s', (status, phase) => {
  expect(explain(coded('E_NEW'), phase).status).toBe(status)
  expect(explain(new Error('plain'), phase)).toEqual({
    status,
    code: '',
    error: expect.stringMatching(/ \(plain\)$/),
  })
})

it.each([
  ['a text', 'boom', /boom/],
  ['null', null, /null/],
  ['undefined', undefined, /undefined/],
  ['an error without a message', new TypeError(), /TypeError/],
])('an error is told even if it is %s', (_, error, told) => {
  expect(explain(error).error).toMatch(told)
})

describe('the innermost code counts', () => {
  it('through causes', () => {
    const error = new Error('a', { cause: coded('UND_ERR_SOCKET', 'b', coded('ECONNREFUSED')) })
    expect(explain(error)).toMatchObject({
      status: 'refused',
      error: 'connection refused (ECONNREFUSED: words of the library)',
    })
  })

  it('through aggregates, of which the first error counts', () => {
    const inner = new AggregateError([new Error('x', { cause: coded('EHOSTUNREACH') })], 'two')
    expect(explain(new Error('outer', { cause: inner })).status).toBe('unreachable')
  })

  it('before a cause without a code', () => {
    expect(explain(coded('ECONNREFUSED', 'a', new Error('b'))).status).toBe('refused')
  })

  it('and a chain that is a loop ends', () => {
    const error = coded('ECONNRESET')
    error.cause = error
    expect(explain(error).status).toBe('disconnected')
  })
})

describe('of what undici says', () => {
  const length = coded(
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    'Response body length does not match content-length header',
  )
  const parsing = (fault: string) =>
    new Error(`Response does not match the HTTP/1.1 protocol (${fault})`)

  it.each([
    ['a body with a length', length],
    ['chunks', parsing('Invalid EOF state')],
  ])('%s are cut short if the peer has closed, otherwise they break the protocol', (_, error) => {
    expect(explain(error, 'body', true).status).toBe('disconnected')
    expect(explain(error, 'body', false).status).toBe('protocol')
  })

  it.each<Phase>(['connect', 'response headers', 'body'])(
    'a fault that its parser found is told in the words of the parser, in the phase %s',
    (phase) => {
      expect(explain(parsing('Invalid header token'), phase)).toMatchObject({
        status: 'protocol',
        error: 'what came back breaks the rules of HTTP/1.1 (Invalid header token)',
      })
    },
  )

  it('another length of the body is not believed before there is a body', () => {
    expect(explain(length, 'response headers')).toMatchObject({
      status: 'protocol',
      error:
        'what came back breaks the rules of HTTP/1.1 (Content-Length, or a header field after it, is invalid)',
    })
  })

  it.each(['bad response', 'bad upgrade'])('"%s" is an unexpected response', (message) => {
    expect(explain(coded('UND_ERR_SOCKET', message), 'response headers')).toMatchObject({
      status: 'protocol',
      error: `an unexpected response (UND_ERR_SOCKET: ${message})`,
    })
  })
})

it('of OpenSSL the reason is told, without its pointers and paths', () => {
  const error = Object.assign(
    coded('ERR_SSL_WRONG_VERSION_NUMBER', '40E7:error:0A00010B:../deps'),
    {
      reason: 'wrong version number',
    },
  )
  expect(explain(error, 'TLS handshake').error).toBe(
    'the port does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER: wrong version number)',
  )
})

it('what Node.js suggests to whoever starts it is left out', () => {
  const message =
    'unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca'
  expect(explain(coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE', message)).error).toBe(
    'the issuer is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE: unable to verify the first certificate)',
  )
})

it('a code that is part of the message is not repeated', () => {
  expect(explain(coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1')).error).toBe(
    'connection refused (connect ECONNREFUSED 127.0.0.1:1)',
  )
})

it('where the system gave up, the phase is named', () => {
  expect(explain(coded('ETIMEDOUT'), 'body').error).toContain('(phase: body)')
})

it('a failure that was found here keeps its status and its words', () => {
  expect(explain(new ExchangeError('protocol', 'as it is'))).toEqual(
    failing('protocol', 'as it is'),
  )
})

it('a failure at a proxy is proxy, and names it and what happened there', () => {
  const error = new ProxyError('proxy.test:3128', coded('ECONNREFUSED', 'ECONNREFUSED'))
  expect(explain(error)).toEqual({
    status: 'proxy',
    code: 'ECONNREFUSED',
    error: 'proxy proxy.test:3128: connection refused (ECONNREFUSED)',
  })
})
