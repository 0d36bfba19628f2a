import type { Cluster } from './cluster.ts'
import type { Inputs, Scene } from './scene.ts'
import { listOf } from './scene.ts'

const OPEN = {
  code: 0,
  outputs: { 'all-advertise': 'true', 'blocking-peers': '[]', membership: 'complete' },
} as const

const UNLISTED = {
  code: 1,
  outputs: {
    'all-advertise': 'false',
    'blocking-peers': '[]',
    membership: 'incomplete',
    'unlisted-members': '["n4"]',
  },
} as const

/** Closed because one node does not answer as it should, with this status. */
const blocked = (status: string) =>
  ({
    code: 1,
    outputs: {
      'all-advertise': 'false',
      'advertising-count': '2',
      report: new RegExp(`"status":"${status}"`),
    },
  }) as const

/** `n1=host` and so on, with the ports beside it. */
function nodeMap({ nodes }: Cluster): Inputs {
  const [first] = nodes
  const hosts = nodes.map(({ id, sqs }) => `${id}=${sqs.split(':')[0]}`)
  return {
    peers: hosts.join(','),
    'default-port': first?.sqs.split(':')[1] ?? '',
    'raft-port': [...(first?.raft.values() ?? [])].map((at) => at.split(':')[1]).join(','),
  }
}

/** What the gate says of real clusters. */
export const GATE_SCENES: readonly Scene[] = [
  {
    title: 'gate: three of three nodes',
    expected: OPEN,
  },
  {
    title: 'gate: a fourth node is a learner and not listed',
    arrange: ({ join }) => join('n4', 1),
    inputs: ({ nodes }) => ({ peers: listOf(nodes.slice(0, 3)) }),
    expected: UNLISTED,
  },
  {
    title: 'gate: a fourth node is a learner and listed',
    arrange: ({ join }) => join('n4', 1),
    expected: { ...OPEN, outputs: { ...OPEN.outputs, 'peer-count': '4' } },
  },
  {
    title: 'gate: one node hangs',
    arrange: async ({ hang }) => hang('n2'),
    inputs: () => ({ timeout: '1s' }),
    expected: blocked('timeout'),
  },
  {
    title: 'gate: one node is killed',
    arrange: ({ kill }) => kill('n2'),
    expected: blocked('refused'),
  },
  {
    title: 'gate: one node was killed and is back',
    arrange: async ({ kill, restart }) => {
      await kill('n2')
      await restart('n2')
    },
    expected: OPEN,
  },
  {
    title: 'gate: one node lists capabilities, and not htfifo',
    plan: { nodes: ['elastickv', 'elastickv', 'elastickv-empty'] },
    expected: blocked('missing-capability'),
  },
  {
    title: 'gate: one node is from before the list',
    plan: { nodes: ['elastickv', 'elastickv', 'elastickv-legacy'] },
    expected: blocked('legacy'),
  },
  {
    title: 'gate: a rolling upgrade, waited for',
    plan: { nodes: ['elastickv-legacy', 'elastickv-empty', 'elastickv-empty'] },
    inputs: () => ({ wait: '90s', interval: '300ms', 'stable-rounds': '2' }),
    during: async ({ kill, restart }, logged) => {
      await logged('round 1')
      for (const id of ['n1', 'n2', 'n3']) {
        await kill(id)
        await restart(id)
      }
    },
    // The first round is closed, and two in a row must be open.
    expected: { ...OPEN, outputs: { ...OPEN.outputs, rounds: /^([3-9]|\d\d+)$/ } },
  },
  {
    title: 'gate: two groups, the entries of --raftSqsMap as they are',
    plan: { groups: [1, 2] },
    expected: {
      ...OPEN,
      outputs: { ...OPEN.outputs, 'peer-count': '3' },
      noLog: /^::warning/m,
    },
  },
  {
    title: 'gate: names and hosts as in a map of nodes, and the Raft port',
    plan: { ownHosts: true },
    inputs: nodeMap,
    expected: OPEN,
  },
  {
    title: 'gate: names and hosts as in a map of nodes, and the Raft ports of two groups',
    plan: { ownHosts: true, groups: [1, 2] },
    inputs: nodeMap,
    expected: { ...OPEN, noLog: /^::warning/m },
  },
  {
    title: 'gate: a learner in the second of two groups is not listed',
    plan: { groups: [1, 2] },
    arrange: ({ join }) => join('n4', 2),
    inputs: ({ nodes }) => ({ peers: listOf(nodes.slice(0, 3)) }),
    expected: UNLISTED,
  },
]
