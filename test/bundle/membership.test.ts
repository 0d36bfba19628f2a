import { afterEach, beforeEach, expect, it } from 'vitest'
import { startNode } from '../../sample/cluster.ts'
import { startRaftListener } from '../../sample/raft.ts'
import { type RaftCluster, startCluster } from '../../sample/raft-cluster.ts'
import { runStep, type StepOptions } from '../../sample/runner.ts'
import { trackProcess } from '../support/process.ts'
import { annotationsOf, reportOf, toldBy } from '../support/rows.ts'
import { serve } from '../support/servers.ts'

/** The contract says one second, which `npm run sweep` measures; the rest is for a busy machine. Nothing else would end these runs. */
const SOON_MS = 10_000

let cluster: RaftCluster
beforeEach(async () => {
  cluster = await startCluster('ready', 'ready', 'ready')
})
afterEach(() => cluster.close())

/** Runs the gate with membership checked; any port will do where each entry has its Raft address in front. */
async function poll(peers: string, inputs: Record<string, string> = {}, options?: StepOptions) {
  const step = await runStep({ peers, 'raft-port': '50051', ...inputs }, options)
  const { membership } = reportOf(step)
  if (membership === null) throw new Error(step.stdout)
  return { ...step, membership, state: step.outputs['membership'] }
}

/** A member by its node, as the report has it. */
const member = (index: number, rest: object = {}) => ({
  ...cluster.members[index],
  groups: [1],
  listed: true,
  knownBy: cluster.nodes.slice(0, 3).map(({ raftAddress }) => raftAddress),
  ...rest,
})
const entries = (...indexes: readonly number[]) =>
  indexes.map((index) => cluster.nodes[index]?.entry).join('\n')

it('a list that holds all members opens, and says what that rests on', async () => {
  const step = await poll(cluster.peers)
  expect(step.code).toBe(0)
  expect(step.outputs).toMatchObject({
    'all-advertise': 'true',
    membership: 'complete',
    'unlisted-members': '[]',
  })
  expect(step.membership).toMatchObject({
    state: 'complete',
    unknown: [],
    changed: [],
    shared: [],
  })
  expect(step.membership.members).toHaveLength(3)
  expect(step.membership.members).toEqual(expect.arrayContaining([member(0), member(1), member(2)]))
  for (const text of [step.stdout, step.summary]) {
    expect(text).toContain('Membership confirmed by all 3 nodes (1 group), before and after.')
  }
})

it('a list may name the members by their ids, where the port is that of each host', async () => {
  const listener = await startRaftListener(() => [
    { id: 'n1', address: 'elsewhere:50051', suffrage: 'voter' },
  ])
  const [, port = ''] = listener.address.split(':')
  const [node] = cluster.nodes
  const step = await poll(`n1=${node?.address}`, { 'raft-port': port })
  await listener.close()
  expect(step).toMatchObject({ code: 0, state: 'complete' })
})

it('a complete list with an old node is closed all the same', async () => {
  await cluster.join('legacy')
  const step = await poll(cluster.peers)
  expect(step).toMatchObject({ code: 1, state: 'complete' })
  expect(step.outputs['blocking-peers']).toBe(JSON.stringify([cluster.nodes[3]?.raftAddress]))
})

it('a node of the list that no member knows is a warning', async () => {
  await cluster.join('ready')
  cluster.remove('n4')
  const step = await poll(cluster.peers)
  expect(step).toMatchObject({ code: 0, state: 'complete' })
  expect(step.stdout).toMatch(new RegExp(`^::warning::.*${cluster.nodes[3]?.raftAddress}`, 'm'))
})

it.each(['voter', 'learner'] as const)(
  'a %s that is not in the list closes the gate, and is named',
  async (suffrage) => {
    const { id, raftAddress } = await cluster.join('legacy', { suffrage })
    const step = await poll(entries(0, 1, 2))
    expect(step).toMatchObject({ code: 1, state: 'incomplete' })
    expect(step.outputs).toMatchObject({
      'all-advertise': 'false',
      'blocking-peers': '[]',
      'unlisted-members': `["${id}"]`,
      'advertising-count': '3',
    })
    expect(step.membership.members).toContainEqual(member(3, { listed: false }))
    const words = `all 3 nodes advertise htfifo, but the cluster has a member that is not in the list: ${id} (${raftAddress}, ${suffrage})`
    expect(annotationsOf(step)).toEqual([expect.stringContaining(words)])
    expect(step.summary).toContain(`\`${id} (${raftAddress}, ${suffrage})\``)
    expect(step.summary).toContain('remove_server')
  },
)

it('a member that is not in the list is found where a single node knows it', async () => {
  await cluster.join('ready')
  const old = cluster.members.slice(0, 3)
  cluster.nodes[0]?.tell(old)
  cluster.nodes[1]?.tell(old)
  const step = await poll(entries(0, 1, 2))
  expect(step).toMatchObject({ code: 1, state: 'incomplete' })
  expect(step.membership.members).toContainEqual(
    member(3, { listed: false, knownBy: [cluster.nodes[2]?.raftAddress] }),
  )
})

it('a gate that waits opens once a member that is not in the list has left', async () => {
  await cluster.join('ready')
  const step = await poll(
    entries(0, 1, 2),
    { wait: '60s', interval: '100ms' },
    { onLog: (text) => text.includes('round 1:') && cluster.remove('n4') },
  )
  expect(step).toMatchObject({ code: 0, state: 'complete' })
  expect(Number(step.outputs['rounds'])).toBeGreaterThan(1)
  expect(step.stdout).toMatch(/^round 1: 3 of 3 advertise, membership incomplete; /m)
})

it('members that change while they are asked close the gate, although all are listed', async () => {
  const joins = await startCluster('ready')
  let joined = false
  await joins.join('ready', {
    onAnswer: () => {
      if (!joined) joins.nodes[0]?.tell(joins.members.slice(0, 1))
      joined = true
    },
  })
  const step = await poll(joins.peers)
  await joins.close()
  expect(step).toMatchObject({ code: 1, state: 'incomplete' })
  expect(step.membership.changed).toEqual([
    {
      name: joins.nodes[0]?.raftAddress,
      before: expect.arrayContaining([expect.objectContaining({ id: 'n2' })]),
      after: [expect.objectContaining({ id: 'n1' })],
    },
  ])
  expect(annotationsOf(step)[0]).toContain('members of the cluster changed while they were asked')
})

it('a peer that does not report its members closes the gate, with the reason', async () => {
  const [first, second, third] = cluster.nodes
  const step = await poll(`${first?.entry}\n${second?.entry}\n127.0.0.1:1=${third?.address}`, {
    timeout: '10s',
  })
  expect(step).toMatchObject({ code: 1, state: 'incomplete' })
  expect(step.membership.unknown).toEqual([
    {
      name: '127.0.0.1:1',
      raftAddress: '127.0.0.1:1',
      status: 'refused',
      error: expect.stringContaining('ECONNREFUSED'),
    },
  ])
})

it('a peer that does not report its members in time is unknown, with the phase, and holds up no other', async () => {
  await using silent = await serve(() => undefined)
  const node = await startNode('ready')
  const step = await poll(`${cluster.peers}\n${silent.address}=${node.address}`, {
    timeout: '2s',
  })
  await node.close()
  expect(step).toMatchObject({ code: 1, state: 'unknown' })
  expect(step.membership.unknown).toMatchObject([
    {
      status: 'timeout',
      error: expect.stringMatching(/^timed out after 2s \(phase: response headers\)$/),
    },
  ])
  expect(step.outputs['unlisted-members']).toBe('[]')
  expect(annotationsOf(step)[0]).toContain('did not report the members of the cluster')
})

it('a peer that has not joined its cluster is unknown', async () => {
  cluster.nodes[2]?.tell([])
  const step = await poll(cluster.peers)
  expect(step).toMatchObject({ code: 1, state: 'unknown' })
  expect(step.membership.unknown[0]?.error).toContain('it has not joined a cluster')
})

it('a Raft address with the port of SQS is told as such', async () => {
  const [first] = cluster.nodes
  const step = await poll(`${first?.address}=${first?.address}`)
  expect(step).toMatchObject({ code: 1, state: 'unknown' })
  expect(step.membership.unknown[0]?.error).toContain('is this the Raft port?')
})

it('one SQS address for members of two ids is shared', async () => {
  const [first, second, third] = cluster.nodes
  const step = await poll(
    `${first?.entry}\n${second?.entry}\n${third?.raftAddress}=${second?.address}`,
  )
  expect(step).toMatchObject({ code: 1, state: 'incomplete' })
  expect(step.membership.shared).toHaveLength(1)
  expect(annotationsOf(step)[0]).toContain(third?.raftAddress)
})

it('two names that lead to one SQS address are shared', async () => {
  const [first, second, third] = cluster.nodes
  const [, port] = second?.address.split(':') ?? []
  const step = await poll(
    `${first?.entry}\n${second?.entry}\n${third?.raftAddress}=http://localhost:${port}`,
  )
  expect(step).toMatchObject({ code: 1, state: 'incomplete' })
  expect(step.membership.shared).toEqual([[second?.raftAddress, third?.raftAddress]])
})

it('several Raft addresses with one id are one process with several groups', async () => {
  const [first] = cluster.nodes
  const groups = ['a', 'b'].map(() => ({ id: 'n1', suffrage: 'voter' as const }))
  const listeners = await Promise.all(
    groups.map((group) => startRaftListener(() => [{ ...group, address: '127.0.0.1:50051' }])),
  )
  const step = await poll(
    ['n1', ...listeners.map(({ address }) => address)]
      .map((name) => `${name}=${first?.address}`)
      .join('\n'),
  )
  for (const listener of listeners) await listener.close()
  expect(step).toMatchObject({ code: 0, state: 'complete' })
})

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while members are asked ends the run within one second, membership unknown',
  async (signal) => {
    const gate = trackProcess()
    let killedAt = 0
    await using silent = await serve(() => {
      killedAt = performance.now()
      gate.kill(signal)
    })
    const [first] = cluster.nodes
    const step = await poll(`${silent.address}=${first?.address}`, { timeout: '10m' }, gate)
    expect(performance.now() - killedAt).toBeLessThan(SOON_MS)
    expect(step.code).toBe(1)
    expect(step.outputs['all-advertise']).toBe('false')
    expect(step.membership.state).toBe('unknown')
    expect(step.membership.unknown[0]).toMatchObject({
      status: 'cancelled',
      error: 'the run was cancelled (phase: response headers)',
    })
    expect(annotationsOf(step)).toHaveLength(1)
  },
)

it('a member whose id holds a header value is told without it', async () => {
  const token = 'tok-3f9ab2c8d17e4405'
  const [first] = cluster.nodes
  first?.tell([{ id: `x-${token}`, address: `h-${token}:1`, suffrage: 'learner' }])
  const step = await poll(cluster.peers, { headers: `Authorization: Bearer ${token}` })
  expect(step.code).toBe(1)
  expect(toldBy(step)).not.toContain(token)
  expect(step.outputs['unlisted-members']).toContain('x-')
})

it('without raft-port no members are asked for, and the summary says so in one line', async () => {
  await using listener = await serve(() => undefined)
  const [first] = cluster.nodes
  const step = await runStep({ peers: `${listener.address}=${first?.address}` })
  expect(step.code).toBe(0)
  expect(listener.connections()).toBe(0)
  expect(step.outputs).toMatchObject({ membership: 'not-checked', 'unlisted-members': '[]' })
  expect(reportOf(step).membership).toBeNull()
  expect(step.summary).toMatch(/^.*Membership was not checked.*the list is taken on trust/m)
})
