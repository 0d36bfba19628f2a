import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Generation, type Node, startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { findCommands } from '../support/commands.ts'
import { runTraced } from '../support/traces.ts'

let server: Server
let port: number
let connections = 0
beforeAll(async () => {
  server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as { port: number }).port
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

/** Runs the step with bad inputs, checks all that holds for each of them, and returns the problems. */
async function refuse(inputs: Readonly<Record<string, string>>): Promise<string[]> {
  const before = connections
  const step = await runStep({ peers: `127.0.0.1:${port}`, ...inputs })
  expect(step.code).toBe(1)
  const errors = findCommands(step.stdout).filter(({ name }) => name === 'error')
  expect(errors).toHaveLength(1)
  expect(connections).toBe(before)
  const { report, 'report-path': path, ...outputs } = step.outputs
  expect(outputs).toEqual({
    'all-advertise': 'false',
    'peer-count': '0',
    'advertising-count': '0',
    'blocking-peers': '[]',
    rounds: '0',
    'checked-at': '',
  })
  expect(path).toMatch(/htfifo-gate-.*\.json$/)
  const { version, verdict, problems, peers, checkedAt, rounds, peersOmitted } = JSON.parse(
    report ?? '',
  )
  expect({ version, verdict, peers, checkedAt, rounds, peersOmitted }).toEqual({
    version: 1,
    verdict: 'closed',
    peers: [],
    checkedAt: null,
    rounds: 0,
    peersOmitted: 0,
  })
  expect(step.summary).toContain('⛔')
  expect(step.stderr).toBe('')
  for (const problem of problems.slice(0, 10)) {
    expect(errors[0]?.data).toContain(problem.slice(0, 100))
  }
  return problems
}

describe('bad input is told, and nothing is polled', () => {
  it.each([
    ['peers', '', 'found no peers'],
    ['peers', ' \n# kv01\n', 'found no peers'],
    ['peers', 'HERE,,kv02', 'empty peer address'],
    ['peers', 'HERE\nkv02:0', 'found port "0"'],
    ['peers', 'HERE\nkv02:65536', 'found port "65536"'],
    ['peers', 'HERE\n::1', 'brackets around an IPv6 address'],
    ['peers', 'HERE\nhttp://u:hunter2@kv02', 'user info'],
    ['peers', 'HERE\nhttp://kv02/?a', 'query'],
    ['peers', 'HERE\nhttp://kv02/#a', 'fragment'],
    ['peers', 'HERE\nftp://kv02', 'scheme'],
    ['peers', 'http://HERE/sqs_health', '/sqs_health at the end'],
    ['peers', `HERE\n${'n'.repeat(101)}=kv02`, 'expected a name'],
    ['default-port', '65536', '1 to 65535'],
    ['timeout', '3', 'expected a duration'],
    ['timeout', '10m1ms', 'from 1ms to 10m'],
    ['timeout', '0.5ms', 'from 1ms to 10m'],
    ['wait', '25h', 'from 0s to 24h'],
    ['interval', '99ms', 'from 100ms to 1h'],
    ['stable-rounds', '0', 'whole number'],
    ['expected-peers', '2', 'found 1 distinct peer in the list, expected 2'],
    ['capability', 'x'.repeat(101), 'printable'],
    ['headers', 'no header', 'is not a header'],
    ['headers', 'User-Agent: x', 'does not set itself'],
    ['client-key', 'nowhere', 'cannot be read'],
    ['client-certificate', '-----BEGIN CERTIFICATE-----', 'found no certificate'],
    ['ca-certificate', '-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----', 'is broken'],
    ['partition-map', 'orders.fifo:3=1,2,3', 'found 3 partitions'],
    ['partition-map', 'orders.fifo:2=1,0', 'found group "0"'],
  ])('%s: %j', async (name, text, words) => {
    const problems = await refuse({ [name]: text.replace('HERE', `127.0.0.1:${port}`) })
    expect(problems.join('\n')).toContain(words)
    expect(problems.every((problem) => problem.includes(name) || name.startsWith('client'))).toBe(
      true,
    )
  })

  it('with all problems of all inputs together', async () => {
    const problems = await refuse({
      peers: `127.0.0.1:${port}\na:0\nb c`,
      timeout: 'soon',
      wait: '-1s',
      interval: '1',
      headers: 'x',
      'stable-rounds': 'many',
      'partition-map': 'x',
    })
    expect(problems.map((problem) => problem.split(':')[0])).toHaveLength(8)
    expect(problems[0]).toContain('peers: entry 2 "a:0"')
    expect(problems[1]).toContain('peers: entry 3 "b c"')
  })

  it('where an input is not set at all, as GitHub passes it', async () => {
    const step = await runStep({}, { env: { INPUT_PEERS: undefined } })
    expect(step.code).toBe(1)
    expect(step.outputs['all-advertise']).toBe('false')
    expect(step.stdout).toContain('found no peers')
  })
})

describe('user info is never echoed', () => {
  it.each([
    'http://svc-user:hunter2@kv01',
    'n1=https://svc-user:hunter2@kv01:8443/x',
    'svc-user:hunter2@kv01',
    'http://svc-user:pass,hunter2,hunter2,x@kv01',
    'http://svc-user:hunter2@kv01:99999/?x',
  ])('%s', async (peers) => {
    const step = await runTraced({ peers }, { env: { RUNNER_DEBUG: '1' } })
    expect(step.code).toBe(1)
    expect(step.stdout).toContain('user info')
    expect(step.reportFile).toContain('user info')
    expect(step.all).not.toMatch(/hunter2|svc-user/)
  })
})

describe('good input', () => {
  const nodes: Node[] = []
  const start = async (generation: Generation) => {
    const node = await startNode(generation)
    nodes.push(node)
    return node.address
  }
  afterAll(() => Promise.all(nodes.map((node) => node.close())))

  it('at its limits is polled', async () => {
    const address = await start('ready')
    const step = await runStep({
      peers: `${'n'.repeat(100)}=${address}`,
      timeout: '10m',
      interval: '1h',
      wait: '24h',
      'stable-rounds': '1',
      'expected-peers': '1',
      'default-port': '65535',
      'partition-map': 'a.fifo:1=18446744073709551615',
    })
    expect(step.code).toBe(0)
    expect(step.outputs).toMatchObject({ 'all-advertise': 'true', 'peer-count': '1' })
  })

  it('in every form of a list, with a duplicate that is polled once and warned of', async () => {
    const [one, two] = [await start('ready'), await start('ready')]
    const peers = `# nodes\n\nn1=${one}, http://${two}/\r\nn3 = ${one}\n`
    const step = await runStep({ peers, 'expected-peers': '2' })
    expect(step.code).toBe(0)
    const report = JSON.parse(step.outputs['report'] ?? '')
    expect(report.peers.map(({ name }: { name: string }) => name)).toEqual([
      'n1, n3',
      `http://${two}/`,
    ])
    const warnings = findCommands(step.stdout).filter(({ name }) => name === 'warning')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.data).toContain('"n1", "n3"')
    expect(step.summary).toContain('n1, n3')
  })

  it('with a default port finds peers without one', async () => {
    const address = await start('ready')
    const step = await runStep({
      peers: '127.0.0.1',
      'default-port': address.split(':')[1] ?? '',
    })
    expect(step.code).toBe(0)
  })
})
