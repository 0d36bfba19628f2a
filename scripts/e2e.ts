/**
 * Runs the self-test, the reusable gate and every example for real, with act on this machine, against sample nodes on
 * the loopback, and checks for each what must happen when the gate opens and when it stays closed. An argument runs only
 * the cases whose title contains it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Generation, type Node, startNode } from '../sample/cluster.ts'
import { GATE, type Request, type Run, runWorkflow } from './act.ts'
import { makeCertificates, startProxy, startTlsFront } from './fronts.ts'
import { unrollMatrix } from './regions.ts'
import { remoteActions } from './stand-ins.ts'
import { findTool, ROOT } from './tools.ts'

const act = findTool('act')
const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-e2e-'))
const nodes: Node[] = []
const tried = new Set<string>()
const only = process.argv[2] ?? ''
let failures = 0

interface Case extends Omit<Request, 'text'> {
  readonly title: string
  readonly path: string
  /** Texts of the workflow that are replaced, so that a closed gate does not wait for minutes. */
  readonly replaced?: Readonly<Record<string, string>>
  readonly change?: (text: string) => string
  readonly jobs: Run['jobs']
  readonly gates: Run['gates']
  readonly trace?: Run['trace']
}

async function check(test: Case): Promise<void> {
  const { title, path, replaced = {}, change = (text: string) => text } = test
  tried.add(path)
  if (!`${path}: ${title}`.includes(only)) return
  let text = readFileSync(join(ROOT, path), 'utf8')
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${path} has no "${from}"`)
    text = text.replaceAll(from, to)
  }
  const startedAt = performance.now()
  const { jobs, gates, trace, log } = await runWorkflow(act, folder, {
    ...test,
    text: change(text),
  })
  const found = { jobs, gates, trace }
  const expected = { jobs: test.jobs, gates: test.gates, trace: test.trace ?? [] }
  const good = isDeepStrictEqual(found, expected)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  const changes = Object.entries(replaced).map(([from, to]) => `, with "${to}" for "${from}"`)
  console.log(`${good ? '✓' : '✗'} ${path}: ${title}${changes.join('')} (${seconds} s)`)
  if (good) return
  failures++
  console.log(`${log}\nfound:    ${JSON.stringify(found)}\nexpected: ${JSON.stringify(expected)}`)
}

/** A cluster of its own for a case, as a list of peers. */
async function cluster(...generations: readonly Generation[]): Promise<string> {
  const started = await Promise.all(generations.map((generation) => startNode(generation)))
  nodes.push(...started)
  return started.map(({ address }, index) => `n${index + 1}=${address}`).join(',')
}

/** A cluster whose second node is upgraded after its first answer. */
async function upgradingCluster(): Promise<string> {
  const late = await startNode('listing', false, () => late.upgrade('ready'))
  nodes.push(late)
  return `${await cluster('ready')},n2=${late.address}`
}

async function main(): Promise<void> {
  const ready = await cluster('ready', 'ready', 'ready')
  const mixed = await cluster('ready', 'listing', 'legacy')
  const dispatch = { event: 'workflow_dispatch' }
  const soon = { 'wait: 2m': 'wait: 1s' }

  await check({
    ...dispatch,
    path: '.github/workflows/self-test.yml',
    title: 'every case is as expected',
    matrix: 'os:ubuntu-latest',
    jobs: { 'gate ubuntu-latest': 'success' },
    gates: { 'gate ubuntu-latest': 'false' }, // its last case is a closed one
  })

  const gate = '.github/workflows/gate.yml'
  await check({
    ...dispatch,
    path: gate,
    title: 'by the form, open',
    inputs: { peers: ready, 'expected-peers': '3', 'partition-map': 'orders.fifo:2=11,12' },
    jobs: { gate: 'success' },
    gates: { gate: 'true' },
  })
  await check({
    ...dispatch,
    path: gate,
    title: 'by the form, closed',
    inputs: { peers: mixed },
    jobs: { gate: 'failure' },
    gates: { gate: 'false' },
  })
  const called = {
    ...dispatch,
    path: gate,
    change: () => readFileSync(join(ROOT, 'scripts/caller.yml'), 'utf8'),
    files: { '.github/workflows/gate.yml': readFileSync(join(ROOT, gate), 'utf8') },
  }
  await check({
    ...called,
    title: 'called, open',
    vars: { NODES_RAFT_MAP: ready },
    jobs: { gate: 'success', after: 'success' },
    gates: { gate: 'true' },
    trace: ['after success all-advertise=true blocking=[]'],
  })
  // GitHub would go on to the job "after"; act ends with a called workflow that failed.
  await check({
    ...called,
    title: 'called, closed',
    vars: { NODES_RAFT_MAP: mixed },
    jobs: { gate: 'failure' },
    gates: { gate: 'false' },
  })

  const release = { ...dispatch, path: 'examples/release.yml' }
  const map = 'orders.fifo:4=11,12,13,14'
  await check({
    ...release,
    title: 'open, partitioning is enabled',
    vars: { NODES_RAFT_MAP: ready, NODE_COUNT: '3', SQS_FIFO_PARTITION_MAP: map },
    jobs: { release: 'success' },
    gates: { release: 'true' },
    trace: ['enable-partitioning.sh'],
  })
  for (const [title, vars] of [
    ['an old node', { NODES_RAFT_MAP: mixed, SQS_FIFO_PARTITION_MAP: map }],
    ['no variables', {}],
    ['a node left out', { NODES_RAFT_MAP: ready, NODE_COUNT: '4' }],
    [
      'a map that the server would refuse',
      { NODES_RAFT_MAP: ready, SQS_FIFO_PARTITION_MAP: 'orders.fifo:3=11,12,13' },
    ],
  ] as const) {
    await check({
      ...release,
      title: `${title}, closed, nothing is enabled`,
      vars,
      jobs: { release: 'failure' },
      gates: { release: 'false' },
    })
  }

  for (const [title, vars, open] of [
    ['open', { NODES_RAFT_MAP: ready }, true],
    ['closed', { NODES_RAFT_MAP: mixed }, false],
    ['a fork, which has no variables, closed', {}, false],
  ] as const) {
    await check({
      path: 'examples/required-check.yml',
      event: 'pull_request',
      title,
      vars,
      jobs: { 'htfifo-gate': open ? 'success' : 'failure' },
      gates: { 'htfifo-gate': String(open) },
    })
  }

  const hand = { ...dispatch, path: 'examples/by-hand.yml', vars: { NODES_RAFT_MAP: mixed } }
  await check({
    ...hand,
    title: 'the nodes of the form, open',
    inputs: { peers: ready },
    jobs: { 'htfifo-gate': 'success' },
    gates: { 'htfifo-gate': 'true' },
  })
  await check({
    ...hand,
    title: 'the nodes of the variable, closed',
    jobs: { 'htfifo-gate': 'failure' },
    gates: { 'htfifo-gate': 'false' },
  })

  const roll = { ...dispatch, path: 'examples/after-rolling-update.yml' }
  await check({
    ...roll,
    title: 'open, once the last node is back',
    vars: { NODES_RAFT_MAP: await upgradingCluster() },
    jobs: { roll: 'success' },
    gates: { roll: 'true' },
    trace: ['rolling-update.sh'],
  })
  await check({
    ...roll,
    title: 'closed, when a node never comes back',
    vars: { NODES_RAFT_MAP: mixed },
    replaced: { 'wait: 10m': 'wait: 1s' },
    jobs: { roll: 'failure' },
    gates: { roll: 'false' },
    trace: ['rolling-update.sh'],
  })

  const nightly = { path: 'examples/nightly-drift.yml', event: 'schedule' }
  await check({
    ...nightly,
    title: 'open, nobody is called',
    vars: { NODES_RAFT_MAP: ready },
    jobs: { 'htfifo-gate': 'success' },
    gates: { 'htfifo-gate': 'true' },
  })
  await check({
    ...nightly,
    title: 'closed, someone is called',
    vars: { NODES_RAFT_MAP: mixed },
    replaced: soon,
    jobs: { 'htfifo-gate': 'failure' },
    gates: { 'htfifo-gate': 'false' },
    trace: ['page.sh htfifo drift, not advertising - ["n2","n3"]'],
  })

  const tailnet = {
    ...dispatch,
    path: 'examples/tailnet.yml',
    trace: ['joined the tailnet as tag:ci-gate'],
  }
  const login = { TS_OAUTH_CLIENT_ID: 'e2e-client', TS_OAUTH_SECRET: 'e2e-secret' }
  await check({
    ...tailnet,
    title: 'open, while the last name is late',
    vars: { NODES_RAFT_MAP: await upgradingCluster() },
    secrets: login,
    jobs: { 'htfifo-gate': 'success' },
    gates: { 'htfifo-gate': 'true' },
  })
  await check({
    ...tailnet,
    title: 'closed',
    vars: { NODES_RAFT_MAP: mixed },
    secrets: login,
    replaced: soon,
    jobs: { 'htfifo-gate': 'failure' },
    gates: { 'htfifo-gate': 'false' },
  })

  await checkFronts()

  const regions = { ...dispatch, path: 'examples/regions.yml' }
  const unroll = (text: string) => unrollMatrix(text, 'regions')
  for (const [title, us, open] of [
    ['every region open', ready, true],
    ['one region closed', mixed, false],
  ] as const) {
    await check({
      ...regions,
      title: `${title}, with the matrix written out for act`,
      change: unroll,
      vars: { NODES_EU: ready, NODES_US: us, NODE_COUNT_EU: '3' },
      jobs: {
        'regions-EU EU': 'success',
        'regions-US US': open ? 'success' : 'failure',
        regions: open ? 'success' : 'failure',
        verdict: open ? 'success' : 'failure',
      },
      gates: { 'regions-EU EU': 'true', 'regions-US US': String(open) },
    })
  }
  await check({
    ...regions,
    title: 'a region that never reports, closed',
    matrix: 'region:EU',
    vars: { NODES_EU: ready, NODES_US: ready },
    jobs: { 'regions EU': 'success', verdict: 'failure' },
    gates: { 'regions EU': 'true' },
  })
}

/** The example with a forward proxy and with mutual TLS, both on the loopback. */
async function checkFronts(): Promise<void> {
  const certificates = makeCertificates(folder)
  const token = 'e2e-token-of-the-proxy'
  const [good, old] = [await startNode('ready'), await startNode('legacy')]
  nodes.push(good, old)
  // The names exist nowhere but in the proxy: a gate that went around it would not find them.
  const proxy = await startProxy({
    'kv01.e2e.invalid:9324': good.address,
    'kv02.e2e.invalid:9324': old.address,
  })
  const front = await startTlsFront(good.address, certificates, token)
  const test = { event: 'workflow_dispatch', path: 'examples/proxy-or-mutual-tls.yml' }
  const vars = {
    PROXY: `http://${proxy.address}`,
    NODES_RAFT_MAP: 'n1=kv01.e2e.invalid',
    NODES_HTTPS: `n1=https://${front.address}`,
    KV_CA_CERTIFICATE: certificates.ca,
    KV_CLIENT_CERTIFICATE: certificates.client,
  }
  const secrets = { KV_CLIENT_KEY: certificates.clientKey, KV_TOKEN: token }
  const both = (proxied: boolean, secured: boolean) => ({
    jobs: {
      'forward-proxy': proxied ? 'success' : 'failure',
      'mutual-tls': secured ? 'success' : 'failure',
    },
    gates: { 'forward-proxy': String(proxied), 'mutual-tls': String(secured) },
  })
  try {
    await check({ ...test, title: 'open, both', vars, secrets, ...both(true, true) })
    if (only === '' && (proxy.seen.length !== 1 || front.seen.length !== 1)) {
      failures++
      console.log(`✗ expected one request through each, found ${[...proxy.seen, ...front.seen]}`)
    }
    await check({
      ...test,
      title: 'an old node behind the proxy, and a wrong token: closed, both',
      vars: { ...vars, NODES_RAFT_MAP: 'n1=kv01.e2e.invalid,n2=kv02.e2e.invalid' },
      secrets: { ...secrets, KV_TOKEN: 'another-token' },
      ...both(false, false),
    })
    await check({
      ...test,
      title: 'a host that the proxy refuses, and no client certificate: closed, both',
      vars: { ...vars, NODES_RAFT_MAP: 'kv03.e2e.invalid', KV_CLIENT_CERTIFICATE: '' },
      secrets: { KV_TOKEN: token },
      ...both(false, false),
    })
  } finally {
    proxy.close()
    front.close()
  }
}

try {
  await main()
} finally {
  for (const node of nodes) await node.close()
  rmSync(folder, { recursive: true, force: true })
}
const replaced = new Set(
  [...tried].flatMap((path) => remoteActions(readFileSync(join(ROOT, path), 'utf8'))),
)
replaced.delete(GATE)
console.log(`\nreplaced by stand-ins, because they need the network: ${[...replaced].join(', ')}`)
console.log(failures === 0 ? 'all as expected' : `${failures} NOT as expected`)
process.exitCode = failures === 0 ? 0 : 1
