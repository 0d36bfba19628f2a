import { describe, expect, it } from 'vitest'
import { type Contact, findMachines, findMisplaced } from '../../src/membership/machines.ts'
import { makePeer } from '../support/rounds.ts'

interface Reached {
  /** The base URL without `/sqs_health`; `http://<name>.internal:9324` unless told otherwise. */
  readonly url?: string
  readonly names?: readonly string[]
  /** The Raft addresses that are asked. */
  readonly asks?: readonly string[]
  readonly sqs?: readonly string[]
  readonly raft?: readonly string[]
}

function contact(
  name: string,
  { url, names = [name], asks = [], sqs = [], raft = [] }: Reached,
): Contact {
  const base = url ?? `http://${name}.internal:9324`
  const peer = makePeer(name, { names, url: `${base}/sqs_health`, raftAddresses: asks })
  return { peer, sqs, raft }
}

const find = (...contacts: readonly Contact[]) =>
  findMachines(contacts, new Set(['192.168.1.5', 'fd00::5']))

describe('one machine by two names', () => {
  it.each([
    ['the same SQS address', { sqs: ['10.0.0.1:9324'] }, { sqs: ['10.0.0.1:9324'] }],
    [
      'one of several SQS addresses',
      { sqs: ['[fd00::1]:9324', '10.0.0.1:9324'] },
      { sqs: ['10.0.0.1:9324'] },
    ],
    ['the same remote at Raft', { raft: ['10.0.0.1:50051'] }, { raft: ['10.0.0.1:50051'] }],
    [
      'the same remote at Raft, with SQS elsewhere',
      { sqs: ['10.0.0.1:1'], raft: ['10.0.0.9:50051'] },
      { sqs: ['10.0.0.2:1'], raft: ['10.0.0.9:50051'] },
    ],
    ['the same Raft address to ask', { asks: ['a:1', 'b:1'] }, { asks: ['c:1', 'B:1'] }],
    [
      'an address to ask at which the other one ended',
      { asks: ['10.0.0.1:1'] },
      { asks: ['kv02:1'], raft: ['10.0.0.1:1'] },
    ],
    [
      'one plain gateway by two host names, however each is asked for members',
      { sqs: ['10.0.0.1:80'], asks: ['a:1'] },
      { sqs: ['10.0.0.1:80'], asks: ['b:1'] },
    ],
  ])('is found by %s, once', (_, one, other) => {
    const third = contact('n3', { sqs: ['10.0.0.3:9324'], raft: ['10.0.0.3:50051'] })
    expect(find(contact('n1', one), contact('n2', other), third)).toEqual({
      shared: [['n1', 'n2']],
      warnings: [],
    })
  })

  it.each([
    ['different ports of one host', { sqs: ['10.0.0.1:1'] }, { sqs: ['10.0.0.1:2'] }],
    [
      'a port that is SQS for one and Raft for the other',
      { sqs: ['10.0.0.1:1'] },
      { raft: ['10.0.0.1:1'] },
    ],
    ['nothing that is known, behind a proxy', {}, {}],
  ])('is not found by %s', (_, one, other) => {
    expect(find(contact('n1', one), contact('n2', other))).toEqual({ shared: [], warnings: [] })
  })

  it('is told by all names of the peers', () => {
    const sqs = ['10.0.0.1:1']
    const all = [
      contact('ab', { names: ['a', 'b'], sqs }),
      contact('c', { sqs }),
      contact('d', { sqs }),
    ]
    expect(find(...all).shared).toEqual([['a', 'b', 'c', 'd']])
  })

  it('is no matter of one peer that ended at an address twice', () => {
    const twice = ['10.0.0.1:1', '10.0.0.1:1']
    expect(find(contact('n1', { sqs: twice, raft: twice, asks: ['a:1', 'A:1'] })).shared).toEqual(
      [],
    )
  })
})

describe('peers of one gateway', () => {
  const sqs = ['10.0.0.9:443']
  const behind = (...urls: readonly string[]) =>
    urls.map((url, at) =>
      contact(`n${at}`, { url, sqs, asks: [`kv${at}:1`], raft: [`10.0.0.${at}:1`] }),
    )

  it.each([
    ['base paths', ['http://gw/a', 'http://gw/b']],
    ['https host names', ['https://a.gw', 'https://b.gw']],
    ['both', ['https://a.gw/x', 'https://b.gw/x', 'https://b.gw/y']],
  ])('with Raft addresses of their own are a warning where they differ in %s', (_, urls) => {
    const { shared, warnings } = find(...behind(...urls))
    expect(shared).toEqual([])
    expect(warnings).toEqual([
      `peers: ${urls
        .map((__, at) => `n${at}`)
        .join(', ')
        .replace(
          /, (?=[^,]+$)/,
          ' and ',
        )} are behind one gateway, 10.0.0.9:443; the gate cannot tell them apart there`,
    ])
  })

  it.each([
    ['http host names', ['http://a.gw', 'http://b.gw']],
    ['ports of the same path', ['https://a.gw/x', 'https://a.gw:444/x']],
    ['nothing for two of three', ['http://a.gw/x', 'http://b.gw/y', 'http://c.gw/y']],
  ])('are one where they differ in %s', (_, urls) => {
    expect(find(...behind(...urls)).shared).toHaveLength(1)
  })

  it('are one where members are not asked for, or one of them has no Raft address', () => {
    const [one, other] = behind('http://gw/a', 'http://gw/b')
    if (one === undefined || other === undefined) throw new Error('two peers')
    const silent = { ...other, peer: { ...other.peer, raftAddresses: [] } }
    expect(find(one, silent).shared).toEqual([['n0', 'n1']])
  })

  it('are one where their Raft calls ended at one listener', () => {
    const all = behind('http://gw/a', 'http://gw/b').map((one) => ({
      ...one,
      raft: ['10.0.0.1:1'],
    }))
    expect(find(...all)).toEqual({
      shared: [['n0', 'n1']],
      warnings: [expect.stringContaining('n0 and n1 are behind one gateway')],
    })
  })
})

describe('addresses of the runner itself', () => {
  const warning = (names: string) =>
    `peers: ${names} ${names.includes(' and ') ? 'lead' : 'leads'} to this runner itself. Unless the node really runs here, another node was not asked: use the address that other machines use for it.`
  const at = (name: string, ip: string, more: Reached = {}) =>
    contact(name, { sqs: [`${ip}:9324`], ...more })

  it.each([
    ['a name that leads to it, among others', [at('n1', '127.0.0.1'), at('n2', '10.0.0.2')], 'n1'],
    ['the same over IPv6', [at('n1', '[::1]'), at('n2', '10.0.0.2')], 'n1'],
    ['an address of its network', [at('n1', '[fd00::5]'), at('n2', '10.0.0.2')], 'n1'],
    [
      'two names, to the loopback and to its network',
      [at('n1', '192.168.1.5'), at('n2', '127.0.1.1')],
      'n1 and n2',
    ],
    [
      'two addresses that are written as such',
      [
        at('n1', '192.168.1.5', { url: 'http://192.168.1.5:9324' }),
        at('n2', '127.0.0.1', { url: 'http://127.0.0.1:9324' }),
      ],
      'n1 and n2',
    ],
    [
      'Raft addresses, where SQS is behind a proxy',
      [
        contact('n1', { raft: ['192.168.1.5:50051'] }),
        contact('n2', { raft: ['127.0.0.1:50051'] }),
      ],
      'n1 and n2',
    ],
  ])('are a warning: %s', (_, contacts, names) => {
    expect(find(...contacts)).toEqual({ shared: [], warnings: [warning(names)] })
  })

  it.each([
    [
      'all nodes are at one address, by its ports',
      [at('n1', '127.0.0.1'), contact('n2', { sqs: ['127.0.0.1:9325'] })],
    ],
    [
      'all are loopback addresses that are written as such',
      [
        at('n1', '127.0.0.1', { url: 'http://127.0.0.1:9324' }),
        at('n2', '127.0.0.2', { url: 'http://127.0.0.2:9324' }),
        at('n3', '[::1]', { url: 'http://localhost:9324' }),
      ],
    ],
    ['others were not reached', [at('n1', '127.0.0.1'), contact('n2', {})]],
    ['none leads there', [at('n1', '10.0.0.1'), at('n2', '192.168.1.6')]],
  ])('are fine where %s', (_, contacts) => {
    expect(find(...contacts).warnings).toEqual([])
  })

  it('are told up to a number', () => {
    const many = Array.from({ length: 7 }, (_, n) => at(`n${n}`, `127.0.0.${n + 1}`))
    expect(find(...many).warnings).toEqual([warning('n0, n1, n2, n3, n4 and 2 more')])
  })
})

it.each([
  ['a dot at the end of a host name', 'https://gw.test', 'https://gw.test.'],
  ['an escape in the path', 'https://gw.test/a', 'https://gw.test/%61'],
])('peers of one gateway are not told apart by %s', (_, one, other) => {
  const sqs = ['10.0.0.9:443']
  const all = [
    contact('n1', { url: one, sqs, asks: ['a:1'] }),
    contact('n2', { url: other, sqs, asks: ['b:1'] }),
  ]
  expect(find(...all)).toEqual({ shared: [['n1', 'n2']], warnings: [] })
})

describe('a peer that was asked elsewhere than where the cluster knows its member', () => {
  const n1 = contact('n1', { raft: ['10.0.0.1:50051'] })
  const member = (id: string, address: string) => ({ id, address, suffrage: 'voter' })
  const known = [member('n1', '10.0.0.1:50051'), member('n2', '10.0.0.2:50051')]

  it('is warned of, with that address, once for all of its groups', () => {
    const n2 = contact('n2', { raft: ['10.0.0.11:50051', '10.0.0.11:50061'] })
    expect(findMisplaced([n1, n2], [...known, member('n2', '10.0.0.2:50061')])).toEqual([
      'peers: not asked at the address that the cluster has for it: n2 (10.0.0.2). If that is another machine than the one in the list, a member was not asked.',
    ])
  })

  it('is warned of at an IPv6 address as well', () => {
    const n2 = contact('n2', { raft: ['[fd00::9]:50051'] })
    const [warning] = findMisplaced(
      [n1, n2],
      [...known.slice(0, 1), member('n2', '[fd00::2]:50051')],
    )
    expect(warning).toContain('n2 ([fd00::2])')
  })

  it.each([
    ['where it was asked nowhere', {}, known],
    ['where it was asked there as well', { raft: ['10.0.0.11:50051', '10.0.0.2:1'] }, known],
    [
      'where the cluster has a name for it',
      { raft: ['10.0.0.2:50051'] },
      [member('n1', '10.0.0.1:50051'), member('n2', 'kv02:50051')],
    ],
    [
      'where no member is known at an address that was asked: they are those inside of the cluster',
      { raft: ['10.0.0.2:50051'] },
      [member('n1', '192.168.0.1:50051'), member('n2', '192.168.0.2:50051')],
    ],
    ['where it is not in the list', { names: ['other'], raft: ['10.0.0.9:50051'] }, known],
    ['where the cluster was not asked', {}, []],
  ])('is not warned of %s', (_, reached, members) => {
    expect(findMisplaced([n1, contact('n2', reached)], members)).toEqual([])
  })
})
