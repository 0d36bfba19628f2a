import { describe, expect, it } from 'vitest'
import { isLoopback, readAuthority } from '../../src/inputs/host.ts'

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
    expect(read(written)).toMatch(/^found an address that stands for no machine/)
  })

  it.each(['224.0.0.1', '239.255.255.255', '255.255.255.255', '[ff02::1]', '[::ffff:224.0.0.1]'])(
    '%s is no single machine',
    (written) => expect(read(written)).toMatch(/^found a multicast or broadcast address/),
  )

  it.each(['223.255.255.255', '240.0.0.1', '[fe80::1]', 'ff02.test'])('%s may be one', (host) => {
    expect(read(`${host}:1`)).toBe(`${host}:1`)
  })

  it.each(['kv01+n2=kv02', 'kv01;kv02', 'kv01|kv02', 'kv01"', 'kv%30', 'kv01。test', '', ':1'])(
    '%j is none',
    (written) => expect(read(written)).toMatch(/^expected host, host:port/),
  )
})

it.each([
  ['localhost', true],
  ['a.localhost.', true],
  ['127.3.2.1', true],
  ['[::1]', true],
  ['127.0.0.1.test', false],
  ['notlocalhost', false],
  ['10.0.0.1', false],
  ['[::2]', false],
  ['kv01.localhost', true],
  ['localhost.', true],
  ['localhost.test', false],
  ['localhosts', false],
  ['.localhost', false],
])('%s is the own machine: %s', (hostname, own) => {
  expect(isLoopback(hostname)).toBe(own)
})

it.each(['1e3', '80.0', '1_000', '0x50', '000080', ' 80', '80 ', '65536', '0'])(
  '%j is no port',
  (port) => {
    expect(read(`kv01:${port}`)).toBe(`found port "${port}", expected 1 to 65535`)
  },
)

it.each(['1', '00080', '65535'])('%j is a port', (port) => {
  expect(read(`kv01:${port}`)).toBe(`kv01${Number(port) === 80 ? '' : `:${port}`}`)
})
