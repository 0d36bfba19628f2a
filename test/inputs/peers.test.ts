import { describe, expect, it } from 'vitest'
import { parsePeers } from '../../src/inputs/peers.ts'

const read = (text: string, raft: readonly number[] = []) => parsePeers(text, { sqs: 9_324, raft })
const urlsOf = (text: string) => read(text).peers.map(({ url }) => url)

describe('a peer', () => {
  it.each([
    ['kv01', 'http://kv01:9324/sqs_health'],
    ['kv01.example.ts.net', 'http://kv01.example.ts.net:9324/sqs_health'],
    ['kv_01-a.internal:1', 'http://kv_01-a.internal:1/sqs_health'],
    ['10.0.0.1', 'http://10.0.0.1:9324/sqs_health'],
    ['10.0.0.1:80', 'http://10.0.0.1/sqs_health'],
    ['10.0.0.1:65535', 'http://10.0.0.1:65535/sqs_health'],
    ['http://10.0.0.1', 'http://10.0.0.1/sqs_health'],
    ['http://10.0.0.1:9324/base', 'http://10.0.0.1:9324/base/sqs_health'],
    ['https://10.0.0.1:8443', 'https://10.0.0.1:8443/sqs_health'],
    ['host:00080', 'http://host/sqs_health'],
    ['[::1]', 'http://[::1]:9324/sqs_health'],
    ['[2001:DB8::1]:80', 'http://[2001:db8::1]/sqs_health'],
    ['[::ffff:10.0.0.1]:99', 'http://10.0.0.1:99/sqs_health'],
    ['größe.example', 'http://xn--gre-6ka8i.example:9324/sqs_health'],
    ['http://kv01', 'http://kv01/sqs_health'],
    ['HTTPS://kv01', 'https://kv01/sqs_health'],
    ['https://kv01:8443/base/', 'https://kv01:8443/base/sqs_health'],
    ['http://kv01/a/b//', 'http://kv01/a/b/sqs_health'],
    ['http://[::1]:9324', 'http://[::1]:9324/sqs_health'],
    ['http://kv01/a=b', 'http://kv01/a=b/sqs_health'],
    ['http://kv01/sqs_healthy', 'http://kv01/sqs_healthy/sqs_health'],
  ])('%s is asked at %s', (text, url) => {
    expect(read(text)).toEqual({
      peers: [{ name: text, names: [text], address: text, url, raftAddresses: [] }],
      problems: [],
      warnings: [],
    })
  })

  it('may have a name in front, without blanks around it', () => {
    expect(read(' n1 = kv01:1 ').peers).toEqual([
      {
        name: 'n1',
        names: ['n1'],
        address: 'kv01:1',
        url: 'http://kv01:1/sqs_health',
        raftAddresses: [],
      },
    ])
    expect(read('10.0.0.1:50051=10.0.0.1:9324').peers[0]).toMatchObject({
      name: '10.0.0.1:50051',
      address: '10.0.0.1:9324',
    })
    expect(read('n1=https://kv01/x').peers[0]).toMatchObject({
      name: 'n1',
      url: 'https://kv01/x/sqs_health',
    })
  })

  it.each(['größe-1', 'узел_1', 'नोड१', '節点', 'e\u0301', 'a-_.:/@[]1', 'eu/n1@dc.1'])(
    'may have the name %s',
    (name) => {
      expect(read(`${name}=kv01`)).toMatchObject({ peers: [{ name, names: [name] }], problems: [] })
    },
  )

  it.each([
    ['the first', 'found blanks'],
    ['n🙂', 'found "🙂" in the name, expected letters, digits and -_.:/@[] only'],
    ['n①', 'found "①" in the name'],
    ['n+1', 'found "+" in the name'],
    ['n\ufe0f', 'the invisible character U+FE0F'],
    ['\u3164', 'the invisible character U+3164'],
    ['n1://x', 'expected the scheme'],
    ['-http://kv00', 'found a URL in front'],
    ['', 'found nothing in front of the "="'],
  ])('may not have the name %j', (name, words) => {
    const { peers, problems } = read(`${name}=kv01`)
    expect(peers).toEqual([])
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(words)
  })

  it('may have a name of 100 characters', () => {
    for (const char of ['n', '𝒏']) {
      expect(read(`${char.repeat(100)}=kv01`).peers[0]?.name).toBe(char.repeat(100))
      expect(read(`${char.repeat(101)}=kv01`).problems[0]).toMatch(
        /: found a name of 101 characters, expected 1 to 100$/,
      )
    }
  })
})

describe('a list of peers', () => {
  it('is separated by new lines of every kind and by commas, in its order', () => {
    expect(read('a,b\nc\r\nd\re, f ').peers.map(({ name }) => name)).toEqual([...'abcdef'])
  })

  it('may have blank lines and lines that start with #', () => {
    expect(read('\n# a, b=c\n  \n\t# x\nkv01\n\n').peers.map(({ name }) => name)).toEqual(['kv01'])
  })

  it.each(['', '  \n\t\n', '# kv01', '\n#\n'])('without peers is a problem: %j', (text) => {
    const { peers, problems } = read(text)
    expect(peers).toEqual([])
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^peers: found no peers, expected at least one/)
  })

  it('polls a shared address once, in the place of the first, with all names', () => {
    const { peers, problems, warnings } = read('n1=a:1\nn2=b\nn3=http://A:1/\nn4=b\nn1=a:1')
    expect([problems, warnings]).toEqual([[], []])
    expect(peers.map(({ name }) => name)).toEqual(['n1, n3', 'n2, n4'])
    expect(peers.map(({ names }) => names.length)).toEqual([2, 2])
  })

  it.each([
    ['n1=a,n1=b', '"n1" at 2 addresses, "a" and "b"'],
    ['n1=a\nn2=c\nn1=https://a/base', '"n1" at 2 addresses, "a" and "https://a/base"'],
    ['n1=a,n1=a:1,n1=a:2,n1=a:3,n1=a', '"n1" at 4 addresses, "a", "a:1", "a:2" and 1 more'],
    ['a=b,a', '"a" at 2 addresses, "b" and "a"'],
    ['10.0.0.1:1=a,10.0.0.1:1=b', '"10.0.0.1:1" at 2 addresses'],
  ])('has a problem where a name is at two addresses: %s', (text, words) => {
    const { problems } = read(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`peers: found the name ${words}`)
    expect(problems[0]).toContain('expected one address for each name')
  })

  it('tells of a name at two addresses beside other problems', () => {
    expect(read('n1=a,n1=b,n2=c:0').problems).toEqual([
      'peers: entry 3 "n2=c:0": found port "0", expected 1 to 65535',
      'peers: found the name "n1" at 2 addresses, "a" and "b", expected one address for each name',
    ])
  })

  it('does not show one name at two addresses where both may be pieces of a password', () => {
    const { problems } = read('n1=http://user:1,hunter2=x,hunter2=y,b@kv01')
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('user info')
    expect(problems[0]).not.toContain('hunter2')
  })

  it.each([
    ['Array', 'found "Array"'],
    ['Object', 'found "Object"'],
    ['null', 'found "null"'],
    ['undefined', 'found "undefined"'],
    ['n1=null', 'found "null"'],
    ['undefined:9324', 'found "undefined"'],
    ['http://undefined:9324/x', 'found "undefined"'],
    ['[object Object]', 'found "[object Object]"'],
    ['n1=[object Object]', 'found "[object Object]"'],
  ])('has a problem where an expression left %s', (text, words) => {
    const { problems } = read(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(words)
    expect(problems[0]).toContain('toJSON(…) or join(…) around a list')
  })

  it.each(['array', 'nullhost', 'null.test', 'Array01'])('may hold the host %s', (host) => {
    expect(read(host).problems).toEqual([])
  })

  it('does not take different schemes, ports or paths for one address', () => {
    expect(urlsOf('a,a:1,http://a,https://a,http://a/x,http://a/y')).toHaveLength(6)
    expect(read('a,a:1,http://a').warnings).toEqual([])
  })
})

describe('a bad entry', () => {
  it.each([
    ['=a', 1, 'expected a name'],
    ['a\u202eb=c', 1, 'invisible character U+202E'],
    ['a:0', 1, 'found port "0", expected 1 to 65535'],
    ['a:65536', 1, 'found port "65536"'],
    ['a:', 1, 'found port ""'],
    ['a:http', 1, 'found no port number'],
    ['a:-1', 1, 'found no port number'],
    ['a:+1', 1, 'found no port number'],
    ['a:1/x', 1, 'found a path, expected http:// or https:// in front of it'],
    ['a:1x', 1, 'found no port number'],
    ['http:/a', 1, 'expected "//" after the scheme'],
    ['http://a:0', 1, 'found port "0"'],
    ['http://a:65536/x', 1, 'found port "65536"'],
    ['http://a:', 1, 'found port ""'],
    ['http://[::1]:x', 1, 'found no port number'],
    ['[::1]:65536', 1, 'found port "65536"'],
    ['::1', 1, 'brackets around an IPv6 address'],
    ['2001:db8::1:9324', 1, 'brackets around an IPv6 address'],
    ['[::g]', 1, 'expected host, host:port'],
    ['[fe80::1%eth0]', 1, 'expected host, host:port'],
    ['[:::]', 1, 'expected a valid host name or IP address'],
    ['n1=(http://a', 1, 'found a path'],
    ['n1=(a', 1, 'expected host, host:port'],
    ['a/b', 1, 'found a path'],
    ['a?b', 1, 'expected host, host:port'],
    ['$(id)', 1, 'expected host, host:port'],
    ['1.2.3.4.5', 1, 'expected a valid host name or IP address'],
    ['256.1.1.1', 1, 'expected a valid host name or IP address'],
    ['http://a?b', 1, 'found a query'],
    ['http://a/?', 1, 'found a query'],
    ['http://a/#b', 1, 'found a fragment'],
    ['http://a#', 1, 'found a fragment'],
    ['ftp://a', 1, 'expected the scheme http or https'],
    ['file:///etc/passwd', 1, 'expected the scheme http or https'],
    ['httpss://a', 1, 'expected the scheme http or https'],
    ['xhttp://a', 1, 'expected the scheme http or https'],
    ['n1=ws://a', 1, 'expected the scheme http or https'],
    ['http://', 1, 'found no host in the URL'],
    ['http:///a', 1, 'found no host in the URL'],
    ['http://a b', 1, 'found blanks'],
    ['http://a\\b', 1, 'found blanks, backslashes'],
    ['http://a/\u200b', 1, 'invisible character U+200B'],
    ['http://a/\tb', 1, 'found blanks'],
    ['http://[::1', 1, 'expected host, host:port'],
    ['http://a<b', 1, 'expected host, host:port'],
    ['http://a+n2=b', 1, 'expected host, host:port'],
    ['a,,b', 2, 'empty peer address, found nothing, expected an address'],
    ['n1=', 1, 'empty peer address, found nothing behind the "=", expected an address'],
    ['a:1#x', 1, 'found "#" behind an entry, expected a comment on a line of its own'],
    ['n1:kv01:1', 1, 'found more than one colon, expected host:port or name=host:port'],
    ['10.0.0.1:1:2', 1, 'found more than one colon, expected host:port or name=host:port'],
    ['fe80::1%eth0', 1, 'expected brackets around an IPv6 address'],
    ['a,', 2, 'empty peer address, found a comma at the end of the list'],
    ['a,\nb', 2, 'empty peer address, found a comma at the end of the list or of a line'],
    ['http://a/sqs_health', 1, 'found /sqs_health at the end'],
    ['a\nb:x', 2, 'found no port number'],
    ['# a\nb:x', 1, 'found no port number'],
  ])('%j: entry %i, %s', (text, index, words) => {
    const { problems } = read(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^peers: entry ${index}\\b`))
    expect(problems[0]).toContain(words)
  })

  it('is told together with all the others, without invisible characters', () => {
    const { problems } = read('a:0,ok\nb c\n\x1b[2J')
    expect(problems).toHaveLength(3)
    expect(problems[2]).toBe('peers: entry 4: found the invisible character U+001B, expected none')
  })
})

describe('a list that hides nodes', () => {
  const where = (text: string) => read(text).warnings.join('\n')

  it.each(['\u2028', '\u2029', '\v', '\f'])('ends a comment at %j, as it shows', (char) => {
    const { peers, problems } = read(`# all nodes${char}kv01\nkv02`)
    expect([peers.map(({ name }) => name), problems]).toEqual([['kv01', 'kv02'], []])
  })

  it('is refused where a comment hides a new line that is no blank', () => {
    expect(read('# all nodes\u0085kv01\nkv02').problems).toEqual([
      'peers: entry 1: found the invisible character U+0085, expected none',
    ])
  })

  it.each([
    '# nodes n1=kv00, n2=kv02',
    '# n1=kv00,n2=kv02',
    '  # n1=kv00 n2=kv02',
    '# kv00:9324 kv02:9324',
    '# http://kv00 http://kv02',
    '# nodes\\nn1=kv00\\nn2=kv02',
  ])('in the comment %j is warned of', (comment) => {
    const { peers, problems, warnings } = read(`${comment}\nkv01`)
    expect([peers.length, problems]).toEqual([1, []])
    expect(warnings).toHaveLength(1)
    const shown = comment.includes('//') ? '' : ` "${comment.trim()}"`
    expect(warnings[0]).toContain(`the comment${shown} looks as if it held entries`)
  })

  it.each(['# n3=kv03', '#', '# the nodes, all of them', '# at 10:30'])(
    'is not in the comment %j',
    (comment) => expect(where(`${comment}\nkv01`)).toBe(''),
  )

  it('is warned of without what may be user info, and also beside problems', () => {
    const { problems, warnings } = read('# n1=http://u:hunter2@kv00, n2=kv02\nkv01:0')
    expect([problems.length, warnings.length]).toEqual([1, 1])
    expect(warnings.join()).not.toContain('hunter2')
  })
})

describe('Raft addresses', () => {
  const raft = (text: string) => read(text, [50_051]).peers.map((peer) => peer.raftAddresses)

  it('are none without raft-port', () => {
    expect(read('10.0.0.1:50051=10.0.0.1').peers[0]?.raftAddresses).toEqual([])
  })

  it.each([
    ['kv01', ['kv01:50051']],
    ['10.0.0.1:9324', ['10.0.0.1:50051']],
    ['n1=kv01:9324', ['kv01:50051']],
    ['n1=https://KV01:8443/base', ['kv01:50051']],
    ['n1=[::1]:9324', ['[::1]:50051']],
    ['[::ffff:10.0.0.1]', ['10.0.0.1:50051']],
    ['10.0.0.1:50052=10.0.0.1:9324', ['10.0.0.1:50052']],
    ['kv01:80=10.0.0.1', ['kv01:80']],
    ['[2001:DB8::1]:50052=kv01', ['[2001:db8::1]:50052']],
    ['n:1:2=kv01', ['kv01:50051']],
    ['a:1=kv01,n1=kv01,b:2=kv01,a:1=kv01', ['a:1', 'b:2']],
    ['n1=kv01,n2=kv01', ['kv01:50051']],
  ])('of %s', (text, expected) => {
    expect(raft(text)).toEqual([expected])
  })

  it('are those of each raft-port where none is in front', () => {
    const { peers } = read('n1=kv01,b:1=kv02,n2=kv02', [50_051, 50_061])
    expect(peers.map(({ raftAddresses }) => raftAddresses)).toEqual([
      ['kv01:50051', 'kv01:50061'],
      ['b:1'],
    ])
  })

  it.each([
    ['0.0.0.0:50051=10.0.0.1', 'found an unspecified'],
    ['n1:70000=10.0.0.1', 'found port "70000", expected 1 to 65535'],
    ['n1:500510=10.0.0.1', 'found no port number'],
  ])('that cannot be asked are a problem, if they are to be asked: %s', (text, words) => {
    expect(read(text).problems).toEqual([])
    expect(read(text, [50_051]).problems[0]).toContain(
      `the Raft address in front of the "=": ${words}`,
    )
  })
})

describe('user info', () => {
  it.each([
    'http://user:hunter2@kv01',
    'https://hunter2@kv01:1/x',
    'n1=http://user:hunter2@kv01',
    'user:hunter2@kv01',
    'n1=user:hunter2@kv01:9324',
    'http://user:hunter2,hunter2@kv01',
    'http://user:a,hunter2,hunter2,b@kv01',
    'kv00,http://user:p=hunter2@kv01',
    'ftp://user:hunter2@kv01',
    'http:/user:hunter2@kv01',
    'http://user:hunter2@kv01:99999',
    'http://user:hunter2@',
    'user@hunter2@kv01',
    '[user:hunter2@::1]',
    'http://user:hunter2@kv01\nkv01',
    'user:hunter2@kv00=kv01',
    'user:hunter2@kv00/x=kv01',
    'kv00 http://user:hunter2@kv01',
    'kv00;http://user:hunter2@kv01',
    '["http://user:hunter2@kv01"]',
    '["user:hunter2@kv00=kv01"]',
    '{"n1":"user:hunter2@kv01"}',
    '{"user:hunter2@kv00":"kv01"}',
    'user:hunter2%40kv01',
    'https://user:hunter2%40kv01',
    'user:hunter2＠kv01',
    'https://user:hunter2﹫kv01',
    'https://user:1,hunter2 x,b＠kv01',
    '["user:hunter2%40kv01"]',
    '{"n1":"user:hunter2＠kv01"}',
    '{"user:hunter2%40kv01":"kv01"}',
  ])('in %s is a problem that does not show it', (text) => {
    const { problems, warnings } = read(text)
    expect(problems.length).toBeGreaterThan(0)
    expect([...problems, ...warnings].join('\n')).not.toMatch(/hunter2|user:/)
    expect(problems.join('\n')).toContain('user info')
  })

  it.each([
    'https://kv01/?token=hunter2',
    'https://kv01?hunter2',
    'https://kv01/#hunter2',
    'https://kv01/hunter2/sqs_health',
    'https://kv01/hunter2;x',
    'https://user:hunter2',
    'https://user:hunter2/kv01',
    'https://user:hunter2,kv01:0',
    'https://user:1234567890',
    'user:hunter2',
    'n1=user:hunter2',
    'user:hunter2:kv01',
    'user:hunter2/kv01',
    'ftp://user:hunter2',
    'https://kv01 hunter2',
    'n1=https://kv01/?a=b, hunter2 x',
    'https://kv01/?a=b\tn2=hunter2',
    'https://kv01/?token=hunter2, kv02 kv03',
    '["https://kv01/?token=hunter2"]',
    '{"n1":"https://kv01/?token=hunter2"}',
    '{"n1":"https://user:hunter2"}',
    '# nodes, n1=https://kv01/?token=hunter2\nkv01:0',
  ])('or a token is not shown without an "@" either: %s', (text) => {
    const { problems, warnings } = read(text)
    expect(problems.length).toBeGreaterThan(0)
    expect([...problems, ...warnings].join('\n')).not.toMatch(/hunter2|1234567/)
  })

  it('is no reason to show nothing: what is host and port only is quoted', () => {
    for (const text of ['n1=kv01:0', 'http://kv01:0', 'kv01 kv02:1', '10.0.0.1:0=kv01:0']) {
      expect(read(text).problems[0]).toContain(`peers: entry 1 "${text}": found`)
    }
  })

  it('is not looked for in a path', () => {
    expect(urlsOf('http://kv01/@x')).toEqual(['http://kv01/@x/sqs_health'])
  })
})

it.each([
  '10.0.0.010',
  '010.0.0.1:9324',
  '0x7f.1',
  '127.1',
  '2130706433',
  '9324',
  'http://127.0.0.010:9324',
  '１２７.0.0.1',
])('refuses %s, which a URL would take for another address', (address) => {
  const { peers, problems } = read(address)
  expect(peers).toEqual([])
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain('IPv4 address as four plain decimal numbers')
})
