import { describe, expect, it } from 'vitest'
import {
  annotationOf,
  canaryReportOf,
  checkCanaryEnd,
  QUEUE,
  reasonsOf,
  runCanary,
  startNodes,
  TAG,
  watchCalls,
} from '../../support/canary.ts'
import { findCommands } from '../../support/commands.ts'

const MAP = `${QUEUE}:4=1,2,1,2`

const warningsOf = (step: { readonly stdout: string }) =>
  findCommands(step.stdout).filter(({ name }) => name === 'warning')

describe('a cluster with one group', () => {
  it.concurrent('is proven: what is created, sent, received and deleted, through which nodes, each call once', async () => {
    await using cluster = await startNodes()
    const { calls, names } = watchCalls(cluster)
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('proven')
    expect(cluster.queues.size).toBe(0)
    expect(step.outputs).toMatchObject({
      proven: 'true',
      step: 'done',
      'queue-left': 'false',
      placement: 'not-checked',
    })
    expect(warningsOf(step)).toEqual([])

    const report = canaryReportOf(step)
    const created = calls.filter(({ action }) => action === 'CreateQueue')
    expect(created.map(({ node, input }) => [node, input])).toEqual([
      [
        'n1',
        {
          QueueName: QUEUE,
          Attributes: {
            FifoQueue: 'true',
            PartitionCount: '4',
            FifoThroughputLimit: 'perMessageGroupId',
            DeduplicationScope: 'messageGroup',
          },
          tags: { [TAG]: report.run },
        },
      ],
    ])
    // Message k of partition p goes through node (p + k) mod n.
    expect(report.partitions.map(({ sentThrough }) => sentThrough)).toEqual([
      ['n1', 'n2', 'n3'],
      ['n2', 'n3', 'n1'],
      ['n3', 'n1', 'n2'],
      ['n1', 'n2', 'n3'],
    ])
    const sent = calls.filter(({ action }) => action === 'SendMessage')
    expect(sent).toHaveLength(12)
    const groups = report.partitions.map(({ messageGroup }) => messageGroup)
    for (const [partition, group] of groups.entries()) {
      const nodes = sent.filter(({ input }) => input.MessageGroupId === group)
      expect(nodes.map(({ node }) => node)).toEqual(report.partitions[partition]?.sentThrough)
      expect(group).toContain(report.run)
    }
    expect(new Set(sent.map(({ input }) => input.MessageDeduplicationId)).size).toBe(12)
    expect(
      sent.every(({ input }) => input.MessageDeduplicationId?.includes(report.run ?? '?')),
    ).toBe(true)
    for (const { input } of calls) expect(input).not.toHaveProperty('WaitTimeSeconds')
    // What a node gave is deleted through the next one.
    const next: Readonly<Record<string, string>> = { n1: 'n2', n2: 'n3', n3: 'n1' }
    let giver = ''
    for (const { node, action } of calls) {
      if (action === 'ReceiveMessage') giver = node
      if (action === 'DeleteMessage') expect(node).toBe(next[giver])
    }
    expect(names().filter((name) => name.endsWith('DeleteMessage'))).toHaveLength(12)
    expect(names().filter((name) => name.endsWith('DeleteQueue'))).toHaveLength(1)
    // Every node is asked before, after the creation, and after the deletion.
    for (const node of ['n1', 'n2', 'n3']) {
      expect(names().filter((name) => name === `${node} GetQueueUrl`)).toHaveLength(3)
      expect(names()).toContain(`${node} GetQueueAttributes`)
    }
    expect(report.nodes.every(({ seen, received }) => seen && received > 0)).toBe(true)
    expect(report).toMatchObject({
      queue: QUEUE,
      gate: { verdict: 'open', peers: [{}, {}, {}] },
      partitions: Array(4).fill({ group: null, sent: 3, count: 3, order: 'kept' }),
    })
    // One line as each step ends, in the order of the contract, with its time.
    expect([...step.stdout.matchAll(/^✓ (\w+): .*, [\d.]+m?s$/gm)].map(([, name]) => name)).toEqual(
      ['name', 'create', 'seen', 'placement', 'send', 'receive', 'empty', 'placement', 'delete'],
    )
    expect(step.summary).toContain(
      '## ✅ htfifo canary PROVEN: 12 messages went through 4 partitions',
    )
    expect(step.summary.match(/^\| ✅&nbsp;[0-3] \|/gm)).toHaveLength(4)
    expect(step.summary.match(/^\| ✅&nbsp;`n[123]` \|/gm)).toHaveLength(3)
  })

  it.concurrent('says so, where the Raft listeners are asked', async () => {
    await using cluster = await startNodes({ apart: true })
    const step = await runCanary(cluster, {
      'raft-port': cluster.raftPorts,
      'require-spread': 'true',
      'expected-peers': '3',
    })
    expect(checkCanaryEnd(step)).toBe('proven')
    expect(step.outputs['placement']).toBe('one-group')
    expect(warningsOf(step)).toEqual([])
    const { groups } = canaryReportOf(step)
    expect(groups).toEqual([
      {
        raftAddresses: cluster.nodes.map(({ raftAddress }) => raftAddress),
        leader: {
          before: { id: 'n1', address: cluster.nodes[0]?.raftAddress },
          after: { id: 'n1', address: cluster.nodes[0]?.raftAddress },
        },
      },
    ])
  })

  it.concurrent('with one node, two partitions, two messages, and a queue of another name', async () => {
    await using cluster = await startNodes({}, 1)
    const { calls } = watchCalls(cluster)
    const step = await runCanary(cluster, {
      queue: 'proof.fifo',
      partitions: '2',
      messages: '2',
      summary: 'false',
    })
    expect(step).toMatchObject({ code: 0, summary: '', outputs: { proven: 'true' } })
    expect(canaryReportOf(step)).toMatchObject({
      queue: 'proof.fifo',
      partitions: [{ sent: 2 }, { sent: 2 }],
    })
    expect(calls.find(({ action }) => action === 'CreateQueue')?.input).toMatchObject({
      QueueName: 'proof.fifo',
      Attributes: { PartitionCount: '2' },
    })
  })

  it.concurrent('says through how many of many nodes its messages went', async () => {
    await using cluster = await startNodes({}, 12)
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('proven')
    const { nodes } = canaryReportOf(step)
    const used = nodes.filter(({ sent, received }) => sent + received > 0).length
    expect(used).toBeLessThan(12)
    expect(step.summary).toContain(`12 messages went through 4 partitions and ${used} of 12 nodes,`)
  })

  it.concurrent('with 32 partitions, as the partition map says, and 4 messages each', async () => {
    const map = `orders.fifo:2=1,1;${QUEUE}:32=${Array(32).fill(1).join(',')}`
    await using cluster = await startNodes({ partitionMap: map })
    const step = await runCanary(cluster, { 'partition-map': map, messages: '4' })
    expect(checkCanaryEnd(step)).toBe('proven')
    const { partitions } = canaryReportOf(step)
    expect(partitions).toHaveLength(32)
    expect(partitions.every(({ group, count }) => group === '1' && count === 4)).toBe(true)
  })
})

describe('a cluster with two groups', () => {
  it.concurrent('whose leaders are on one node is proven with a warning and the command that moves a leader', async () => {
    await using cluster = await startNodes({ groups: 2, partitionMap: MAP, apart: true })
    const step = await runCanary(cluster, {
      'raft-port': cluster.raftPorts,
      'partition-map': MAP,
    })
    expect(checkCanaryEnd(step)).toBe('proven')
    expect(step.outputs['placement']).toBe('single')
    const [n1, n2] = cluster.nodes
    const command = `RAFTADMIN_ALLOW_INSECURE=true raftadmin ${n1?.raftAddresses[1]} leadership_transfer_to_server n2 ${n2?.raftAddresses[1]}`
    const warnings = warningsOf(step)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.data).toContain('the next election may change')
    expect(warnings[0]?.data).toContain(command)
    expect(step.summary).toContain(`\`${command}\``)
    expect(canaryReportOf(step).partitions.map(({ group }) => group)).toEqual(['1', '2', '1', '2'])
  })

  it.concurrent('is a failure before anything is sent where require-spread asks for more than one node', async () => {
    await using cluster = await startNodes({ groups: 2, partitionMap: MAP, apart: true })
    const { names } = watchCalls(cluster)
    const step = await runCanary(cluster, {
      'raft-port': cluster.raftPorts,
      'partition-map': MAP,
      'require-spread': 'true',
    })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({
      step: 'placement',
      placement: 'single',
      'queue-left': 'false',
    })
    expect(reasonsOf(step)).toEqual(['not-spread'])
    expect(names().some((name) => name.includes('SendMessage'))).toBe(false)
    expect(annotationOf(step)).toMatch(
      /RAFTADMIN_ALLOW_INSECURE=true raftadmin \S+ leadership_transfer_to_server n2 \S+/,
    )
    expect(cluster.queues.size).toBe(0)
  })

  it.concurrent('whose leaders are on several nodes, but all partitions in the default group, is proven as spread', async () => {
    await using cluster = await startNodes({ groups: 2, apart: true })
    cluster.lead(2, 'n2')
    const step = await runCanary(cluster, {
      'raft-port': cluster.raftPorts,
      'require-spread': 'true',
    })
    expect(checkCanaryEnd(step)).toBe('proven')
    expect(step.outputs['placement']).toBe('spread')
    expect(warningsOf(step)).toEqual([])
    expect(step.summary).toContain('on several nodes')
  })

  it.concurrent('with its leaders apart fails at receive, and the queue is gone', async () => {
    await using cluster = await startNodes({ groups: 2, partitionMap: MAP, apart: true })
    cluster.lead(2, 'n2')
    const step = await runCanary(cluster, {
      'raft-port': cluster.raftPorts,
      'partition-map': MAP,
      limit: '3s',
    })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({
      step: 'receive',
      placement: 'spread',
      'queue-left': 'false',
    })
    const reasons = reasonsOf(step)
    expect(reasons[0]).toBe('receive-refused')
    expect(reasons).toContain('missing')
    const annotation = annotationOf(step)
    expect(annotation).toContain('NOT PROVEN at the step receive: sends succeed, but receives fail')
    expect(annotation).toContain(
      'ReceiveMessage was refused with 500 InternalFailure: internal error',
    )
    expect(annotation).toContain('Do not enable partitioning on this topology')
    expect(annotation).toContain('Search the logs of the leaders for sqs adapter internal error')
    expect(step.summary).toContain('Do not enable partitioning: a partitioned queue')
    expect(canaryReportOf(step).partitions.every(({ sent }) => sent === 3)).toBe(true)
    expect(cluster.queues.size).toBe(0)
  })

  it.concurrent('whose leaders change while messages move says which group moved', async () => {
    await using cluster = await startNodes({ groups: 2, apart: true })
    watchCalls(cluster, ({ action }, answer) => {
      if (action === 'ReceiveMessage' && cluster.groups[1]?.leader === 'n1') cluster.lead(2, 'n3')
      return answer()
    })
    const step = await runCanary(cluster, { 'raft-port': cluster.raftPorts })
    expect(checkCanaryEnd(step)).toBe('proven')
    expect(step.outputs['placement']).toBe('single')
    const [, changed] = canaryReportOf(step).warnings
    expect(changed?.words).toBe(
      `the group of ${cluster.nodes[0]?.raftAddresses[1]} was led by n1, then by n3`,
    )
    expect(canaryReportOf(step).warnings.map(({ reason }) => reason)).toEqual([
      'single-leader',
      'leaders-changed',
    ])
    expect(step.summary).toContain('⚠️ `n3` at')
  })

  it.concurrent('of which one group has no leader is not proven', async () => {
    await using cluster = await startNodes({ groups: 2, apart: true })
    cluster.lead(2, null)
    const step = await runCanary(cluster, { 'raft-port': cluster.raftPorts })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'placement', 'queue-left': 'false' })
    expect(reasonsOf(step)).toEqual(['leaders-unknown'])
    expect(cluster.queues.size).toBe(0)
  })
})
