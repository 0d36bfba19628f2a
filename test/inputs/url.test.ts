import { describe, expect, it } from 'vitest'
import { healthUrl, readAuthority } from '../../src/inputs/url.ts'

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
    ['/a/%2e%2E/b', 'found an escaped dot, slash or backslash'],
    ['/a%2fb', 'found an escaped dot, slash or backslash'],
    ['/a%5Cb', 'found an escaped dot, slash or backslash'],
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

it.each(['user:hunter2@kv01', 'hunter2@kv01/x', 'http://user:hunter2@kv01', 'https://hunter2@'])(
  'user info is not shown: %s',
  (address) => {
    expect(healthUrl(address, 9_324)).toEqual(expect.not.stringContaining('hunter2'))
  },
)

it.each(['a:kv01:1', 'fe80:kv:1', 'be:ef::kv01'])(
  'a second colon makes no IPv6 address of %s, although it begins like one',
  (address) => {
    expect(healthUrl(address, 9_324)).toBe(
      'found more than one colon, expected host:port or name=host:port',
    )
  },
)

const read = (authority: string) => {
  const url = readAuthority('http', authority, 9_324)
  return typeof url === 'string' ? url : url.host
}

describe('a host', () => {
  it.each([
    ['KV01', 'kv01:9324'],
    ['kvé', 'xn--kv-cja:9324'],
    ['KVÉ.Test', 'xn--kv-cja.test:9324'],
    ['kve\u0301', 'xn--kv-cja:9324'],
    ['straße', 'xn--strae-oqa:9324'],
    ['xn--kv-cja', 'xn--kv-cja:9324'],
    ['ΟΔΟΣ', 'xn--pxavbq:9324'],
    ['kv01.test.', 'kv01.test.:9324'],
    ['kv_01', 'kv_01:9324'],
    ['[::ffff:10.0.0.1]', '10.0.0.1:9324'],
    ['[::FFFF:a00:1]:1', '10.0.0.1:1'],
    ['[0:0:0:0:0:ffff:255.1.2.3]', '255.1.2.3:9324'],
    ['[0::1]', '[::1]:9324'],
    ['127.0.0.1', '127.0.0.1:9324'],
  ])('%s is asked as %s', (written, host) => {
    expect(read(written)).toBe(host)
  })

  it.each([
    ['kv①', 'kv1'],
    ['ｋｖ01', 'kv01'],
    ['ﬁsh', 'fish'],
    ['kv²', 'kv2'],
  ])('%s, which stands for %s, is refused', (written, name) => {
    expect(read(written)).toContain(`found a host that stands for "${name}", expected that name`)
  })

  it.each([
    '0.0.0.0',
    '0.1.2.3:1',
    '[::]',
    '[0:0::0]:1',
    '[::0.0.0.0]',
    '[::ffff:0.0.0.0]',
    '[0:0:0:0:0:ffff:0:0]',
  ])('%s stands for no machine', (written) => {
    expect(read(written)).toMatch(/^found an unspecified, multicast or broadcast address/)
  })

  it.each(['224.0.0.1', '239.255.255.255', '255.255.255.255', '[ff02::1]', '[::ffff:224.0.0.1]'])(
    '%s is no single machine',
    (written) =>
      expect(read(written)).toMatch(/^found an unspecified, multicast or broadcast address/),
  )

  it.each(['223.255.255.255', '240.0.0.1', '[fe80::1]', 'ff02.test'])('%s may be one', (host) => {
    expect(read(`${host}:1`)).toBe(`${host}:1`)
  })

  it.each(['kv01+n2=kv02', 'kv01;kv02', 'kv01|kv02', 'kv01"', 'kv%30', 'kv01。test', '', ':1'])(
    '%j is none',
    (written) => expect(read(written)).toMatch(/^expected host, host:port/),
  )
})

it.each(['65536', '0', '99999', ''])('%j is no port, and shown', (port) => {
  expect(read(`kv01:${port}`)).toBe(`found port "${port}", expected 1 to 65535`)
})

it.each(['1e3', '80.0', '1_000', '0x50', '000080', ' 80', '80 ', 'http', '-1'])(
  '%j is no port, and not shown, because it may be a password',
  (port) => {
    expect(read(`kv01:${port}`)).toBe('found no port number behind the colon, expected 1 to 65535')
  },
)

it.each(['1', '00080', '65535'])('%j is a port', (port) => {
  expect(read(`kv01:${port}`)).toBe(`kv01${Number(port) === 80 ? '' : `:${port}`}`)
})
