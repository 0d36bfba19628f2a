import { expect, it } from 'vitest'
import { checkHead, describeTarget, isProxyReply } from '../../src/exchange/request.ts'

it.each([
  ['http://kv02:9324/x', 'to http://kv02:9324/x'],
  ['https://user:password@kv02/x?token=y#z', 'to https://kv02/x'],
  ['//user@kv02/@x', 'to //kv02/@x'],
  ['/x#y?z', 'to /x'],
  ['/A%2Fb%C3%A9/../C', 'to /A%2Fb%C3%A9/../C'],
  ['no URL at all', 'to no URL at all'],
  ['', 'to '],
  [undefined, 'without a target'],
])('the target %s is told as it came, without user info and query: %s', (location, words) => {
  expect(describeTarget(location)).toBe(words)
})

it.each<[number, Record<string, string>, string]>([
  [99, {}, '99 is not an HTTP status code'],
  [101, {}, 'an unexpected response (HTTP 101)'],
  [200, { 'transfer-encoding': 'gzip' }, 'the transfer coding "gzip" is not known'],
  [
    404,
    { 'transfer-encoding': 'chunked, gzip' },
    'the transfer coding "chunked, gzip" is not known',
  ],
])('a head with the status %i and %j is wrong', (status, head, words) => {
  expect([checkHead(status, head, false), checkHead(status, head, true)]).toEqual([words, words])
})

it.each([
  [{ 'transfer-encoding': 'Chunked' }],
  [{ 'content-length': '42' }],
  [{ 'content-length': '0' }],
])('an answer over TLS tells its length with %j', (head) => {
  expect(checkHead(200, head, true)).toBeNull()
})

it('an answer that does not tell its length is wrong over TLS only, and only where its body is read', () => {
  expect(checkHead(200, {}, true)).toContain('does not tell its length')
  expect([checkHead(200, {}, false), checkHead(503, {}, true), checkHead(103, {}, true)]).toEqual([
    null,
    null,
    null,
  ])
})

it.each<[boolean, number, Record<string, string>]>([
  [true, 407, {}],
  [true, 502, {}],
  [true, 503, {}],
  [true, 504, {}],
  [true, 403, { 'x-squid-error': 'ERR_ACCESS_DENIED 0' }],
  [true, 404, { 'proxy-status': 'x' }],
  [true, 401, { 'proxy-authenticate': 'Basic' }],
  [false, 404, { via: 'x' }],
  [false, 500, {}],
  [false, 200, { 'proxy-status': 'x' }],
])('written by a proxy: %s, with the status %i and %j', (expected, status, head) => {
  expect(isProxyReply(status, head)).toBe(expected)
})
