import { afterEach, expect, it } from 'vitest'
import type { RaftMember } from '../../sample/raft.ts'
import { type RaftCluster, startClusterWith } from '../../sample/raft-cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'

const clusters: RaftCluster[] = []
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close()
})

/** Three nodes with addresses of their own, which are all ready. */
async function startThree(groups: number): Promise<RaftCluster> {
  const cluster = await startClusterWith({ groups, apart: true }, 'ready', 'ready', 'ready')
  clusters.push(cluster)
  return cluster
}

async function poll(peers: string, inputs: Record<string, string>) {
  const step = await runStep({ peers, timeout: '10s', ...inputs })
  const warnings = step.stdout.split('\n').filter((line) => line.startsWith('::warning::'))
  return { ...step, warnings, membership: reportOf(step).membership }
}

it('every group is asked for members where raft-port names the port of each', async () => {
  const cluster = await startThree(2)
  const step = await poll(cluster.nodeMap, { 'raft-port': cluster.raftPorts })
  expect(cluster.raftPorts).toMatch(/^\d+,\d+$/)
  expect(step.code).toBe(0)
  expect(step.outputs['membership']).toBe('complete')
  expect(step.membership?.groups).toBe(2)
  expect(step.membership?.members).toHaveLength(6)
  for (const text of [step.stdout, step.summary]) {
    expect(text).toContain('Membership confirmed by all 3 nodes (2 groups), before and after.')
  }
})

it('a learner of the second group that is not in the list closes the gate', async () => {
  const cluster = await startThree(2)
  const list = cluster.nodeMap
  await cluster.join('legacy', { suffrage: 'learner', groups: [2] })
  const step = await poll(list, { 'raft-port': cluster.raftPorts })
  expect(step.code).toBe(1)
  expect(step.outputs).toMatchObject({
    'all-advertise': 'false',
    membership: 'incomplete',
    'unlisted-members': '["n4"]',
  })
  const unlisted = step.membership?.members.filter(({ listed }) => !listed)
  expect(unlisted).toMatchObject([{ id: 'n4', suffrage: 'learner', groups: [2] }])
})

it('the sentence over an open gate says that only one group told', async () => {
  const cluster = await startThree(2)
  const [first = ''] = cluster.raftPorts.split(',')
  const { stdout } = await poll(cluster.nodeMap, { 'raft-port': first })
  expect(stdout).toContain('Membership confirmed by all 3 nodes (1 group), before and after.')
})

it('a partition map with more groups than raft-port has ports is a problem before any poll', async () => {
  const cluster = await startThree(2)
  const [first = ''] = cluster.raftPorts.split(',')
  const map = { 'partition-map': 'orders.fifo:2=1,2' }
  const step = await poll(cluster.nodeMap, { 'raft-port': first, ...map })
  expect(step).toMatchObject({ code: 1, outputs: { rounds: '0', 'all-advertise': 'false' } })
  expect(annotationsOf(step)[0]).toContain('raft-port: found 2 Raft groups in partition-map')
  const enough = await poll(cluster.nodeMap, { 'raft-port': cluster.raftPorts, ...map })
  expect(enough.code).toBe(0)
})

it("the server's own map, with an SQS address for each Raft listener, gives no warning", async () => {
  const cluster = await startThree(2)
  const step = await poll(cluster.peers, { 'raft-port': '50051', 'expected-peers': '3' })
  expect(step.code).toBe(0)
  expect(step.outputs).toMatchObject({ membership: 'complete', 'peer-count': '3' })
  expect(step.warnings).toEqual([])
  expect(step.stdout).toContain('Membership confirmed by all 3 nodes (2 groups)')
})

/** The members with one of them at another host. */
const moved = (members: readonly RaftMember[], id: string, host: string): RaftMember[] =>
  members.map((member) =>
    member.id === id
      ? { ...member, address: `${host}:${member.address.split(':').at(-1)}` }
      : member,
  )

const expectSplit = (step: Awaited<ReturnType<typeof poll>>, ...addresses: string[]) => {
  expect(step.code).toBe(1)
  expect(step.outputs).toMatchObject({ 'all-advertise': 'false', membership: 'incomplete' })
  const [annotation = ''] = annotationsOf(step)
  for (const address of addresses) {
    for (const text of [annotation, step.summary, JSON.stringify(step.membership?.changed)]) {
      expect(text).toContain(address)
    }
  }
}

it('an id that moved, of which the list has the left-over process, closes the gate', async () => {
  const cluster = await startThree(1)
  const [first, second] = cluster.nodes
  const now = moved(cluster.members, 'n3', '127.0.0.9')
  for (const node of [first, second]) node?.tell(now)
  const port = cluster.raftPorts
  const step = await poll(cluster.nodeMap, { 'raft-port': port })
  expect(step.outputs['advertising-count']).toBe('3')
  expectSplit(step, `127.0.0.3:${port}`, `127.0.0.9:${port}`)
  expect(annotationsOf(step)[0]).toContain('the nodes report n3 at several addresses')
})

it('a node that is asked elsewhere than where the cluster knows it is warned of', async () => {
  const cluster = await startThree(1)
  const port = cluster.raftPorts
  for (const node of cluster.nodes) node.tell(moved(cluster.members, 'n3', '127.0.0.9'))
  const step = await poll(cluster.nodeMap, { 'raft-port': port })
  expect(step).toMatchObject({ code: 0, outputs: { membership: 'complete' } })
  expect(step.warnings).toEqual([
    '::warning::peers: not asked at the address that the cluster has for it: n3 (127.0.0.9). If that is another machine than the one in the list, a member was not asked.',
  ])
  expect(step.summary).toContain('n3 (127.0.0.9)')
})

it('a node of another cluster with the same ids closes the gate', async () => {
  const cluster = await startThree(1)
  const { members } = cluster
  const hosts = ['127.9.0.1', '127.9.0.2', '127.0.0.3']
  cluster.nodes[2]?.tell(
    hosts.reduce<readonly RaftMember[]>(
      (all, host, index) => moved(all, `n${index + 1}`, host),
      members,
    ),
  )
  const port = cluster.raftPorts
  const step = await poll(cluster.nodeMap, { 'raft-port': port })
  expectSplit(step, `127.0.0.1:${port}`, `127.9.0.1:${port}`)
})

it('two voters of one id in one answer, at two hosts, close the gate', async () => {
  const cluster = await startThree(1)
  const twice = [...cluster.members, ...moved(cluster.members.slice(2), 'n3', '127.0.0.9')]
  for (const node of cluster.nodes) node.tell(twice)
  const port = cluster.raftPorts
  const step = await poll(cluster.nodeMap, { 'raft-port': port })
  expectSplit(step, `127.0.0.3:${port}`, `127.0.0.9:${port}`)
})

it('a member under another name gets the advice to write its id in front, before the one to add it', async () => {
  const cluster = await startThree(1)
  const list = cluster.nodes.map(({ address }) => address).join('\n')
  const ports = { 'raft-port': cluster.raftPorts }
  // By the Raft address that is asked, a member is listed under any name.
  expect((await poll(list, ports)).code).toBe(0)
  for (const node of cluster.nodes) {
    node.tell(cluster.members.map((member) => ({ ...member, address: `kv-${member.id}:50051` })))
  }
  const step = await poll(list, ports)
  expect(step).toMatchObject({ code: 1, outputs: { membership: 'incomplete' } })
  expect(step.summary).toMatch(
    /under another name, write its Raft id in front: `n1=address`\..* add it/,
  )
})

it('an id at two ports of one host in one group closes the gate: another process has it', async () => {
  const cluster = await startThree(1)
  const [first, second, third] = cluster.nodes
  const elsewhere = cluster.members.map((member) =>
    member.id === 'n3' ? { ...member, address: '127.0.0.3:1' } : member,
  )
  for (const node of [first, second]) node?.tell(elsewhere)
  const step = await poll(cluster.nodeMap, { 'raft-port': cluster.raftPorts })
  expectSplit(step, third?.raftAddress ?? '', '127.0.0.3:1')
})

it('more ports than a node has Raft addresses are a problem before any poll', async () => {
  const cluster = await startThree(1)
  const [port] = cluster.raftPorts.split(',')
  const step = await poll(cluster.peers, { 'raft-port': `${port},50061` })
  expect(step).toMatchObject({ code: 1, outputs: { rounds: '0', 'all-advertise': 'false' } })
  expect(annotationsOf(step)[0]).toContain(
    'raft-port: found 2 Raft ports, but fewer Raft addresses',
  )
})

it('a group of the partition map that no node reported is a warning', async () => {
  const cluster = await startThree(2)
  for (const node of cluster.nodes) node.tell(cluster.groups[0]?.members ?? [], 2)
  const map = { 'raft-port': cluster.raftPorts, 'partition-map': 'orders.fifo:2=1,2' }
  const { code, warnings } = await poll(cluster.nodeMap, map)
  expect(code).toBe(0)
  expect(warnings).toEqual([
    '::warning::raft-port: the nodes reported the members of 1 Raft group, but partition-map names 2 groups; the members of the others were not asked',
  ])
})
