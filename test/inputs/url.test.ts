import { describe, expect, it } from 'vitest'
import { healthUrl } from '../../src/inputs/url.ts'

describe('a base path', () => {
  it.each([
    ['', ''],
    ['/', ''],
    ['///', ''],
    ["/a-._~!$&'()*+=:@b/c%20%C3%A9/", "/a-._~!$&'()*+=:@b/c%20%C3%A9"],
    ['/.a/b../...', '/.a/b../...'],
    ['/%73', '/%73'],
  ])('%j is asked as it is written', (path, asked) => {
    expect(String(healthUrl(`http://kv01:1${path}`, 9_324))).toBe(
      `http://kv01:1${asked}/sqs_health`,
    )
  })

  it.each([
    ['/;http://kv02', 'found ";" in the path'],
    ['/"', 'found """ in the path'],
    ['/a"]', 'found """ in the path'],
    ['/a,n2=kv02', 'found "," in the path'],
    ['/a|b', 'found "|" in the path'],
    ['/a[b', 'found "[" in the path'],
    ['/é', 'found "é" in the path'],
    ['/%', 'found "%" in the path'],
    ['/%2', 'found "%" in the path'],
    ['/%zz', 'found "%" in the path'],
    ['/a//b', 'found "//" in the path'],
    ['/http://kv02', 'found "//" in the path'],
    ['//kv02/', 'found "//" in the path'],
    ['/a/../b', 'found "." or ".."'],
    ['/..', 'found "." or ".."'],
    ['/a/./b', 'found "." or ".."'],
    ['/a/%2e%2E/b', 'as an escape'],
    ['/a%2fb', 'as an escape'],
    ['/a%5Cb', 'as an escape'],
    ['/sqs_health', 'found /sqs_health at the end'],
    ['/a/sqs_health//', 'found /sqs_health at the end'],
    ['/sqs%5fhealth', 'found /sqs_health at the end'],
    ['/a\\b', 'backslashes'],
    ['?a', 'found a query'],
    ['#a', 'found a fragment'],
  ])('%j is refused', (path, words) => {
    expect(healthUrl(`http://kv01:1${path}`, 9_324)).toContain(words)
    expect(healthUrl(`https://[::1]${path}`, 9_324)).toContain(words)
  })
})

it.each([
  ['user:hunter2@kv01', 'found user info, expected none: host, host:port or a URL'],
  ['hunter2@kv01/x', 'found user info, expected none: host, host:port or a URL'],
  ['http://user:hunter2@kv01', 'found user info in the URL, expected none'],
  ['https://hunter2@', 'found user info in the URL, expected none'],
])('user info is told as such and not shown: %s', (address, problem) => {
  expect(healthUrl(address, 9_324)).toBe(problem)
})

it.each(['a:kv01:1', 'fe80:kv:1', 'be:ef::kv01'])(
  'a second colon makes no IPv6 address of %s, although it begins like one',
  (address) => {
    expect(healthUrl(address, 9_324)).toBe(
      'found more than one colon, expected host:port or name=host:port',
    )
  },
)
