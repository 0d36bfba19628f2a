import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadCanaryInputs, loadInputs } from '../../src/inputs/inputs.ts'
import { inputEnv } from '../support/inputs.ts'

const NO_FILES = () => {
  throw Object.assign(new Error('no file'), { code: 'ENOENT' })
}
const load = (inputs: Readonly<Record<string, string>> = {}, env: NodeJS.ProcessEnv = {}) =>
  loadCanaryInputs({
    env: { ...env, ...inputEnv({ peers: 'n1=kv01', ...inputs }) },
    file: NO_FILES,
  })
const problemsOf = (inputs: Readonly<Record<string, string>>) => load(inputs).problems

describe('the inputs of the canary', () => {
  it('have their defaults, and those of one round of the gate', () => {
    const { inputs, problems, warnings, secrets, masks } = load()
    expect([problems, warnings, secrets, masks]).toEqual([[], [], [], []])
    expect(inputs).toEqual({
      ...loadInputs({ env: inputEnv({ peers: 'n1=kv01' }), file: NO_FILES }).inputs,
      waitMs: 0,
      intervalMs: 0,
      stableRounds: 1,
      headers: {},
      queue: 'htfifo-canary.fifo',
      partitions: 4,
      groupsOfPartitions: null,
      messages: 3,
      limitMs: 60_000,
      credentials: null,
      region: 'us-east-1',
      requireSpread: false,
    })
  })

  it.each([
    ['queue', `${'q'.repeat(75)}.fifo`, 'queue', `${'q'.repeat(75)}.fifo`],
    ['partitions', '2', 'partitions', 2],
    ['partitions', '32', 'partitions', 32],
    ['messages', '2', 'messages', 2],
    ['messages', '100', 'messages', 100],
    ['limit', '1s', 'limitMs', 1_000],
    ['limit', '10m', 'limitMs', 600_000],
    ['region', 'eu-west-1', 'region', 'eu-west-1'],
  ] as const)('may be %s: %s', (name, value, field, read) => {
    const { inputs, problems } = load({ [name]: value })
    expect(problems).toEqual([])
    expect(inputs[field]).toBe(read)
  })

  it.each([
    ['queue', 'canary', 'expected 1 to 75 letters'],
    ['queue', `${'q'.repeat(76)}.fifo`, 'expected 1 to 75 letters'],
    ['queue', 'a b.fifo', 'expected 1 to 75 letters'],
    ['partitions', '1', 'expected a power of two from 2 to 32'],
    ['partitions', '3', 'expected a power of two from 2 to 32'],
    ['partitions', '64', 'expected a power of two from 2 to 32'],
    ['partitions', '4.0', 'expected a power of two from 2 to 32'],
    ['messages', '1', 'expected a whole number from 2 to 100'],
    ['messages', '101', 'expected a whole number from 2 to 100'],
    ['limit', '999ms', 'from 1s to 10m'],
    ['limit', '10m1s', 'from 1s to 10m'],
    ['limit', '60', 'from 1s to 10m'],
    ['region', 'eu west', 'expected letters, digits and "-" only'],
    ['require-spread', 'yes', 'expected true or false'],
  ])('may not be %s: %s', (name, value, words) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${name}: found "`))
    expect(problems[0]).toContain(words)
  })

  it('that are those of the gate have its rules', () => {
    const problems = problemsOf({
      'raft-port': '',
      'expected-peers': '2',
      timeout: '3',
      wait: '1m',
      'client-key': 'x.pem',
    })
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'client-certificate',
      'client-key',
      'expected-peers',
      'raft-port',
      'timeout',
      'wait',
    ])
    expect(load({ 'raft-port': '50051,50061' }).inputs.peers[0]?.raftAddresses).toEqual([
      'kv01:50051',
      'kv01:50061',
    ])
  })
})

describe('the partitions', () => {
  const map = 'other.fifo:1=9;htfifo-canary.fifo:2=11,12'

  it('are those of the map, with the group of each', () => {
    const { inputs, problems } = load({ 'partition-map': map })
    expect(problems).toEqual([])
    expect(inputs).toMatchObject({ partitions: 2, groupsOfPartitions: ['11', '12'] })
    expect(problemsOf({ 'partition-map': map, partitions: '2' })).toEqual([])
  })

  it('have to agree with the map', () => {
    expect(problemsOf({ 'partition-map': map, partitions: '4' })).toEqual([
      'partitions: found 4, expected 2 as in partition-map, or nothing',
    ])
    expect(problemsOf({ 'partition-map': 'htfifo-canary.fifo:1=9' })).toEqual([
      'partitions: found 1 in partition-map, expected a power of two from 2 to 32',
    ])
  })

  it('need a queue that is in the map', () => {
    expect(problemsOf({ 'partition-map': map, queue: 'mine.fifo' })).toEqual([
      'queue: found "mine.fifo", expected a queue of partition-map, which has "other.fifo" and "htfifo-canary.fifo"',
    ])
  })

  it('need a Raft address for each group of the map, as for the gate', () => {
    expect(problemsOf({ 'partition-map': map, 'raft-port': '1' })[0]).toMatch(/^raft-port: found 3/)
  })
})

describe('the credentials', () => {
  const both = { 'access-key-id': 'AKIA-1234', 'secret-access-key': 'wJalr/K7MDENG+x' }

  it('are both given, and secrets', () => {
    const { inputs, problems, secrets, masks } = load(both)
    expect(problems).toEqual([])
    expect(inputs.credentials).toEqual({
      accessKeyId: 'AKIA-1234',
      secretAccessKey: 'wJalr/K7MDENG+x',
    })
    expect(secrets).toEqual(['AKIA-1234', 'wJalr/K7MDENG+x'])
    expect(masks).toEqual(secrets)
  })

  it.each([
    ['access-key-id', 'secret-access-key'],
    ['secret-access-key', 'access-key-id'],
  ] as const)('are not %s alone, which is still a secret', (given, missing) => {
    const { problems, secrets } = load({ [given]: both[given] })
    expect(problems).toEqual([`${missing}: found none, expected one, because ${given} is given`])
    expect(secrets).toEqual([both[given]])
  })

  it.each(['s3cret key', 's3crét', 's3cret\x01', `s3cret${'x'.repeat(200)}`])(
    'are visible ASCII, and not shown: %j',
    (value) => {
      const problems = problemsOf({ ...both, 'secret-access-key': value })
      expect(problems).toEqual([
        'secret-access-key: found blanks or other characters, expected 1 to 200 visible ASCII characters (not shown)',
      ])
    },
  )

  it('are not taken from the environment', () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIA-1234', AWS_SECRET_ACCESS_KEY: 'wJalr/K7MDENG+x' }
    expect(load({}, { ...env, AWS_REGION: 'eu-west-1' }).inputs).toMatchObject({
      credentials: null,
      region: 'us-east-1',
    })
  })
})

describe('require-spread', () => {
  it('needs raft-port, without which nobody knows the leaders', () => {
    expect(load({ 'require-spread': 'true', 'raft-port': '50051' })).toMatchObject({
      problems: [],
      inputs: { requireSpread: true },
    })
    expect(problemsOf({ 'require-spread': 'true' })).toEqual([
      expect.stringMatching(/^require-spread: found true without raft-port, expected raft-port/),
    ])
  })
})

describe('a proxy in the environment', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('is a problem, which says what to set and hides its password', () => {
    // The library that reads the variables knows no other environment.
    vi.stubEnv('http_proxy', 'http://svc-user:hunter2@proxy.invalid:3128')
    vi.stubEnv('no_proxy', 'n4.invalid')
    const peers = [1, 2, 3, 4, 5].map((n) => `n${n}=n${n}.invalid`).join()
    const { problems, secrets } = load({ peers }, process.env)
    expect(problems).toEqual([
      'peers: found a proxy in the environment for 4 nodes, "n1", "n2", "n3" and 1 more, expected none, because the canary asks nodes directly: add their hosts to no_proxy',
    ])
    expect(secrets).toContain('hunter2')
  })

  it('is none for nodes that no_proxy names, or on the loopback', () => {
    vi.stubEnv('http_proxy', 'http://proxy.invalid:3128')
    vi.stubEnv('no_proxy', '.invalid')
    expect(load({ peers: 'n1.invalid,127.0.0.1' }, process.env).problems).toEqual([])
  })

  it('that cannot be read is one problem, told once', () => {
    vi.stubEnv('http_proxy', 'ftp://proxy.invalid')
    vi.stubEnv('no_proxy', '')
    expect(load({ peers: 'n1.invalid,n2.invalid' }, process.env).problems).toEqual([
      expect.stringMatching(/^http_proxy: found a value that is no proxy address/),
    ])
  })
})
