import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/exchange/exchange.ts'
import { decide } from '../../src/rounds/decision.ts'
import type { Status } from '../../src/shared/status.ts'
import { answerWith } from '../support/answers.ts'
import { GOOD } from '../support/servers.ts'

/** What is decided of an answer with this body, a 200 unless told otherwise. */
const find = (body: string | Uint8Array, rest: Partial<Answer> = {}) =>
  decide(answerWith(body, rest), 'htfifo')

const findWith = (head: Answer['head'], rest: Partial<Answer> = {}) => find(GOOD, { head, ...rest })

/** A good body, padded with blanks to exactly so many bytes. */
const padded = (bytes: number) => GOOD.trim().padEnd(bytes)

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
    expect(find(body)).toMatchObject({ status: 'advertises', error: '' })
  })
})

describe('a correct answer', () => {
  it.each<[Status, string, readonly string[], string]>([
    ['advertises', 'ok', ['a', 'htfifo'], ''],
    ['missing-capability', 'ok', [], ''],
    ['missing-capability', 'ok', ['HTFIFO', ' htfifo', 'htfifo2'], ''],
    ['unhealthy', 'starting', ['htfifo'], 'status is "starting", expected "ok"'],
    ['unhealthy', 'OK', [], 'status is "OK", expected "ok"'],
  ])('is %s, with its list: status %j, %j', (found, status, capabilities, error) => {
    const finding = find(JSON.stringify({ status, capabilities }))
    expect(finding).toEqual({ status: found, capabilities, error })
  })
})

describe('any other body', () => {
  const OLD = 'plain text "ok": a binary from before the capability list'
  const TWICE = 'is there more than once, in one spelling or several'
  it.each<[Status, string | Uint8Array, string | RegExp]>([
    ['legacy', 'ok', OLD],
    ['legacy', 'ok\n', OLD],
    ['legacy', 'ok\r\n', OLD],
    ['malformed', '', /: Unexpected end of JSON input \(body: \)$/],
    ['malformed', 'OK\n', /\(body: OK\n\)$/],
    ['malformed', ' ok\n', /: Unexpected token.* \(body: {2}ok\n\)$/],
    ['malformed', 'ok\n\n', /\(body: ok\n\n\)$/],
    ['malformed', '<html>hello', /\(body: <html>hello\)$/],
    ['malformed', 'x"y', /: [^"]*'x' \(body: x"y\)$/],
    ['malformed', '{', /\(body: \{\)$/],
    ['malformed', '[1,]', /: [^"]* \(body: \[1,\]\)$/],
    ['malformed', '{"status":"ok","capabilities":["htfifo"]', /\(body: /],
    ['malformed', `\ufeff${GOOD}`, /\(body: \ufeff/],
    ['malformed', `${GOOD}${GOOD}`, /\(body: /],
    ['malformed', Buffer.from([0x7b, 0xff]), ': the body is not valid UTF-8'],
    ['malformed', Buffer.from([0x22, 0xff, 0x22]), ': the body is not valid UTF-8'],
    ['malformed', 'null', ': expected an object, found null'],
    ['malformed', '["htfifo"]', ': expected an object, found an array'],
    ['malformed', '"ok"', ': expected an object, found a string'],
    ['malformed', '7', ': expected an object, found a number'],
    ['malformed', 'true', ': expected an object, found a boolean'],
    ['malformed', '{"capabilities":["htfifo"]}', '"status" is missing, expected a string'],
    ['malformed', '{"status":null}', '"status" is null, expected a string'],
    ['malformed', '{"status":{}}', '"status" is an object, expected a string'],
    ['malformed', '{"status":true,"capabilities":["htfifo"]}', '"status" is a boolean'],
    [
      'malformed',
      '{"status":"ok"}',
      '"capabilities" is missing, expected an array of strings (status: "ok")',
    ],
    ['malformed', '{"status":"ok","capabilities":null}', '"capabilities" is null'],
    ['malformed', '{"status":"ok","capabilities":"htfifo"}', '"capabilities" is a string'],
    ['malformed', '{"status":"ok","capabilities":{"0":"htfifo"}}', '"capabilities" is an object'],
    ['malformed', '{"status":"ok","capabilities":["htfifo",1]}', 'is an array with other values'],
    ['malformed', '{"status":"ok","capabilities":[null]}', 'is an array with other values'],
    [
      'malformed',
      '{"status":"ok","capabilities":["htfifo"],"CAPABILITIES":[]}',
      `"capabilities" ${TWICE}`,
    ],
    [
      'malformed',
      '{"capabilities":"","capabilities":["htfifo"],"status":"ok"}',
      `"capabilities" ${TWICE}`,
    ],
    ['malformed', '{"status":"ok","STATUS":"bad","capabilities":["htfifo"]}', `"status" ${TWICE}`],
    ['malformed', '{"status":1,"status":"ok","capabilities":["htfifo"]}', `"status" ${TWICE}`],
    [
      'malformed',
      '{"status":"ok","capabilities":["htfifo"],"st\\u0061tus" : "ok"}',
      `"status" ${TWICE}`,
    ],
    [
      'malformed',
      '{"x":"}","status":"ok","capabilities":["htfifo"],"status":"ok"}',
      `"status" ${TWICE}`,
    ],
    [
      'malformed',
      '{"x":{},"y":[[]],"status":"ok","capabilities":["htfifo"],"status":"ok"}',
      `"status" ${TWICE}`,
    ],
    ['too-large', padded(1_025), /: the body has more than 1024 bytes$/],
  ])('is %s: %j, %s', (status, body, words) => {
    const { error, ...finding } = find(body)
    expect(finding).toEqual({ status, capabilities: null })
    expect(error).toMatch(words)
    expect(error.startsWith('malformed JSON: ')).toBe(status !== 'legacy')
  })

  it('is too large with half a character at the limit, and nothing of it is shown', () => {
    expect(find(Buffer.concat([Buffer.alloc(1_024, 'é'), Buffer.from([0xc3])]))).toEqual({
      status: 'too-large',
      capabilities: null,
      error: 'malformed JSON: the body has more than 1024 bytes',
    })
  })
})

describe('an answer with another status than 200', () => {
  it.each([300, 301, 302, 303, 307, 308, 399])('names the target of %i', (httpStatus) => {
    expect(findWith({ location: 'https://x.test/y' }, { httpStatus })).toEqual({
      status: 'redirect',
      capabilities: null,
      error: `HTTP ${httpStatus} redirects to https://x.test/y; redirects are not followed`,
    })
  })

  it('says of 304 that a cache answered', () => {
    expect(findWith({ location: 'https://x.test/y' }, { httpStatus: 304 })).toEqual({
      status: 'redirect',
      capabilities: null,
      error: 'HTTP 304 not modified: a cache answered, expected 200',
    })
  })

  it('says so where a redirect has no target', () => {
    expect(find('', { httpStatus: 302 }).error).toContain('without a target')
  })

  it.each([201, 204, 206, 299, 400, 401, 404, 405, 500, 503, 999])('has HTTP %i', (httpStatus) => {
    expect(find(GOOD, { httpStatus })).toEqual({
      status: 'http-error',
      capabilities: null,
      error: `HTTP ${httpStatus}, expected 200`,
    })
  })
})

describe('a header of the answer', () => {
  it.each([
    ['age', '60', 'Age: 60'],
    ['age', '06', 'Age: 06'],
    ['age', '0, 60', 'Age: 0, 60'],
    ['age', ['0', '60'], 'Age: 60'],
    ['age', '-0', 'Age: -0'],
    ['age', '', 'Age: '],
    ['warning', '110 squid "stale"', 'Warning: 110 squid "stale"'],
    ['warning', '199 h "a, b", 110 c "stale"', 'Warning: 199 h "a, b", 110 c "stale"'],
    ['warning', ['199 h "x"', '110 c "x"'], 'Warning: 110 c "x"'],
    ['cache-status', 'edge; hit; ttl=30', 'Cache-Status: edge; hit; ttl=30'],
    ['cache-status', 'a; fwd=miss, b;hit', 'Cache-Status: a; fwd=miss, b;hit'],
    ['cache-status', ['a; fwd=miss', 'b; HIT=?1'], 'Cache-Status: b; HIT=?1'],
    ['cache-status', 'HIT', 'Cache-Status: HIT'],
    ['cache-status', '"edge"; hit', 'Cache-Status: "edge"; hit'],
    ['x-cache', 'HIT', 'X-Cache: HIT'],
    ['x-cache', '"HIT"', 'X-Cache: "HIT"'],
    ['x-cache', 'Hit from cloudfront', 'X-Cache: Hit from cloudfront'],
    ['x-cache', 'MISS, TCP_MEM_HIT', 'X-Cache: MISS, TCP_MEM_HIT'],
    ['x-cache-status', 'STALE', 'X-Cache-Status: STALE'],
  ])('shows that a cache gave it: %s %j', (name, value, told) => {
    expect(findWith({ [name]: value })).toEqual({
      status: 'cached',
      capabilities: null,
      error: `a cached response (${told})`,
    })
  })

  it.each(['gzip', 'identity, br', 'x-identity'])('shows an encoding: %j', (encoding) => {
    expect(findWith({ 'content-encoding': encoding })).toEqual({
      status: 'malformed',
      capabilities: null,
      error: `the answer has the Content-Encoding "${encoding}", expected none`,
    })
  })

  it.each([
    ['age', '0'],
    ['age', ' 00 '],
    ['warning', '1100 h "x"'],
    ['warning', '199 110 "x"'],
    ['cache-status', 'edge; fwd=uri-miss; stored'],
    ['cache-status', 'edge; hit=?0'],
    ['cache-status', 'edge; fwd=miss; detail="no hit"'],
    ['x-cache', 'MISS from white-hitchhiker'],
    ['x-cache-status', 'MISS'],
    ['x-cache-status', 'EXPIRED'],
    ['content-encoding', 'Identity'],
    ['content-encoding', ''],
  ])('is fine: %s %j', (name, value) => {
    expect(findWith({ [name]: value }).status).toBe('advertises')
  })

  it.each([
    ['warning', `"${'\\"'.repeat(8_000)}`],
    ['warning', `,${' '.repeat(16_000)}`],
    ['warning', ', '.repeat(8_000)],
    ['cache-status', `;${' '.repeat(16_000)}x`],
    ['cache-status', `;hit${' '.repeat(16_000)}=${' '.repeat(16_000)}?0`],
    ['x-cache', 'h'.repeat(16_000)],
    ['age', ' 0'.repeat(8_000)],
  ])('costs no more than its length: %s %#', (name, value) => {
    const begun = performance.now()
    for (let times = 0; times < 20; times++) findWith({ [name]: value })
    // 60 ms each once, with a quadratic pattern.
    expect((performance.now() - begun) / 20).toBeLessThan(10)
  })
})

it('the proxy that an answer came through is named where the peer does not pass, and only then', () => {
  const proxy = 'proxy.internal:3128'
  expect(find('ok', { proxy })).toEqual({
    ...find('ok'),
    error: `${find('ok').error}, through proxy ${proxy}`,
  })
  for (const body of [GOOD, '{"status":"ok","capabilities":[]}']) {
    expect(find(body, { proxy })).toEqual(find(body))
  }
})
