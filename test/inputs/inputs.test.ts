import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadInputs } from '../../src/inputs/inputs.ts'
import { makeCertificate } from '../support/certificates.ts'
import { inputEnv } from '../support/inputs.ts'

const { certificate, key } = makeCertificate('one')

/** Loads inputs from a plain object; files are read from another one. */
function load(
  inputs: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  env: NodeJS.ProcessEnv = {},
) {
  return loadInputs({
    file(path) {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no file'), { code: 'ENOENT' })
      return text
    },
    env: { ...env, ...inputEnv(inputs) },
  })
}
const problemsOf = (inputs: Readonly<Record<string, string>>) =>
  load({ peers: 'kv01', ...inputs }).problems

describe('inputs that are not set', () => {
  it('have the defaults of action.yml', () => {
    const { inputs, problems, warnings, secrets, masks } = load({ peers: 'kv01' })
    expect([problems, warnings, secrets, masks]).toEqual([[], [], [], []])
    expect(inputs).toMatchObject({
      timeoutMs: 3_000,
      capability: 'htfifo',
      waitMs: 0,
      intervalMs: 5_000,
      stableRounds: 1,
      queues: [],
      raftPorts: [],
      summary: true,
      headers: {},
      tls: { ca: '', certificate: '', key: '' },
    })
    expect(inputs.peers[0]?.url).toBe('http://kv01:9324/sqs_health')
    expect(inputs.routes.get('http://kv01:9324/sqs_health')).toEqual({ kind: 'direct' })
  })

  it('are a problem where there are no peers', () => {
    expect(load({}).problems).toHaveLength(1)
    expect(load({}).problems[0]).toMatch(/^peers: found no peers/)
  })
})

describe('inputs at their limits', () => {
  it.each([
    ['timeout', '1ms', 'timeoutMs', 1],
    ['timeout', '10m', 'timeoutMs', 600_000],
    ['wait', '0s', 'waitMs', 0],
    ['wait', '24h', 'waitMs', 86_400_000],
    ['interval', '100ms', 'intervalMs', 100],
    ['interval', '1h', 'intervalMs', 3_600_000],
    ['stable-rounds', '1', 'stableRounds', 1],
    ['stable-rounds', '1000', 'stableRounds', 1_000],
    ['capability', 'x'.repeat(100), 'capability', 'x'.repeat(100)],
    ['capability', 'other', 'capability', 'other'],
    ['raft-port', 'none', 'raftPorts', []],
    ['raft-port', '1', 'raftPorts', [1]],
    ['raft-port', '65535', 'raftPorts', [65_535]],
    ['raft-port', '50051, 50061,50071', 'raftPorts', [50_051, 50_061, 50_071]],
    ['partition-map', 'none', 'queues', []],
    ['summary', 'true', 'summary', true],
    ['summary', 'false', 'summary', false],
    ['summary', 'False', 'summary', false],
  ] as const)('%s: %s', (name, text, field, value) => {
    const { inputs, problems } = load({ peers: 'kv01', [name]: text })
    expect(problems).toEqual([])
    expect(inputs[field]).toEqual(value)
  })

  it.each(['1', '65535'])('default-port: %s', (port) => {
    const { inputs, problems } = load({ peers: 'kv01', 'default-port': port })
    expect(problems).toEqual([])
    expect(inputs.peers[0]?.url).toBe(`http://kv01:${port}/sqs_health`)
  })
})

describe('inputs past their limits', () => {
  it.each([
    ['timeout', '0s', '1ms to 10m'],
    ['timeout', '999us', '1ms to 10m'],
    ['timeout', '10m1ms', '1ms to 10m'],
    ['timeout', '3', '1ms to 10m'],
    ['timeout', '-3s', '1ms to 10m'],
    ['wait', '24h1ms', '0s to 24h'],
    ['wait', '10', '0s to 24h'],
    ['interval', '99ms', '100ms to 1h'],
    ['interval', '61m', '100ms to 1h'],
    ['interval', 'never', '100ms to 1h'],
    ['stable-rounds', '0', '1 to 1000'],
    ['stable-rounds', '1001', '1 to 1000'],
    ['stable-rounds', '1.5', '1 to 1000'],
    ['stable-rounds', '1e2', '1 to 1000'],
    ['default-port', '0', '1 to 65535'],
    ['default-port', '65536', '1 to 65535'],
    ['default-port', '-1', '1 to 65535'],
    ['default-port', 'http', '1 to 65535'],
    ['default-port', '0x50', '1 to 65535'],
    ['default-port', '9999999999', '1 to 65535'],
    ['expected-peers', '0', '1 to 999999999'],
    ['expected-peers', 'two', '1 to 999999999'],
    ['expected-peers', 'None', 'or "none"'],
    ['stable-rounds', 'none', '1 to 1000'],
    ['capability', 'x'.repeat(101), '1 to 100 printable'],
    ['capability', 'htfifo,other', 'expected one capability, not a list'],
    ['capability', 'htfifo;other', 'expected one capability, not a list'],
    ['raft-port', '0', '1 to 65535'],
    ['raft-port', '65536', '1 to 65535'],
    ['raft-port', '50051,', '1 to 65535'],
    ['raft-port', '50051;50052', 'several with commas'],
    ['raft-port', '50051 50052', 'several with commas'],
    ['raft-port', '50051,0', 'or "none"'],
    ['raft-port', 'None', 'or "none"'],
    ['summary', 'no', 'expected true or false'],
    ['summary', '0', 'expected true or false'],
    ['summary', 'truee', 'expected true or false'],
    ['capability', 'a\u202eb', '1 to 100 printable'],
  ])('%s: %s', (name, text, expected) => {
    const problems = problemsOf({ [name]: text })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${name}: found "`))
    expect(problems[0]).toContain(`expected`)
    expect(problems[0]).toContain(expected)
    expect(problems[0]).not.toContain('\u202e')
  })
})

describe('expected-peers', () => {
  it('counts distinct peers', () => {
    expect(problemsOf({ peers: 'a,b,a', 'expected-peers': '2' })).toEqual([])
    expect(problemsOf({ peers: 'a,b,a', 'expected-peers': '3' })).toEqual([
      'expected-peers: found 2 distinct peers in the list, expected 3',
    ])
    expect(problemsOf({ peers: 'a,b', 'expected-peers': '1' })).toHaveLength(1)
  })

  it('is not compared with a list that has problems of its own', () => {
    expect(problemsOf({ peers: 'a,b:0', 'expected-peers': '7' })).toHaveLength(1)
  })
})

describe('certificates and keys', () => {
  it('are PEM text or the path of a file', () => {
    const read = load({ peers: 'kv01', 'ca-certificate': 'ca.pem' }, { 'ca.pem': 'no PEM' })
    expect(read.inputs.tls.ca).toBe('no PEM')
    expect(read.problems).toEqual([
      'ca-certificate: found no certificate, expected PEM text or the path of a PEM file',
    ])
    const text = '-----BEGIN CERTIFICATE-----'
    expect(load({ peers: 'kv01', 'ca-certificate': text }).inputs.tls.ca).toBe(text)
  })

  it('name a file that cannot be read', () => {
    const problems = problemsOf({ 'ca-certificate': 'no\u200b.pem' })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(
      /^ca-certificate: the file "no\\u\{200b\}\.pem" cannot be read \(EN/,
    )
  })

  it('are not shown where they may be a key that lost its first line', () => {
    for (const key of ['TUlHSEFnRUFNQk1HQnlxR1NN', 'TUlHSEFn\nRUFNQk1HQnlxR1NN']) {
      const problems = problemsOf({ 'client-key': key }).join('\n')
      expect(problems).toMatch(/^client-key: the file cannot be read \(ENOENT\)/)
      expect(problems).not.toMatch(/TUlHSEFn|RUFN/)
    }
    expect(problemsOf({ 'ca-certificate': 'TUlH\nSEFn' }).join()).not.toContain('TUlH')
    expect(problemsOf({ 'client-certificate': 'TUlHSEFn' }).join()).not.toContain('TUlH')
  })

  it.each(['ca-certificate', 'client-certificate', 'client-key'])(
    'are no empty file: %s',
    (name) => {
      const { problems } = load({ peers: 'kv01', [name]: 'empty.pem' }, { 'empty.pem': ' \n' })
      expect(problems).toContain(`${name}: the file is empty, expected PEM`)
    },
  )

  it.each([
    ['client-certificate', certificate, 'client-key'],
    ['client-key', key, 'client-certificate'],
  ])('need each other: %s', (given, pem, missing) => {
    expect(problemsOf({ [given]: pem })).toEqual([
      `${missing}: found none, expected one, because ${given} is given`,
    ])
  })

  it.each(['nowhere.pem', 'empty.pem'])('are one problem where one cannot be used, %s', (path) => {
    for (const [one, other] of [
      ['client-key', 'client-certificate'],
      ['client-certificate', 'client-key'],
    ] as const) {
      const pem = one === 'client-key' ? certificate : key
      const { problems } = load({ peers: 'kv01', [one]: path, [other]: pem }, { 'empty.pem': ' ' })
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(new RegExp(`^${one}: the file`))
    }
  })
})

describe('secrets', () => {
  it('are the values of headers; what the outputs hold is not masked', () => {
    const { secrets, masks } = load({ peers: 'kv01', headers: 'A: s3cret-1\nB: true\nC: ab' })
    expect(secrets).toEqual(['s3cret-1', 'true', 'ab'])
    expect(masks).toEqual(['s3cret-1'])
  })

  it('are not the values of headers that carry none', () => {
    const headers = 'X-Forwarded-Proto: http\nX-Request-Id: 4f1c9a30-77b1\nX-Token: 4f1c9a30-77b2'
    expect(load({ peers: 'kv01', headers }).secrets).toEqual(['4f1c9a30-77b2'])
  })
})

describe('the credentials of a proxy', () => {
  afterEach(() => vi.unstubAllEnvs())
  const throughProxy = (proxy: string, peers = 'a.invalid\nb.invalid') => {
    // The library that reads the variables knows no other environment.
    vi.stubEnv('http_proxy', proxy)
    vi.stubEnv('no_proxy', '')
    return loadInputs({ file: () => '', env: { ...process.env, ...inputEnv({ peers }) } })
  }
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

  it('are secrets, once for all peers; the runner is not told to mask the name of the user', () => {
    const { inputs, secrets, masks } = throughProxy('http://svc-user:p%40ss@proxy.internal:3128')
    const authorization = basic('svc-user:p@ss')
    expect(masks).toEqual(['p@ss', authorization])
    expect(secrets).toEqual(['p@ss', authorization, 'svc-user'])
    expect(inputs.routes.size).toBe(2)
    expect(inputs.routes.get('http://a.invalid:9324/sqs_health')).toMatchObject({
      kind: 'forward',
      authorization,
    })
  })

  it('may be a user name alone, which is then a token', () => {
    const { secrets, masks } = throughProxy('http://t0ken@proxy.internal:3128')
    expect(masks).toEqual(['t0ken', basic('t0ken:')])
    expect(secrets).toEqual(masks)
  })

  it('are none for a proxy without, or for a peer that is asked directly', () => {
    expect(throughProxy('http://proxy.internal:3128').secrets).toEqual([])
    expect(throughProxy('http://u1234:p1234@proxy.internal', '127.0.0.1').secrets).toEqual([])
  })

  it.each([
    '"http://svc-user:hunter2@proxy.internal:3128"',
    "'http://proxy.internal:3128'",
    'http://proxy.internal"',
    'http://svc-user:hunter2%ss@proxy.internal:3128',
    'http://svc%user:hunter2@proxy.internal:3128',
    'svc-user:hunter2%@proxy.internal:3128',
    'proxy internal',
    'ftp://svc-user:hunter2@proxy.internal',
  ])('are not shown where the proxy is %s, which is told once', (proxy) => {
    expect(throughProxy(proxy).problems).toEqual([
      'http_proxy: found a value that is no proxy address, expected http://host:port or https://host:port, with the scheme, without quotation marks, and with %25 for a "%" in user or password',
    ])
  })
})

it('all problems of all inputs are told together', () => {
  const bad = {
    peers: 'a:0\nb c',
    'default-port': 'x',
    timeout: 'x',
    capability: '\u200b',
    'expected-peers': 'x',
    wait: 'x',
    interval: 'x',
    'stable-rounds': 'x',
    'partition-map': 'x',
    headers: 'x',
    'ca-certificate': 'x',
    'client-certificate': 'x',
    'client-key': 'x',
  }
  const { problems } = load(bad)
  const named = new Set(problems.map((problem) => /^[a-z-]+/.exec(problem)?.[0]))
  expect(named).toEqual(new Set(Object.keys(bad)))
  expect(problems.filter((problem) => problem.startsWith('peers'))).toHaveLength(2)
})

it('problems of long values are whole in an annotation of 200 characters', () => {
  const long = 'x'.repeat(500)
  const names = ['default-port', 'raft-port', 'timeout', 'capability', 'expected-peers', 'wait']
  const more = ['interval', 'stable-rounds', 'ca-certificate', 'client-certificate', 'summary']
  const values = Object.fromEntries([...names, ...more].map((name) => [name, long]))
  for (const peers of [
    `${long}=kv`,
    `{"${long}":"kv","${long}":"kw"}`,
    `kv:${long}`,
    `0x${'1'.repeat(99)}`,
  ]) {
    for (const map of [long, `${long}:1=1`, `a.fifo:${long}=1`, `a.fifo:1=${long}`]) {
      const headers = `${long}: a\n${long}: b\n${long}x:\n${long}`
      const { problems } = load({ peers, headers, 'partition-map': map, ...values })
      expect(problems.length).toBeGreaterThanOrEqual(names.length + more.length + 5)
      for (const problem of problems) expect(problem.length, problem).toBeLessThanOrEqual(200)
    }
  }
})

it('refuses more stable rounds than fit into the wait', () => {
  const most = load({ peers: 'kv01', wait: '10s', interval: '5s', 'stable-rounds': '2' })
  expect(most.problems).toEqual([])
  const more = load({ peers: 'kv01', wait: '10s', interval: '5s', 'stable-rounds': '3' })
  expect(more.problems).toEqual([
    'stable-rounds: found 3, but only 2 rounds fit into wait 10s at interval 5s, expected fewer rounds or a longer wait',
  ])
  expect(load({ peers: 'kv01', 'stable-rounds': '4' }).problems).toEqual([])
  // The pause between two of them is a whole interval, so that the fourth would start after the wait.
  const odd = { peers: 'kv01', wait: '2900ms', interval: '1s', 'stable-rounds': '4' }
  expect(load(odd).problems[0]).toContain('found 4, but only 3 rounds fit')
  const one = { peers: 'kv01', wait: '1s', 'stable-rounds': '2' }
  expect(load(one).problems[0]).toContain('only 1 round fits into wait 1s at interval 5s')
})

it('asks for members at the raft-port', () => {
  const { inputs, problems } = load({ peers: 'n1=kv01', 'raft-port': '50051' })
  expect([problems, inputs.raftPorts]).toEqual([[], [50_051]])
  expect(inputs.peers[0]?.raftAddresses).toEqual(['kv01:50051'])
  expect(load({ peers: 'n1=kv01' }).inputs.peers[0]?.raftAddresses).toEqual([])
})

it('refuses inputs that it does not know, and tells no value', () => {
  const env = { INPUT_PEERS: 'kv01', INPUT_EXPECTED_PEERS: 's3cret', PATH: '/bin' }
  expect(load({ peers: 'kv01' }, {}, env).problems).toEqual([
    'expected_peers: found an unknown input (the variable INPUT_EXPECTED_PEERS, from "with:" or "env:"), expected a known one; the nearest is "expected-peers"',
  ])
})

it('tells the doubts about the list and the headers', () => {
  const { problems, warnings } = load({
    peers: 'kv01\n# n2=kv02, n3=kv03',
    headers: 'Authorization: Bearer ',
  })
  expect(problems).toEqual([])
  expect(warnings).toEqual([
    expect.stringMatching(/^peers: the comment "# n2=kv02, n3=kv03" looks as if/),
    expect.stringMatching(/^headers: line 1: found a scheme without credentials/),
  ])
})

describe('a guard that is empty', () => {
  it.each([
    ['raft-port', 'a port or several with commas, or "none"'],
    ['expected-peers', 'a whole number, or "none"'],
    ['partition-map', 'queue.fifo:N=g0,…,gN-1, or "none"'],
    ['stable-rounds', 'a whole number such as 1'],
  ])('is a problem, because a variable may not be set: %s', (name, expected) => {
    for (const empty of ['', ' \n']) {
      expect(problemsOf({ [name]: empty })).toEqual([
        `${name}: found an empty value, expected ${expected} (is a variable not set?)`,
      ])
    }
  })

  it('is nothing where its variable is not set at all, as in a run by hand', () => {
    expect(load({ peers: 'kv01' }).problems).toEqual([])
  })

  it.each(['default-port', 'timeout', 'capability', 'wait', 'interval', 'headers', 'summary'])(
    'is no other input: %s',
    (name) => expect(load({ peers: 'kv01', [name]: '' })).toEqual(load({ peers: 'kv01' })),
  )
})

it('refuses a port twice', () => {
  expect(problemsOf({ 'raft-port': '9051,50061,09051' })).toEqual([
    'raft-port: found a port twice in "9051,50061,09051", expected a port from 1 to 65535, or several with commas, or "none"',
  ])
})

describe('a partition map with several groups', () => {
  const map = 'a.fifo:2=11,12;b.fifo:2=12,13'

  it('needs as many Raft addresses of each peer', () => {
    const peers = 'n1=kv01,n2=kv02,n3=kv03'
    expect(problemsOf({ peers, 'raft-port': '50051,50061', 'partition-map': map })).toEqual([
      'raft-port: found 3 Raft groups in partition-map, but fewer Raft addresses for "n1" (2), "n2" (2) and 1 more, expected one for each group: several ports (50051,50061), or for each group an entry in peers with its Raft address in front (10.0.0.1:50061=10.0.0.1:9324)',
    ])
    expect(problemsOf({ peers, 'raft-port': '1,2,3', 'partition-map': map })).toEqual([])
  })

  it('counts the Raft addresses in front of the addresses', () => {
    const peers = 'kv01:1=kv01,kv01:2=kv01,kv01:3=kv01,kv02:1=kv02'
    const [problem, ...others] = problemsOf({ peers, 'raft-port': '9', 'partition-map': map })
    expect(others).toEqual([])
    expect(problem).toContain('fewer Raft addresses for "kv02:1" (1), expected')
  })

  it('is taken where one group is named several times, and where members are not asked for', () => {
    const one = { 'raft-port': '50051', 'partition-map': 'a.fifo:2=11,11;b.fifo:1=11' }
    expect(problemsOf(one)).toEqual([])
    expect(problemsOf({ 'partition-map': map })).toEqual([])
  })
})
