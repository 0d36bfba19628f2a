import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { startNode } from '../../sample/cluster.ts'
import { startProxy } from '../../sample/proxy.ts'
import { startCluster, startClusterWith } from '../../sample/raft-cluster.ts'
import { makeAuthority } from '../../test/support/certificates.ts'
import type { Request, Run } from './act.ts'

/** A run of a workflow, and how it must end. */
export interface Case extends Omit<Request, 'text' | 'files'> {
  readonly title: string
  /** The workflow, from the folder of the project. */
  readonly path: string
  /** Texts of the workflow that are replaced, such as a long wait where the gate must stay closed. */
  readonly replaced?: Readonly<Record<string, string>>
  readonly change?: (text: string) => string
  /** The text of a workflow that calls this one, and is run in its place. */
  readonly caller?: string
  readonly jobs: Run['jobs']
  readonly trace?: Run['trace']
  /** How many summaries must have been written, where that matters. */
  readonly summaries?: number
  /** What must have come through the proxies, in the order of the alphabet. */
  readonly requests?: readonly string[]
}

/** What came through the proxies so far, without the query, which is another one each time. */
export const requests: string[] = []
const note = (request: string) => requests.push(request.replace(/\?.*$/, ''))

/** A cluster whose second node is upgraded after its first answer; as a list of peers. */
async function startLateCluster(): Promise<string> {
  const cluster = await startCluster('ready')
  await cluster.join('listing', { onAnswer: (_, node) => node.upgrade('ready') })
  return cluster.peers
}

/** A cluster of four, as a list that lacks the learner n4. */
async function startUnlistedCluster(): Promise<string> {
  const cluster = await startCluster('ready', 'ready', 'ready')
  const { peers } = cluster
  await cluster.join('ready', { suffrage: 'learner' })
  return peers
}

const CANARY_MAP = 'orders.fifo:4=1,2,1,2;htfifo-canary.fifo:4=1,2,1,2'

/** An upgraded cluster of two Raft groups, of which n1 leads the first, and this node the second; as a list of peers. */
async function startGroups(leader: string): Promise<string> {
  const options = { groups: 2, partitionMap: CANARY_MAP }
  const cluster = await startClusterWith(options, 'ready', 'ready', 'ready')
  cluster.lead(2, leader)
  return cluster.peers
}

const READY = (await startCluster('ready', 'ready', 'ready')).peers
/** With the leaders of its groups on one node, partitioned queues are served. */
const PROVABLE = await startGroups('n1')
/** With the leaders on several nodes, what was sent is not received. */
const UNPROVABLE = await startGroups('n2')
const MIXED = (await startCluster('ready', 'listing', 'legacy')).peers
const UNLISTED = await startUnlistedCluster()
const LATE = [await startLateCluster(), await startLateCluster()] as const
const OPEN = 'success, open'
const CLOSED = 'failure, closed'
const PROVEN = 'success, open, proven'
const UNPROVEN = 'failure, open, not proven'

const ready = { NODES_RAFT_MAP: READY, NODE_COUNT: '3' }
const mixed = { NODES_RAFT_MAP: MIXED, NODE_COUNT: '3' }
const unlisted = { NODES_RAFT_MAP: UNLISTED, NODE_COUNT: '3' }
const groups = { NODE_COUNT: '3', SQS_FIFO_PARTITION_MAP: CANARY_MAP }
const provable = { NODES_RAFT_MAP: PROVABLE, ...groups }
const unprovable = { NODES_RAFT_MAP: UNPROVABLE, ...groups }
/** For lists that name one Raft listener for each node. */
const ONE_GROUP = { 'raft-port: 50051,50061': 'raft-port: 50051' }
/** A guard whose variable nobody set. */
const unguarded = { NODES_RAFT_MAP: READY }

/** The first workflow of the README, as it stands. */
function readmeCases(): Case[] {
  const readme = {
    path: 'README.md',
    change: (text: string) => /^```yaml\n(name: .*?)^```/ms.exec(text)?.[1] ?? '',
  }
  const closed = {
    'an old node': mixed,
    'a member that the list lacks': unlisted,
    'a list that is too short': { NODES_RAFT_MAP: LATE[0] },
    'no variable': {},
  }
  return [
    {
      ...readme,
      title: 'the release, open and proven, partitioning is enabled',
      vars: ready,
      jobs: { release: PROVEN },
      summaries: 2,
      trace: ['enable-partitioning.sh'],
    },
    {
      ...readme,
      title: 'the release, open and not proven: nothing is enabled',
      vars: unprovable,
      jobs: { release: UNPROVEN },
    },
    {
      ...readme,
      title: 'the release, a misspelt input: closed, nothing is enabled',
      vars: ready,
      replaced: { 'expected-peers: 3': 'expected_peers: 3' },
      jobs: { release: CLOSED },
    },
    ...Object.entries(closed).map(([title, vars]) => ({
      ...readme,
      title: `the release, ${title}: closed, nothing is enabled`,
      vars,
      jobs: { release: CLOSED },
    })),
  ]
}

/** The workflows of this repository that run the gate. */
function workflowCases(): Case[] {
  const path = '.github/workflows/gate.yml'
  // What GitHub tells the reusable workflow about itself, and act does not.
  const replaced = {
    '${{ job.workflow_repository }}': 'OWNER/htfifo-gate',
    '${{ job.workflow_sha }}': '0000000000000000000000000000000000000000',
  }
  const caller = readFileSync(join(import.meta.dirname, 'caller.yml'), 'utf8')
  const inputs = {
    peers: READY,
    'raft-port': '50051',
    'expected-peers': '3',
    'partition-map': 'orders.fifo:2=1,1',
  }
  return [
    {
      path: '.github/workflows/self-test.yml',
      title: 'every step is as expected, the last gate and the last canary have failed',
      matrix: 'os:ubuntu-latest',
      jobs: { 'gate ubuntu-latest': 'success, closed, not proven', 'self-test': 'success' },
    },
    { path, replaced, title: 'by the form, open', inputs, jobs: { gate: OPEN } },
    {
      path,
      replaced,
      title: 'by the form, an emptied guard: closed',
      inputs: { peers: READY, 'expected-peers': '' },
      jobs: { gate: CLOSED },
    },
    {
      path,
      replaced,
      title: 'by the form with the canary, open and proven',
      inputs: { ...inputs, canary: 'true', 'partition-map': 'none', messages: '2' },
      jobs: { gate: PROVEN },
      summaries: 2,
    },
    {
      path,
      replaced,
      title: 'by the form with the canary, open and not proven',
      inputs: { ...inputs, peers: UNPROVABLE, 'partition-map': CANARY_MAP, canary: 'true' },
      jobs: { gate: UNPROVEN },
    },
    {
      path,
      replaced,
      title: 'by the form with the canary, closed: it does not run',
      inputs: { peers: MIXED, canary: 'true' },
      jobs: { gate: CLOSED },
      summaries: 1,
    },
    {
      path,
      replaced,
      title: 'by the form, closed',
      inputs: { peers: MIXED },
      jobs: { gate: CLOSED },
    },
    {
      path,
      replaced,
      title: 'by the form, a member that the list lacks, and no summary: closed',
      inputs: { peers: UNLISTED, 'raft-port': '50051', summary: 'false' },
      jobs: { gate: CLOSED },
      summaries: 0,
    },
    {
      path,
      title: 'on a server that does not tell the commit: closed, nothing is asked',
      inputs: { peers: READY },
      jobs: { gate: 'failure' },
    },
    {
      path,
      replaced,
      caller,
      title: 'called, open',
      vars: ready,
      jobs: { gate: OPEN, after: 'success' },
      trace: ['after success all-advertise=true blocking=[] membership=complete proven='],
    },
    {
      path,
      replaced,
      caller: caller.replace('raft-port: "50051"', 'raft-port: "50051"\n      canary: true'),
      title: 'called with the canary, open and proven',
      vars: ready,
      jobs: { gate: PROVEN, after: 'success' },
      trace: ['after success all-advertise=true blocking=[] membership=complete proven=true'],
    },
    // GitHub would go on to the job "after"; act ends with a called workflow that failed.
    { path, replaced, caller, title: 'called, closed', vars: mixed, jobs: { gate: CLOSED } },
  ]
}

function releaseCases(): Case[] {
  const path = 'examples/release.yml'
  const map = { SQS_FIFO_PARTITION_MAP: 'orders.fifo:4=1,1,1,1;htfifo-canary.fifo:2=1,1' }
  const closed = {
    'an old node': { ...mixed, ...map },
    'no variables': {},
    'a list that is too short': { ...ready, ...map, NODE_COUNT: '4' },
    'a member that the list lacks': { ...unlisted, ...map },
    'a map that the server would refuse': {
      ...ready,
      SQS_FIFO_PARTITION_MAP: 'orders.fifo:3=1,1,1',
    },
    'a map of more groups than are asked': { ...ready, SQS_FIFO_PARTITION_MAP: CANARY_MAP },
    'no number of nodes': { ...unguarded, ...map },
    'no map': ready,
  }
  return [
    {
      path,
      title: 'open and proven, partitioning is enabled',
      vars: { ...ready, ...map },
      replaced: ONE_GROUP,
      jobs: { release: PROVEN },
      trace: ['set-partition-map.sh', 'enable-partitioning.sh'],
    },
    {
      path,
      title: 'open and proven with several groups, partitioning is enabled',
      vars: provable,
      jobs: { release: PROVEN },
      trace: ['set-partition-map.sh', 'enable-partitioning.sh'],
    },
    {
      path,
      title: 'open and not proven: nothing is enabled',
      vars: unprovable,
      jobs: { release: UNPROVEN },
      trace: ['set-partition-map.sh'],
    },
    {
      path,
      title: "a map without the canary's queue: not proven, nothing is enabled",
      vars: { ...ready, SQS_FIFO_PARTITION_MAP: 'orders.fifo:4=1,1,1,1' },
      replaced: ONE_GROUP,
      jobs: { release: UNPROVEN },
      trace: ['set-partition-map.sh'],
    },
    ...Object.entries(closed).map(([title, vars]) => ({
      path,
      title: `${title}: closed, nothing is enabled`,
      vars,
      replaced: ONE_GROUP,
      jobs: { release: CLOSED },
    })),
  ]
}

function checkCases(): Case[] {
  const check = { path: 'examples/required-check.yml', event: 'pull_request' }
  const hand = { path: 'examples/by-hand.yml', vars: mixed }
  const [open, closed] = [{ 'htfifo-gate': OPEN }, { 'htfifo-gate': CLOSED }]
  return [
    { ...check, title: 'open', vars: ready, jobs: open },
    { ...check, title: 'closed', vars: mixed, jobs: closed },
    { ...check, title: 'a member that the list lacks: closed', vars: unlisted, jobs: closed },
    { ...check, title: 'no number of nodes: closed', vars: unguarded, jobs: closed },
    { ...check, title: 'from a fork, which has no variables: closed', jobs: closed },
    { ...hand, title: 'nodes of the form, open', inputs: { peers: READY }, jobs: open },
    {
      ...hand,
      title: 'some nodes of the form, without the members, open',
      inputs: { peers: UNLISTED, 'raft-port': 'none' },
      jobs: open,
    },
    { ...hand, title: 'nodes of the variable, closed', jobs: closed },
  ]
}

function waitingCases(): Case[] {
  const replaced = { 'wait: 2m': 'wait: 1s' }
  const [open, closed] = [{ 'htfifo-gate': OPEN }, { 'htfifo-gate': CLOSED }]
  const roll = { path: 'examples/after-rolling-update.yml', trace: ['rolling-update.sh'] }
  const paged = (gate: string, canary: string) =>
    `page.sh htfifo drift, gate ${gate}; canary ${canary}`
  const nightly = { path: 'examples/nightly-drift.yml', event: 'schedule' }
  const tailnet = {
    path: 'examples/tailnet.yml',
    secrets: { TS_OAUTH_CLIENT_ID: 'e2e-client', TS_OAUTH_SECRET: 'e2e-secret' },
    trace: ['joined the tailnet as tag:ci-gate'],
  }
  return [
    {
      ...roll,
      title: 'open, once the last node is back',
      vars: { NODES_RAFT_MAP: LATE[0], NODE_COUNT: '2' },
      jobs: { roll: OPEN },
    },
    {
      ...roll,
      title: 'closed, when a node never comes back',
      vars: mixed,
      replaced: { 'wait: 10m': 'wait: 1s' },
      jobs: { roll: CLOSED },
    },
    {
      ...nightly,
      title: 'open and proven, nobody is called',
      vars: ready,
      replaced: ONE_GROUP,
      jobs: { 'htfifo-gate': PROVEN },
    },
    {
      ...nightly,
      title: 'open and not proven, someone is called',
      vars: unprovable,
      jobs: { 'htfifo-gate': UNPROVEN },
      trace: [
        paged('success - 3 of 3 nodes advertise, membership complete', 'failure at step receive'),
      ],
    },
    {
      ...nightly,
      title: 'closed, someone is called',
      vars: mixed,
      replaced: { ...replaced, ...ONE_GROUP },
      jobs: closed,
      trace: [paged('failure - 1 of 3 nodes advertise, membership complete', 'skipped')],
    },
    {
      ...nightly,
      title: 'a member that the list lacks: closed, someone is called',
      vars: unlisted,
      replaced: { ...replaced, ...ONE_GROUP },
      jobs: closed,
      trace: [paged('failure - 3 of 3 nodes advertise, membership incomplete', 'skipped')],
    },
    {
      ...tailnet,
      title: 'open, once the last node is there',
      vars: { NODES_RAFT_MAP: LATE[1], NODE_COUNT: '2' },
      jobs: open,
    },
    { ...tailnet, title: 'closed', vars: mixed, replaced, jobs: closed },
  ]
}

function regionCases(): Case[] {
  const path = 'examples/regions.yml'
  const written = { path, change: writeOutRegions }
  const counts = { NODE_COUNT_EU: '3', NODE_COUNT_US: '3' }
  const both = (eu: string, us: string) => ({ NODES_EU: eu, NODES_US: us, ...counts })
  return [
    {
      ...written,
      title: 'every region open, with the matrix written out for act',
      vars: both(READY, READY),
      jobs: { 'EU EU': OPEN, 'US US': OPEN, regions: 'success', verdict: 'success' },
    },
    {
      ...written,
      title: 'the first region closed, with the matrix written out for act',
      vars: both(MIXED, READY),
      jobs: { 'EU EU': CLOSED, 'US US': OPEN, regions: 'failure', verdict: 'failure' },
    },
    {
      ...written,
      title: 'the last region closed, with the matrix written out for act',
      vars: both(READY, MIXED),
      jobs: { 'EU EU': OPEN, 'US US': CLOSED, regions: 'failure', verdict: 'failure' },
    },
    {
      path,
      title: 'a region that never reports: closed',
      matrix: 'region:EU',
      vars: both(READY, READY),
      jobs: { 'regions EU': OPEN, verdict: 'failure' },
    },
  ]
}

/**
 * Writes the job `regions`, which has a matrix, as one job for each region, and a job `regions` that joins their outputs
 * and results the way GitHub does. For act, which keeps the outputs of the first job of a matrix only.
 */
function writeOutRegions(text: string): string {
  const workflow = parse(text)
  const { regions, ...others } = workflow.jobs
  const ids: readonly string[] = regions.strategy.matrix.region
  const single = ids.map((id) => [id, { ...regions, strategy: { matrix: { region: [id] } } }])
  const joined = {
    needs: ids,
    if: 'always()',
    'runs-on': 'ubuntu-latest',
    outputs: Object.fromEntries(ids.map((id) => [id, `\${{ needs.${id}.outputs.${id} }}`])),
    steps: [
      {
        run: `test "$RESULTS" = "${ids.map(() => 'success').join(' ')}"`,
        env: { RESULTS: ids.map((id) => `\${{ needs.${id}.result }}`).join(' ') },
      },
    ],
  }
  return stringify({
    ...workflow,
    jobs: { ...Object.fromEntries(single), regions: joined, ...others },
  })
}

/**
 * The example with a forward proxy and with mutual TLS. The names of the nodes exist nowhere but in the proxy: a gate that
 * went around it would not find them.
 */
async function proxyCases(): Promise<Case[]> {
  const path = 'examples/proxy-or-mutual-tls.yml'
  const [good, old] = [await startNode('ready'), await startNode('legacy')]
  const hosts = { 'kv01.e2e.invalid:9324': good.address, 'kv02.e2e.invalid:9324': old.address }
  const proxy = await startProxy(hosts, note)
  const authority = makeAuthority('e2e')
  const [server, client] = [authority.issue('IP:127.0.0.1'), authority.issue('DNS:client')]
  authority.remove()
  const token = 'e2e-token-of-the-proxy'
  // A reverse proxy in front of a node, which asks for a client certificate and a token.
  const front = createServer(
    { ca: authority.certificate, cert: server.certificate, key: server.key, requestCert: true },
    ({ method, url, headers }, response) => {
      note(`${method} ${url}`)
      if (headers.authorization === `Bearer ${token}`) {
        response.end('{"status":"ok","capabilities":["htfifo"]}\n')
      } else response.writeHead(401).end()
    },
  )
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const vars = {
    PROXY: `http://${proxy.address}`,
    NODES_RAFT_MAP: 'n1=kv01.e2e.invalid',
    NODE_COUNT: '1',
    NODES_HTTPS: `n1=https://127.0.0.1:${(front.address() as AddressInfo).port}`,
    KV_CA_CERTIFICATE: authority.certificate,
    KV_CLIENT_CERTIFICATE: client.certificate,
  }
  const secrets = { KV_CLIENT_KEY: client.key, KV_TOKEN: token }
  const closed = { 'forward-proxy': CLOSED, 'mutual-tls': CLOSED }
  const through = (host: string) => `GET http://${host}.e2e.invalid:9324/sqs_health`
  return [
    {
      path,
      title: 'open, both',
      vars,
      secrets,
      jobs: { 'forward-proxy': OPEN, 'mutual-tls': OPEN },
      requests: ['GET /sqs_health', through('kv01')],
    },
    {
      path,
      title: 'an old node behind the proxy, and a wrong token: closed, both',
      vars: {
        ...vars,
        NODES_RAFT_MAP: 'n1=kv01.e2e.invalid,n2=kv02.e2e.invalid',
        NODES_HTTPS: `${vars.NODES_HTTPS},${vars.NODES_HTTPS.replace('n1', 'n2')}/n2`,
        NODE_COUNT: '2',
      },
      secrets: { ...secrets, KV_TOKEN: 'another-token' },
      jobs: closed,
      requests: ['GET /n2/sqs_health', 'GET /sqs_health', through('kv01'), through('kv02')],
    },
    {
      path,
      title: 'a host that the proxy refuses, and no client certificate: closed, both',
      vars: { ...vars, NODES_RAFT_MAP: 'kv03.e2e.invalid', KV_CLIENT_CERTIFICATE: '' },
      secrets: { KV_TOKEN: token },
      jobs: closed,
      requests: [through('kv03')],
    },
  ]
}

/** All runs, in the order in which they are told; their nodes serve until the process ends. */
export const CASES: readonly Case[] = [
  ...readmeCases(),
  ...workflowCases(),
  ...releaseCases(),
  ...checkCases(),
  ...waitingCases(),
  ...regionCases(),
  ...(await proxyCases()),
]
