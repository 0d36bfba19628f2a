import { describe, expect, it } from 'vitest'
import {
  CANARY_INPUT_NAMES,
  findUnknownInputs as find,
  GATE_INPUT_NAMES,
} from '../../src/inputs/known.ts'

const findUnknownInputs = (env: NodeJS.ProcessEnv) => find(env, GATE_INPUT_NAMES)

describe('findUnknownInputs', () => {
  it('takes every input that there is, and variables that are none', () => {
    const known = GATE_INPUT_NAMES.map((name) => [`INPUT_${name.toUpperCase()}`, 'x'])
    const others = { PATH: '/bin', INPUTS: 'x', GITHUB_INPUT_X: 'x' }
    expect(findUnknownInputs({ ...Object.fromEntries(known), ...others })).toEqual([])
  })

  it.each([
    ['INPUT_EXPECTED_PEERS', 'expected_peers', 'expected-peers'],
    ['INPUT_EXPECTEDPEERS', 'expectedpeers', 'expected-peers'],
    ['INPUT_EXPECT-PEERS', 'expect-peers', 'expected-peers'],
    ['INPUT_STABLE_ROUND', 'stable_round', 'stable-rounds'],
    ['INPUT_RAFTPORT', 'raftport', 'raft-port'],
    ['INPUT_PEER', 'peer', 'peers'],
    ['INPUT_TIMEOUTS', 'timeouts', 'timeout'],
    ['INPUT_CA-CERT', 'ca-cert', 'ca-certificate'],
    ['INPUT_RAFT', 'raft', 'raft-port'],
    ['INPUT_', '', 'peers'],
    ['INPUT_CLIENT-CERTIFICAT', 'client-certificat', 'client-certificate'],
    ['INPUT_HEADER', 'header', 'headers'],
  ])('refuses %s', (variable, name, nearest) => {
    const problem = `${name}: found an unknown input (the variable ${variable}, from "with:" or "env:"), expected a known one; the nearest is "${nearest}"`
    expect(findUnknownInputs({ [variable]: 'x' })).toEqual([problem])
    expect(findUnknownInputs({ [variable]: '' })).toEqual([problem])
  })

  it('tells each of several, short and without invisible characters', () => {
    const problems = findUnknownInputs({ [`INPUT_${'X'.repeat(9_999)}`]: '', 'INPUT_A\u202eB': '' })
    expect(problems).toHaveLength(2)
    for (const problem of problems) {
      expect(problem.length).toBeLessThan(200)
      expect(problem).not.toContain('\u202e')
    }
  })
})

describe('the unknown inputs', () => {
  it('are told in the order of the alphabet, in whichever the runner passes them', () => {
    const env = { INPUT_WAITS: '', INPUT_CAPABILITIES: '', INPUT_PEER: '' }
    expect(findUnknownInputs(env).map((problem) => problem.split(':')[0])).toEqual([
      'capabilities',
      'peer',
      'waits',
    ])
  })

  it.each([
    ['ca_cert', 'ca-certificate'],
    ['the-peers', 'peers'],
    ['extra-headers', 'headers'],
    ['wait-time', 'wait'],
    ['server-certificate', 'ca-certificate'],
    ['ca-certs', 'ca-certificate'],
    ['cacert', 'ca-certificate'],
    ['ca-file', 'ca-certificate'],
    ['wait-seconds', 'wait'],
    ['poll-interval', 'interval'],
    ['port', 'default-port'],
  ])('%s is meant as %s', (written, nearest) => {
    const [problem] = findUnknownInputs({ [`INPUT_${written.toUpperCase()}`]: '' })
    expect(problem).toContain(`the nearest is "${nearest}"`)
  })
})

describe('the canary', () => {
  const nearest = (variable: string) => find({ [variable]: '' }, CANARY_INPUT_NAMES)[0]

  it('has the inputs of the gate that say which cluster is asked, and its own', () => {
    expect(CANARY_INPUT_NAMES).toEqual([
      ...['peers', 'default-port', 'timeout', 'capability', 'raft-port', 'expected-peers'],
      ...['partition-map', 'ca-certificate', 'client-certificate', 'client-key', 'summary'],
      ...['queue', 'partitions', 'messages', 'limit', 'access-key-id', 'secret-access-key'],
      ...['region', 'require-spread'],
    ])
  })

  it('knows no other input of the gate', () => {
    for (const name of ['WAIT', 'INTERVAL', 'STABLE-ROUNDS', 'HEADERS']) {
      expect(nearest(`INPUT_${name}`)).toContain('found an unknown input')
    }
    expect(nearest('INPUT_SPREAD')).toContain('the nearest is "require-spread"')
    expect(nearest('INPUT_QUEUES')).toContain('the nearest is "queue"')
  })

  it('has inputs that the gate does not know', () => {
    expect(findUnknownInputs({ INPUT_QUEUE: '' })).toHaveLength(1)
  })
})
