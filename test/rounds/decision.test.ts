import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/exchange/exchange.ts'
import { decide } from '../../src/rounds/decision.ts'
import { answerWith, NO_FIELDS } from '../support/answers.ts'

const GOOD = '{"status":"ok","capabilities":["htfifo"]}\n'

const statusOf = (body: string | Uint8Array, rest: Partial<Answer> = {}) =>
  decide(answerWith(body, rest), 'htfifo').status

/** A good body, padded with blanks to exactly so many bytes. */
const padded = (bytes: number) => GOOD.trim().padEnd(bytes)

/** What is decided of an answer that is good but for these fields of its head. */
const decideFields = (fields: Partial<Answer['fields']>) =>
  decide(answerWith(GOOD, { fields: { ...NO_FIELDS, ...fields } }), 'htfifo')

describe('a header of the answer', () => {
  it.each([
    ['age', '60', 'Age: 60'],
    ['age', '06', 'Age: 06'],
    ['age', '0, 60', 'Age: 0, 60'],
    ['age', ['0', '60'], 'Age: 0,60'],
    ['age', '-0', 'Age: -0'],
    ['age', '', 'Age: '],
    ['warning', '110 squid "stale"', 'Warning: 110 squid "stale"'],
    ['warning', '199 h "a, b", 110 c "stale"', 'Warning: 199 h "a, b", 110 c "stale"'],
    ['warning', '199 h "a \\" b", 110 c "x"', 'Warning: 199 h "a \\" b", 110 c "x"'],
    ['warning', ['199 h "open', '110 c "x"'], 'Warning: 199 h "open,110 c "x"'],
  ])('shows that a cache gave it: %s %j', (name, value, told) => {
    expect(decideFields({ [name]: value })).toEqual({
      status: 'cached',
      capabilities: null,
      error: `the answer came out of a cache (${told})`,
    })
  })

  it.each(['gzip', 'identity, br', ''])('shows an encoding: %j', (contentEncoding) => {
    expect(decideFields({ contentEncoding })).toEqual({
      status: 'malformed',
      capabilities: null,
      error: `the answer has the Content-Encoding "${contentEncoding}", expected none`,
    })
  })

  it.each([
    ['age', '0'],
    ['age', ' 00 '],
    ['warning', '199 h "of 9 nodes, 110 are missing"'],
    ['warning', '1100 h "x"'],
    ['warning', '199 110 "x"'],
    ['contentEncoding', 'Identity'],
  ])('is fine: %s %j', (name, value) => {
    expect(decideFields({ [name]: value }).status).toBe('advertises')
  })
})

describe('a proxy that the answer came through', () => {
  const proxy = 'proxy.internal:3128'
  it('is named where the peer does not pass, and only then', () => {
    const decideBody = (body: string) => decide(answerWith(body, { proxy }), 'htfifo')
    expect(decideBody('ok')).toEqual({
      status: 'legacy',
      capabilities: null,
      error: `plain text "ok": a binary from before the capability list, through proxy ${proxy}`,
    })
    for (const body of [GOOD, '{"status":"ok","capabilities":[]}']) {
      expect(decideBody(body)).toEqual(decide(answerWith(body), 'htfifo'))
    }
  })
})

describe('a peer advertises', () => {
  it.each([
    ['the body of a ready node', GOOD],
    ['more capabilities and fields', '{"capabilities":["a","htfifo","b"],"status":"ok","x":[{}]}'],
    [
      'the names of the fields elsewhere',
      '{"x":{"status":1,"y":"status"},"z":["capabilities",{"status":"\\":"}],"status":"ok","capabilities":["htfifo","status"]}',
    ],
    [
      'a field whose value is the name of another',
      '{"status":"ok","capabilities":["htfifo"],"x":"status"}',
    ],
    ['exactly 1,024 bytes', padded(1_024)],
  ])('with %s', (_, body) => {
    expect(statusOf(body)).toBe('advertises')
  })
})

describe('a peer does not advertise', () => {
  it.each([
    ['missing-capability', '{"status":"ok","capabilities":[]}'],
    ['missing-capability', '{"status":"ok","capabilities":["HTFIFO"," htfifo","htfifo2"]}'],
    ['legacy', 'ok\n'],
    ['legacy', 'ok'],
    ['unhealthy', '{"status":"starting","capabilities":["htfifo"]}'],
    ['malformed', ''],
    ['malformed', 'OK\n'],
    ['malformed', '{"status":"ok","capabilities":["htfifo"]'],
    ['malformed', `\ufeff${GOOD}`],
    ['malformed', `${GOOD}${GOOD}`],
    ['malformed', 'null'],
    ['malformed', '["htfifo"]'],
    ['malformed', '{"capabilities":["htfifo"]}'],
    ['malformed', '{"status":true,"capabilities":["htfifo"]}'],
    ['malformed', '{"status":"ok"}'],
    ['malformed', '{"status":"ok","capabilities":"htfifo"}'],
    ['malformed', '{"status":"ok","capabilities":{"0":"htfifo"}}'],
    ['malformed', '{"status":"ok","capabilities":["htfifo",1]}'],
    ['malformed', '{"status":"ok","capabilities":["htfifo"],"CAPABILITIES":[]}'],
    ['malformed', '{"status":"ok","STATUS":"bad","capabilities":["htfifo"]}'],
    ['malformed', '{"capabilities":"","capabilities":["htfifo"],"status":"ok"}'],
    ['malformed', '{"status":1,"status":"ok","capabilities":["htfifo"]}'],
    ['malformed', '{"status":"ok","capabilities":["htfifo"],"st\\u0061tus" : "ok"}'],
    ['malformed', '{"x":"}","status":"ok","capabilities":["htfifo"],"status":"ok"}'],
    ['malformed', '{"x":{},"y":[[]],"status":"ok","capabilities":["htfifo"],"status":"ok"}'],
    ['too-large', padded(1_025)],
  ])('%s: %j', (status, body) => {
    expect(statusOf(body)).toBe(status)
  })
})

describe('the message', () => {
  const errorOf = (body: string, rest: Partial<Answer> = {}) =>
    decide(answerWith(body, rest), 'htfifo').error

  it.each([
    '',
    'OK',
    '{',
    'null',
    '[]',
    '{"capabilities":[]}',
    '{"status":"ok"}',
    '{"status":"ok","capabilities":[1]}',
    `${GOOD}${GOOD}`,
  ])('starts with "malformed JSON" for %j', (body) => {
    expect(errorOf(body)).toMatch(/^malformed JSON: ./)
  })

  it('starts with "malformed JSON" for what is no UTF-8, and for more than 1,024 bytes', () => {
    expect(decide(answerWith(Buffer.from([0x22, 0xff, 0x22])), 'htfifo').error).toBe(
      'malformed JSON: the body is not valid UTF-8',
    )
    expect(errorOf(padded(1_025))).toBe('malformed JSON: the body has more than 1024 bytes')
  })

  it('shows none of a body that was cut, not even half a character', () => {
    const cut = Buffer.concat([Buffer.alloc(1_024, 'é'), Buffer.from([0xc3])])
    expect(decide(answerWith(cut), 'htfifo')).toEqual({
      status: 'too-large',
      capabilities: null,
      error: 'malformed JSON: the body has more than 1024 bytes',
    })
  })

  it('shows a short body that is no JSON', () => {
    expect(errorOf('<html>hello')).toContain('(body: <html>hello)')
  })

  it.each([300, 301, 302, 304, 307, 308, 399])('names the target of %i', (httpStatus) => {
    expect(
      decide(
        answerWith('', { httpStatus, fields: { ...NO_FIELDS, location: 'https://x.test/y' } }),
        'htfifo',
      ),
    ).toEqual({
      status: 'redirect',
      capabilities: null,
      error: `HTTP ${httpStatus} redirects to https://x.test/y; redirects are not followed`,
    })
  })

  it('says so where a redirect has no target', () => {
    expect(errorOf('', { httpStatus: 302 })).toContain('without a target')
  })

  it.each([201, 204, 206, 299, 400, 401, 404, 405, 500, 503, 999])('has HTTP %i', (httpStatus) => {
    expect(decide(answerWith(GOOD, { httpStatus }), 'htfifo')).toEqual({
      status: 'http-error',
      capabilities: null,
      error: `HTTP ${httpStatus}, expected 200`,
    })
  })

  it('is empty for advertises and missing-capability, and only for them', () => {
    expect(errorOf(GOOD)).toBe('')
    expect(errorOf('{"status":"ok","capabilities":[]}')).toBe('')
    expect(errorOf('ok\n')).toMatch(/before the capability list/)
    expect(errorOf('{"status":"draining","capabilities":["htfifo"]}')).toBe(
      'status is "draining", expected "ok"',
    )
  })
})

describe('the finding', () => {
  const find = (body: string | Uint8Array, rest: Partial<Answer> = {}) =>
    decide(answerWith(body, rest), 'htfifo')

  it('names the list of a correct answer, and no error where it is only a matter of the list', () => {
    const capabilities = ['a', 'b']
    const body = (status: string) => JSON.stringify({ status, capabilities })
    expect(find(GOOD)).toEqual({ status: 'advertises', capabilities: ['htfifo'], error: '' })
    expect(find(body('ok'))).toEqual({ status: 'missing-capability', capabilities, error: '' })
    expect(find(body('sick'))).toEqual({
      status: 'unhealthy',
      capabilities,
      error: 'status is "sick", expected "ok"',
    })
  })

  it.each([
    ['ok\n', 'plain text "ok"'],
    ['ok\r\n', 'plain text "ok"'],
    [' ok\n', /^malformed JSON: Unexpected token.* \(body: {2}ok\n\)$/],
    ['ok\n\n', /^malformed JSON: .* \(body: ok\n\n\)$/],
    ['x"y', /^malformed JSON: [^"]*'x' \(body: x"y\)$/],
    ['[1,]', /^malformed JSON: [^"]* \(body: \[1,\]\)$/],
    ['', /^malformed JSON: Unexpected end of JSON input \(body: \)$/],
    [Buffer.from([0x7b, 0xff]), 'malformed JSON: the body is not valid UTF-8'],
    ['null', 'malformed JSON: expected an object, found null'],
    ['[]', 'malformed JSON: expected an object, found an array'],
    ['"ok"', 'malformed JSON: expected an object, found a string'],
    ['7', 'malformed JSON: expected an object, found a number'],
    ['true', 'malformed JSON: expected an object, found a boolean'],
    ['{}', '"status" is missing, expected a string'],
    ['{"status":null}', '"status" is null, expected a string'],
    ['{"status":{}}', '"status" is an object, expected a string'],
    ['{"status":"ok"}', '"capabilities" is missing, expected an array of strings (status: "ok")'],
    ['{"status":"ok","capabilities":null}', '"capabilities" is null'],
    ['{"status":"ok","capabilities":[null]}', '"capabilities" is an array with other values'],
    ['{"status":"ok","Status":"ok"}', '"status" is there more than once'],
    ['{"capabilities":[],"Capabilities":[]}', '"capabilities" is there more than once'],
    [padded(1_025), 'malformed JSON: the body has more than 1024 bytes'],
  ])('of %j says %s', (body, words) => {
    const { error, capabilities } = find(body)
    expect(capabilities).toBeNull()
    if (typeof words === 'string') expect(error).toContain(words)
    else expect(error).toMatch(words)
  })
})
