import { describe, expect, it } from 'vitest'
import { type Ending, forgiveEndings, formatAddress } from '../../src/exchange/addresses.ts'
import { failing, type Phase } from '../../src/exchange/failure.ts'

const V4 = '10.0.0.1:9324'
const OTHER_V4 = '10.0.0.2:9324'
const V6 = '[fd00::1]:9324'
const OTHER_V6 = '[fd00::2]:9324'

type End = Ending<string>
const answer = (address: string | null, text: string): End => ({
  address,
  result: { kind: 'answer', answer: text },
  reached: 'body',
  latencyMs: 1,
  forgiven: false,
})
const good = (address: string) => answer(address, 'good')
const bad = (address: string) => answer(address, 'bad')
const failure = (
  address: string | null,
  code = 'ECONNREFUSED',
  reached: Phase = 'connect',
): End => ({
  address,
  result: { kind: 'failure', failure: failing('unreachable', `no ${code}`, code) },
  reached,
  latencyMs: 1,
  forgiven: false,
})
const count = (...endings: readonly End[]) =>
  forgiveEndings(endings, (text) => text === 'good').filter(({ forgiven }) => !forgiven)

/** The addresses of the endings that count. */
const counted = (...endings: readonly End[]) => count(...endings).map(({ address }) => address)
/** What is told of each ending, in order. */
const errors = (...endings: readonly End[]) =>
  count(...endings).map(({ result }) => (result.kind === 'failure' ? result.failure.error : ''))

describe('an address without a connection', () => {
  it.each<[string, readonly End[], readonly string[]]>([
    ['is forgiven as the only one of IPv6 where IPv4 passes', [failure(V6), good(V4)], [V4]],
    ['is forgiven as the only one of IPv4 where IPv6 passes', [good(V6), failure(V4)], [V6]],
    [
      'is forgiven where the other family has several, of which one does not pass',
      [failure(V6), good(V4), bad(OTHER_V4)],
      [V4, OTHER_V4],
    ],
    ['counts where the other family does not pass', [failure(V6), bad(V4)], [V6, V4]],
    [
      'counts as one of several of its family',
      [failure(V6), failure(OTHER_V6), good(V4)],
      [V6, OTHER_V6, V4],
    ],
    ['counts as the only address of the name', [failure(V6)], [V6]],
    ['counts beside another one of its family', [failure(V4), good(OTHER_V4)], [V4, OTHER_V4]],
  ])('%s', (_, endings, expected) => {
    expect(counted(...endings)).toEqual(expected)
  })
})

it.each<Phase>(['TLS handshake', 'response headers', 'body'])(
  'a connection that failed in the phase %s counts, whatever the other family says',
  (reached) => {
    expect(counted(failure(V6, 'ECONNRESET', reached), good(V4))).toEqual([V6, V4])
  },
)

it('a failure at no address of the peer counts: a DNS lookup, a proxy', () => {
  expect(count(failure(null))).toEqual([failure(null)])
})

describe('where no address was reached', () => {
  it('each error names all of them', () => {
    expect(errors(failure(V6), failure(V4, 'ETIMEDOUT'))).toEqual([
      `no ECONNREFUSED; ${V6} ECONNREFUSED, ${V4} ETIMEDOUT`,
      `no ETIMEDOUT; ${V6} ECONNREFUSED, ${V4} ETIMEDOUT`,
    ])
  })

  it('an error without a code is named by its status', () => {
    expect(errors(failure(V6, ''), failure(V4))[0]).toContain(`${V6} unreachable, `)
  })

  it.each(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])(
    'those with a route come before %s, otherwise in their order',
    (code) => {
      expect(counted(failure(V6, code), failure(V4), failure(OTHER_V4))).toEqual([V4, OTHER_V4, V6])
    },
  )

  it('none is blamed where the run was cancelled', () => {
    const cancelled = { kind: 'failure', failure: failing('cancelled', 'cancelled') } as const
    expect(errors({ ...failure(V6), result: cancelled }, failure(V4))).toEqual([
      'cancelled',
      'no ECONNREFUSED',
    ])
  })

  it('a single address is told as it is', () => {
    expect(errors(failure(V4))).toEqual(['no ECONNREFUSED'])
  })
})

it('errors stay as they are, in the order of the addresses, once one was reached', () => {
  expect(errors(failure(V6, 'ENETUNREACH'), bad(V4), failure(OTHER_V4))).toEqual([
    'no ENETUNREACH',
    '',
    'no ECONNREFUSED',
  ])
})

it('an IPv6 address is shown in brackets', () => {
  expect([formatAddress('fd00::1', 9324), formatAddress('10.0.0.1', 9324)]).toEqual([V6, V4])
})
