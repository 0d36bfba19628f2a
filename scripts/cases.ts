import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Generation, startNode } from '../sample/cluster.ts'
import type { Request, Run } from './act.ts'
import { unrollMatrix } from './regions.ts'
import { ROOT } from './tools.ts'

/** A run of a workflow, and how it must end. */
export interface Case extends Omit<Request, 'text' | 'files'> {
  readonly title: string
  /** The workflow, from the folder of the project. */
  readonly path: string
  /** Texts of the workflow that are replaced, so that a closed gate does not wait for minutes. */
  readonly replaced?: Readonly<Record<string, string>>
  readonly change?: (text: string) => string
  /** The text of a workflow that calls this one, and is run in its place. */
  readonly caller?: string
  readonly jobs: Run['jobs']
  readonly gates: Run['gates']
  readonly trace?: Run['trace']
  /** What came through the fronts since the case before, asked after the run, and what is expected. */
  readonly seen?: () => readonly string[]
  readonly requests?: readonly string[]
}

/** Where what was started for the cases leaves how it is stopped. */
export type Closers = (() => unknown)[]

const dispatch = { event: 'workflow_dispatch' } as const

async function startCluster(closers: Closers, ...generations: Generation[]): Promise<string> {
  const nodes = await Promise.all(generations.map((generation) => startNode(generation)))
  closers.push(...nodes.map(({ close }) => close))
  return nodes.map(({ address }, index) => `n${index + 1}=${address}`).join(',')
}

/** A cluster whose second node is upgraded after its first answer. */
async function startLateCluster(closers: Closers): Promise<string> {
  const late = await startNode('listing', false, () => late.upgrade('ready'))
  closers.push(late.close)
  return `${await startCluster(closers, 'ready')},n2=${late.address}`
}

const startClusters = async (closers: Closers) => ({
  ready: await startCluster(closers, 'ready', 'ready', 'ready'),
  mixed: await startCluster(closers, 'ready', 'listing', 'legacy'),
})

/** How a workflow with one job ends. */
const ends = (job: string, open: boolean) => ({
  jobs: { [job]: open ? 'success' : 'failure' },
  gates: { [job]: String(open) },
})

/** The workflows of this repository that run the gate. */
export async function workflowCases(closers: Closers): Promise<Case[]> {
  const { ready, mixed } = await startClusters(closers)
  const path = '.github/workflows/gate.yml'
  // What GitHub tells the reusable workflow about itself, and act does not.
  const replaced = {
    '${{ job.workflow_repository }}': 'OWNER/htfifo-gate',
    '${{ job.workflow_sha }}': '0000000000000000000000000000000000000000',
  }
  const caller = readFileSync(join(ROOT, 'scripts/caller.yml'), 'utf8')
  const gate = { ...dispatch, path, replaced }
  const inputs = { peers: ready, 'expected-peers': '3', 'partition-map': 'orders.fifo:2=11,12' }
  return [
    {
      ...dispatch,
      path: '.github/workflows/self-test.yml',
      title: 'every step is as expected, the last gate is a closed one',
      matrix: 'os:ubuntu-latest',
      jobs: { 'gate ubuntu-latest': 'success', 'self-test': 'success' },
      gates: { 'gate ubuntu-latest': 'false' },
    },
    { ...gate, title: 'by the form, open', inputs, ...ends('gate', true) },
    { ...gate, title: 'by the form, closed', inputs: { peers: mixed }, ...ends('gate', false) },
    {
      ...dispatch,
      path,
      title: 'on a server that does not tell the commit: closed, nothing is asked',
      inputs: { peers: ready },
      jobs: { gate: 'failure' },
      gates: {},
    },
    {
      ...gate,
      title: 'called, open',
      caller,
      vars: { NODES_RAFT_MAP: ready },
      jobs: { gate: 'success', after: 'success' },
      gates: { gate: 'true' },
      trace: ['after success all-advertise=true blocking=[]'],
    },
    // GitHub would go on to the job "after"; act ends with a called workflow that failed.
    {
      ...gate,
      title: 'called, closed',
      caller,
      vars: { NODES_RAFT_MAP: mixed },
      ...ends('gate', false),
    },
  ]
}

/** The examples, but for the one with fronts. */
export async function exampleCases(closers: Closers): Promise<Case[]> {
  const { ready, mixed } = await startClusters(closers)
  return [
    ...releaseCases(ready, mixed),
    ...checkCases(ready, mixed),
    ...(await waitingCases(closers, ready, mixed)),
    ...regionCases(ready, mixed),
  ]
}

function releaseCases(ready: string, mixed: string): Case[] {
  const release = { ...dispatch, path: 'examples/release.yml' }
  const map = { SQS_FIFO_PARTITION_MAP: 'orders.fifo:4=11,12,13,14' }
  const closed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'an old node': { NODES_RAFT_MAP: mixed, ...map },
    'no variables': {},
    'a node that the list lacks': { NODES_RAFT_MAP: ready, NODE_COUNT: '4', ...map },
    'a map that the server would refuse': {
      NODES_RAFT_MAP: ready,
      SQS_FIFO_PARTITION_MAP: 'orders.fifo:3=11,12,13',
    },
  }
  return [
    {
      ...release,
      title: 'open, partitioning is enabled',
      vars: { NODES_RAFT_MAP: ready, NODE_COUNT: '3', ...map },
      trace: ['enable-partitioning.sh'],
      ...ends('release', true),
    },
    ...Object.entries(closed).map(([title, vars]) => ({
      ...release,
      title: `${title}: closed, nothing is enabled`,
      vars,
      ...ends('release', false),
    })),
  ]
}

function checkCases(ready: string, mixed: string): Case[] {
  const check = { path: 'examples/required-check.yml', event: 'pull_request' }
  const hand = { ...dispatch, path: 'examples/by-hand.yml', vars: { NODES_RAFT_MAP: mixed } }
  const job = 'htfifo-gate'
  return [
    { ...check, title: 'open', vars: { NODES_RAFT_MAP: ready }, ...ends(job, true) },
    { ...check, title: 'closed', vars: { NODES_RAFT_MAP: mixed }, ...ends(job, false) },
    { ...check, title: 'from a fork, which has no variables: closed', ...ends(job, false) },
    { ...hand, title: 'nodes of the form, open', inputs: { peers: ready }, ...ends(job, true) },
    { ...hand, title: 'nodes of the variable, closed', ...ends(job, false) },
  ]
}

async function waitingCases(closers: Closers, ready: string, mixed: string): Promise<Case[]> {
  const soon = { 'wait: 2m': 'wait: 1s' }
  const old = { NODES_RAFT_MAP: mixed }
  const job = 'htfifo-gate'
  const roll = {
    ...dispatch,
    path: 'examples/after-rolling-update.yml',
    trace: ['rolling-update.sh'],
  }
  const nightly = { path: 'examples/nightly-drift.yml', event: 'schedule' }
  const tailnet = {
    ...dispatch,
    path: 'examples/tailnet.yml',
    secrets: { TS_OAUTH_CLIENT_ID: 'e2e-client', TS_OAUTH_SECRET: 'e2e-secret' },
    trace: ['joined the tailnet as tag:ci-gate'],
  }
  return [
    {
      ...roll,
      title: 'open, once the last node is back',
      vars: { NODES_RAFT_MAP: await startLateCluster(closers) },
      ...ends('roll', true),
    },
    {
      ...roll,
      title: 'closed, when a node never comes back',
      vars: old,
      replaced: { 'wait: 10m': 'wait: 1s' },
      ...ends('roll', false),
    },
    {
      ...nightly,
      title: 'open, nobody is called',
      vars: { NODES_RAFT_MAP: ready },
      ...ends(job, true),
    },
    {
      ...nightly,
      title: 'closed, someone is called',
      vars: old,
      replaced: soon,
      trace: ['page.sh htfifo gate closed, not advertising - ["n2","n3"] (if empty, see the run)'],
      ...ends(job, false),
    },
    {
      ...tailnet,
      title: 'open, once the last node is there',
      vars: { NODES_RAFT_MAP: await startLateCluster(closers) },
      ...ends(job, true),
    },
    { ...tailnet, title: 'closed', vars: old, replaced: soon, ...ends(job, false) },
  ]
}

function regionCases(ready: string, mixed: string): Case[] {
  const regions = { ...dispatch, path: 'examples/regions.yml' }
  const written = [
    ['every region open', ready, ready],
    ['the first region closed', mixed, ready],
    ['the last region closed', ready, mixed],
  ] as const
  const result = (peers: string) => (peers === ready ? 'success' : 'failure')
  return [
    ...written.map(([title, eu, us]) => {
      const all = result(eu === us ? ready : mixed)
      return {
        ...regions,
        title: `${title}, with the matrix written out for act`,
        change: (text: string) => unrollMatrix(text, 'regions'),
        vars: { NODES_EU: eu, NODES_US: us, NODE_COUNT_EU: '3' },
        jobs: {
          'regions-EU EU': result(eu),
          'regions-US US': result(us),
          regions: all,
          verdict: all,
        },
        gates: { 'regions-EU EU': String(eu === ready), 'regions-US US': String(us === ready) },
      }
    }),
    {
      ...regions,
      title: 'a region that never reports: closed',
      matrix: 'region:EU',
      vars: { NODES_EU: ready, NODES_US: ready },
      jobs: { 'regions EU': 'success', verdict: 'failure' },
      gates: { 'regions EU': 'true' },
    },
  ]
}
