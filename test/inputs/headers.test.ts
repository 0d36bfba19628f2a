import { describe, expect, it } from 'vitest'
import { findSecrets, isMaskable, parseHeaders } from '../../src/inputs/headers.ts'
import { STATUSES } from '../../src/report/statuses.ts'

const problemsOf = (text: string) => parseHeaders(text).problems

describe('parseHeaders', () => {
  it('reads one header a line, with names in lower case and blanks taken off', () => {
    const text = 'X-Token: a b\r\n\n  Authorization :Basic QQ==:x  \rx-tab:\ta\tb'
    expect(parseHeaders(text)).toEqual({
      headers: { 'x-token': 'a b', authorization: 'Basic QQ==:x', 'x-tab': 'a\tb' },
      problems: [],
      warnings: [],
    })
  })

  it('reads nothing from nothing', () => {
    expect(parseHeaders('')).toEqual({ headers: {}, problems: [], warnings: [] })
    expect(parseHeaders(' \n\t\n')).toEqual({ headers: {}, problems: [], warnings: [] })
  })

  it('takes names that every object has', () => {
    const { headers, problems } = parseHeaders('constructor: a\n__proto__: b\ntoString: c')
    expect(problems).toEqual([])
    expect(Object.entries(headers)).toEqual([
      ['constructor', 'a'],
      ['__proto__', 'b'],
      ['tostring', 'c'],
    ])
    expect(Object.entries({ ...headers })).toHaveLength(3)
  })

  it.each([
    'accept',
    'accept-encoding',
    'cache-control',
    'user-agent',
    'connection',
    'content-length',
    'expect',
    'host',
    'keep-alive',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ])('refuses %s, which the gate or its transport sets', (name) => {
    const [problem, ...others] = problemsOf(`${name.toUpperCase()}: x`)
    expect(problem).toMatch(/^headers: line 1: .*does not set itself/)
    expect(problem).toContain(`"${name}"`)
    expect(others).toEqual([])
  })

  it.each([
    ['no colon', 's3cret-value'],
    ['no name', ': s3cret-value'],
    ['a blank in the name', 'X Token: s3cret-value'],
    ['a name that is no token', 'X(Token): s3cret-value'],
    ['a name in other letters', 'Größe: s3cret-value'],
  ])('refuses a line with %s and does not show it', (_, line) => {
    const problems = problemsOf(`X-Fine: yes\n${line}`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^headers: line 2 is not a header, expected "Name: value"/)
    expect(problems.join()).not.toContain('s3cret')
  })

  it.each([
    ['nothing', ''],
    ['a control character', 's3cret\x01value'],
    ['a delete character', 's3cret\x7fvalue'],
    ['other than ASCII', 's3crét'],
  ])('refuses a value of %s and does not show it', (_, value) => {
    const problems = problemsOf(`X-Token: ${value}`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^headers: line 1: .*"x-token".*visible ASCII/)
    expect(problems.join()).not.toContain('s3cr')
    expect(problems[0]).toContain(value === '' ? 'an empty value' : 'a value with other characters')
  })

  it('refuses a second value for a name, in any case', () => {
    const { headers, problems } = parseHeaders('X-Token: one1\nx-TOKEN: two2')
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^headers: line 2: .*"x-token" a second time/)
    expect(headers['x-token']).toBe('one1')
    expect(problems.join()).not.toMatch(/one1|two2/)
  })

  it('tells all problems together', () => {
    expect(problemsOf('a\nHost: x\nX-A:\nX-B: fine')).toHaveLength(3)
  })

  it.each(['Bearer', 'basic', 'Digest ', 'token'])('warns of the scheme %j alone', (value) => {
    const { headers, problems, warnings } = parseHeaders(`X-A: b\nAuthorization: ${value}`)
    expect([headers['authorization'], problems]).toEqual([value.trim(), []])
    expect(warnings).toEqual([
      'headers: line 2: found a scheme without credentials in "authorization". Is a secret not set?',
    ])
  })

  it.each([
    ...['Authorization: Bearer x', 'Authorization: t0ken', 'X-Kind: Bearer'],
    ...['Authorization: my-token', 'Authorization: tokens'],
  ])('does not warn of %s', (line) => expect(parseHeaders(line).warnings).toEqual([]))
})

describe('what the runner is told to mask', () => {
  it.each([
    ...['abc', '8080', '12345', 'true', 'http', 'https', 'Closed', 'GET', 'production', 'eu-west'],
    // What the outputs hold: the runner would drop them.
    ...['null', 'open', 'closed', 'version', 'capabilities', 'incomplete', 'not-checked', 'htfifo'],
  ])('is not %s', (text) => expect(isMaskable(text)).toBe(false))

  it.each([
    ...['p@ss', 't0ken', '123456', 'abcDEF', 'abcdefghijklm', 'Bearer abc', 'true '],
    ...['-abc', 'a.b.c', 'eu--west'],
  ])('is %s', (text) => expect(isMaskable(text)).toBe(true))

  it('is no word of a short status', () => {
    for (const status of Object.keys(STATUSES).filter((text) => text.length <= 12)) {
      expect(isMaskable(status), status).toBe(false)
    }
  })
})

it('findSecrets are those of all headers but the ones that carry none', () => {
  expect(
    findSecrets({
      authorization: 'Bearer x',
      cookie: 'a=b',
      'x-anything': 'c',
      'x-forwarded-proto': 'http',
      traceparent: '00-1-2-01',
    }),
  ).toEqual(['Bearer x', 'a=b', 'c'])
})

it.each([
  ...['accept-language', 'b3', 'baggage', 'content-type', 'date', 'dnt', 'forwarded', 'from'],
  ...['origin', 'pragma', 'referer', 'traceparent', 'tracestate', 'via', 'x-correlation-id'],
  ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'],
  ...['x-real-ip', 'x-request-id'],
])('%s says how a request travels, and is no secret', (name) => {
  expect(findSecrets({ [name]: 'value', [`x-${name}`]: 'secret' })).toEqual(['secret'])
})
