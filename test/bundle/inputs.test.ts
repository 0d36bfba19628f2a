import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Generation, type Node, startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { findCommands } from '../support/commands.ts'
import { sample } from '../support/sampling.ts'
import { type RawServer, serve } from '../support/servers.ts'
import { runTraced } from '../support/traces.ts'

let server: RawServer
beforeAll(async () => {
  server = await serve((socket) => socket.destroy())
})
afterAll(() => server[Symbol.asyncDispose]())

/** Runs the step with bad inputs, checks all that holds for each of them, and returns the problems. */
async function refuse(inputs: Readonly<Record<string, string>>): Promise<string[]> {
  const before = server.connections()
  const step = await runStep({ peers: server.address, ...inputs })
  expect(step.code).toBe(1)
  const errors = findCommands(step.stdout).filter(({ name }) => name === 'error')
  expect(errors).toHaveLength(1)
  expect(server.connections()).toBe(before)
  const { report, 'report-path': path, ...outputs } = step.outputs
  expect(outputs).toEqual({
    'all-advertise': 'false',
    'peer-count': '0',
    'advertising-count': '0',
    'blocking-peers': '[]',
    membership: 'not-checked',
    'unlisted-members': '[]',
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
    expect(errors[0]?.data).toContain(problem)
  }
  return problems
}

/** The input, its value, and what is said of it. */
type BadInput = readonly [name: string, text: string, words: string]

/** What could make a node or a guard vanish. */
const VANISHING: readonly BadInput[] = [
  ['peers', '["HERE", 1]', 'entry 2: found a number, expected a string'],
  ['peers', '[["HERE"]]', 'entry 1: found an array, expected a string'],
  ['peers', '{"n1":"HERE","n2":null}', 'entry "n2": found null, expected a string'],
  ['peers', '{"peers":{"value":["HERE"]}}', 'entry "peers": found an object'],
  ['peers', '{"n1":"HERE","n1":"kv02"}', 'found the name "n1" at 2 addresses, "HERE" and "kv02"'],
  ['peers', 'n1=HERE,n1=kv02', 'found the name "n1" at 2 addresses, "HERE" and "kv02"'],
  ['peers', 'n1=HERE\nn2=HERE\nn1=http://HERE/x', 'found the name "n1" at 2 addresses'],
  ['peers', 'n1=HERE,n1=kv02,n3@eu=kv03', 'found the name "n1" at 2 addresses'],
  ['peers', 'Array', 'found "Array", which stands for a list'],
  ['peers', 'HERE,Object', 'found "Object"'],
  ['peers', 'n1=HERE\nn2=null', 'found "null"'],
  ['peers', 'HERE,undefined:9324', 'found "undefined"'],
  ['peers', '[object Object]', 'found "[object Object]"'],
  ['peers', '0.0.0.0:9324', 'found an unspecified, multicast or broadcast address'],
  ['peers', 'http://[0::0]:9324', 'found an unspecified, multicast or broadcast address'],
  ['expected_peers', '1', 'the nearest is "expected-peers"'],
  ['expected_peers', '', 'the nearest is "expected-peers"'],
  ['config', 'x', 'the variable INPUT_CONFIG, from "with:" or "env:"'],
  ['raft-port', '', 'found an empty value, expected a port or several with commas, or "none"'],
  ['raft-port', '50051,50061,50051', 'found a port twice'],
  ['expected-peers', '', 'found an empty value, expected a whole number, or "none"'],
  ['partition-map', ' ', 'found an empty value, expected queue.fifo:N=g0,…,gN-1, or "none"'],
  ['stable-rounds', '', 'found an empty value, expected a whole number such as 1'],
]

const OTHERS: readonly BadInput[] = [
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
  ['peers', `HERE\n${'n'.repeat(101)}=kv02`, 'found a name of 101 characters'],
  ['peers', 'HERE n2=HERE', 'found blanks inside an entry, expected a comma or a new line'],
  ['peers', 'HERE;n2=HERE', 'found ";"'],
  ['peers', 'HERE|n2=HERE', 'found "|"'],
  ['peers', 'HERE\\nn2=HERE', 'found "\\n" as plain characters'],
  ['peers', 'HERE，n2=HERE', 'found "，" (U+FF0C)'],
  ['peers', 'HERE and n2=HERE', 'found "and"'],
  ['peers', 'HERE # was n1=HERE', 'found "#" behind an entry'],
  ['peers', '"n1=HERE,n2=HERE"', 'found quotation marks around the list'],
  ['peers', 'n1="HERE"', 'found the quotation mark "'],
  ['peers', '- n1=HERE', 'found "- " in front'],
  ['peers', 'n1=HERE,', 'found a comma at the end of the list'],
  ['peers', 'n1=HERE\u200b', 'found the invisible character U+200B'],
  ['peers', '["n1=HERE",]', 'found JSON that is broken'],
  ['peers', 'http://HERE/;http://HERE/', 'found ";"'],
  ['peers', 'n1=http://HERE/"', 'found the quotation mark "'],
  ['peers', '["n1=http://HERE/x\\""]', 'found the quotation mark "'],
  ['peers', 'http://HERE/a//b', 'found "//" in the path'],
  ['peers', 'http://HERE/a/../b', 'found "." or ".."'],
  ['peers', 'HERE\nkv①', 'stands for "kv1"'],
  ['raft-port', '50051,x', 'found "x", expected a port from 1 to 65535, or several'],
  ['default-port', '65536', '1 to 65535'],
  ['raft-port', '0', '1 to 65535'],
  ['summary', 'no', 'expected true or false'],
  ['capability', 'htfifo,other', 'not a list'],
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
]

// Each has its test on the reading of inputs as well; here is what the bundle does with one alone.
it.each(sample(5, [...VANISHING, ...OTHERS]))(
  'bad input is told, and nothing is polled: %s: %j',
  async (name, text, words) => {
    const problems = await refuse({ [name]: text.replaceAll('HERE', server.address) })
    // Half a client certificate is a problem of its own.
    expect(problems).toHaveLength(name.startsWith('client-') ? 2 : 1)
    expect(problems[0]).toContain(words.replaceAll('HERE', server.address))
    expect(problems.every((problem) => problem.includes(name) || name.startsWith('client'))).toBe(
      true,
    )
  },
)

it('no guard vanishes that is empty or misspelt', async () => {
  const problems = await refuse({
    'raft-port': '',
    'expected-peers': '',
    'partition-map': ' ',
    'stable-rounds': '',
    expected_peers: '',
    raftport: '50051',
  })
  const guards = ['expected-peers', 'partition-map', 'raft-port', 'stable-rounds']
  const named = problems.map((problem) => problem.split(':')[0])
  expect(named.toSorted()).toEqual([...guards, 'expected_peers', 'raftport'].toSorted())
})

it('all problems of all inputs are told together', async () => {
  const problems = await refuse({
    peers: `${server.address}\na:0\nb c`,
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

it('a problem is whole in the annotation: the quote is cut, the sentence never', async () => {
  const nine = Array.from({ length: 9 }, (_, at) => `kv0${at}.a-long-name.example.ts.net`)
  const [problem = '', ...others] = await refuse({ peers: nine.join(' ') })
  expect(others).toEqual([])
  expect(problem).toMatch(/^peers: entry 1 "kv00\.a-long.{20,55}…": found blanks .*folds lines\)$/)
})

it('more groups in the map than Raft addresses of a node are a problem', async () => {
  const guards = { 'raft-port': '50051', 'partition-map': 'orders.fifo:4=11,12,11,13' }
  const [problem, ...others] = await refuse({ peers: `n1=${server.address}`, ...guards })
  expect(others).toEqual([])
  expect(problem).toContain('raft-port: found 3 Raft groups in partition-map, but fewer')
  expect(problem).toContain('"n1" (1), expected one for each group: several ports')
})

it('more stable rounds than fit into the wait are a problem', async () => {
  const problems = await refuse({ wait: '10s', 'stable-rounds': '3' })
  expect(problems).toEqual([
    'stable-rounds: found 3, but only 2 rounds fit into wait 10s at interval 5s, expected fewer rounds or a longer wait',
  ])
})

it('an input that is not set at all, as GitHub passes it, is a problem', async () => {
  const step = await runStep({}, { env: { INPUT_PEERS: undefined } })
  expect(step.code).toBe(1)
  expect(step.outputs['all-advertise']).toBe('false')
  expect(step.stdout).toContain('found no peers')
})

const USER_INFO = [
  'http://svc-user:hunter2@kv01',
  'n1=https://svc-user:hunter2@kv01:8443/x',
  'svc-user:hunter2@kv01',
  'http://svc-user:pass,hunter2,hunter2,x@kv01',
  'http://svc-user:hunter2@kv01:99999/?x',
]

it.each(sample(2, USER_INFO))('user info is never echoed: %s', async (peers) => {
  const step = await runTraced({ peers }, { env: { RUNNER_DEBUG: '1' } })
  expect(step.code).toBe(1)
  expect(step.stdout).toContain('user info')
  expect(step.reportFile).toContain('user info')
  expect(step.all).not.toMatch(/hunter2|svc-user/)
})

const ELSEWHERE = [
  'https://kv01/?token=hunter2',
  'https://kv01/#hunter2',
  'https://svc-user:hunter2',
  'https://svc-user:hunter2/kv01',
  'https://svc-user:hunter2%40kv01',
  'https://kv01/?token=hunter2, hunter2 x',
  'svc-user:hunter2%40kv01',
  'svc-user:hunter2＠kv01',
  'n1=svc-user:hunter2',
  '["https://kv01/?token=hunter2"]',
  '{"svc-user:hunter2%40kv01":"kv01"}',
  '# n1=https://svc-user:hunter2＠kv01, n2=kv02\nkv01:0',
]

it.each(sample(4, ELSEWHERE))(
  'a password or a token in another place is never echoed: %s',
  async (peers) => {
    const step = await runTraced({ peers }, { env: { RUNNER_DEBUG: '1' } })
    expect(step.code).toBe(1)
    expect(step.reportFile).toContain('peers: entry 1')
    expect(step.all).not.toMatch(/hunter2|svc-user/)
  },
)

const nodes: Node[] = []
const start = async (generation: Generation) => {
  const node = await startNode(generation)
  nodes.push(node)
  return node.address
}
afterAll(() => Promise.all(nodes.map((node) => node.close())))

it('input at its limits is polled', async () => {
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

it('a list in every form is polled, a duplicate once', async () => {
  const [one, two] = [await start('ready'), await start('ready')]
  const peers = `# nodes\n\nn1=${one}, http://${two}/\r\nn3 = ${one}\n`
  const step = await runStep({ peers, 'expected-peers': '2' })
  expect(step.code).toBe(0)
  const report = JSON.parse(step.outputs['report'] ?? '')
  expect(report.peers.map(({ name }: { name: string }) => name)).toEqual([
    'n1, n3',
    `http://${two}/`,
  ])
  expect(step.summary).toContain('n1, n3')
})

it('a list in JSON is polled: an array, or an object of names and addresses', async () => {
  const [one, two] = [await start('ready'), await start('legacy')]
  for (const peers of [
    JSON.stringify([`n1=${one}`, `n2=${two}`]),
    `{"n1":"${one}", "n2":"${two}"}`,
  ]) {
    const step = await runStep({ peers, 'expected-peers': '2' })
    expect(step.code).toBe(1)
    expect(step.outputs['blocking-peers']).toBe('["n2"]')
  }
})

it('an IPv4 address in its IPv6 form is the same peer', async () => {
  const address = await start('ready')
  const peers = `n1=${address},n2=${address.replace('127.0.0.1', '[::ffff:127.0.0.1]')}`
  const step = await runStep({ peers, 'expected-peers': '1' })
  expect(step.code).toBe(0)
  expect(step.outputs['peer-count']).toBe('1')
})

it('a comment that seems to hold nodes is warned of', async () => {
  const step = await runStep({ peers: `# nodes n1=kv01, n2=kv02\n${await start('ready')}` })
  expect(step.code).toBe(0)
  expect(step.stdout).toMatch(/^::warning::.*looks as if it held entries/m)
})

it('a common word in a header is not masked, so that no output is lost', async () => {
  const headers = 'X-Forwarded-Proto: http\nX-Env: closed\nX-Token: s3cret-token'
  const step = await runStep({ peers: await start('ready'), headers })
  expect(step.code).toBe(0)
  const masks = findCommands(step.stdout).filter(({ name }) => name === 'add-mask')
  expect(masks.map(({ data }) => data)).toEqual(['s3cret-token'])
})

it('an empty bearer is warned of', async () => {
  const headers = 'Authorization: Bearer '
  const step = await runStep({ peers: await start('ready'), headers })
  expect(step.stdout).toMatch(/^::warning::headers: line 1: found a scheme without credentials/m)
})

it('default-port is the port of peers without one', async () => {
  const address = await start('ready')
  const step = await runStep({
    peers: '127.0.0.1',
    'default-port': address.split(':')[1] ?? '',
  })
  expect(step.code).toBe(0)
})
