import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Node, startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { listReply, startReplies } from '../support/replies.ts'
import { annotationsOf } from '../support/rows.ts'

let ready: Node
let legacy: Node
beforeAll(async () => {
  ready = await startNode('ready')
  legacy = await startNode('legacy')
})
afterAll(() => Promise.all([ready, legacy].map((node) => node.close())))

const nodes = (count: number) =>
  Array.from({ length: count }, (_, at) => `n${at}=http://${ready.address}/${at}`)

it('the log names what is polled, before anything is told of an answer', async () => {
  const { stdout } = await runStep({ peers: nodes(20).join('\n') })
  const lines = stdout.split('\n').filter((line) => !line.startsWith('::'))
  expect(lines[0]).toContain('asking 20 nodes for "htfifo", 3s each')
  expect(lines.slice(1, 21)).toEqual(
    nodes(20).map((node, at) => `n${at}: ${node.replace(/^n\d+=/, '')}/sqs_health`),
  )
  expect(lines[21]).toMatch(/^[✓✗] n0 at /)
  expect(stdout).not.toContain('::group::')
})

it('the log folds what is polled past twenty nodes', async () => {
  const { stdout } = await runStep({ peers: nodes(21).join('\n') })
  const [, folded = ''] = /^::group::All 21 nodes to ask\n(.*?)\n::endgroup::$/ms.exec(stdout) ?? []
  expect(folded.split('\n')).toHaveLength(21)
  expect(folded).toContain(`n20: http://${ready.address}/20/sqs_health`)
})

it('an old node and one that could not be asked are told apart, the old one first in the annotation', async () => {
  const gone = '127.0.0.1:1'
  const peers = `n1=${gone}\nn2=${ready.address}\nn3=${legacy.address}`
  const step = await runStep({ peers })
  expect(step.code).toBe(1)
  const told = 'CLOSED: 2 of 3 nodes are not ready for htfifo: 1 old, 1 could not be asked.'
  expect(annotationsOf(step)[0]).toMatch(
    new RegExp(
      `^::error::htfifo gate ${told}%0An3: legacy: .*%0An1: refused: connect ECONNREFUSED`,
    ),
  )
  expect(step.summary).toContain(told.replace('htfifo', '`htfifo`'))
  expect(step.summary).toMatch(
    /❓&nbsp;connection refused.*\n.*✅&nbsp;ready.*\n.*❌&nbsp;old binary/,
  )
  expect(step.stdout).not.toMatch(/connection refused.*connection refused/)
})

it('another capability is promised nothing of partitioned queues, open or closed', async () => {
  const closed = await runStep({
    peers: `${legacy.address},${ready.address}`,
    capability: 'other',
  })
  expect(closed.code).toBe(1)
  expect(closed.summary).toContain('2 of 2 nodes are not ready for `other`: 2 do not advertise it.')
  const open = await startReplies(() => listReply('other'))
  const opened = await runStep({ peers: open.address, capability: 'other' })
  await open.close()
  expect(opened.code).toBe(0)
  for (const { summary, stdout } of [closed, opened]) {
    expect(summary + stdout).not.toMatch(/HT-FIFO|partition|lose messages/)
  }
})

it('an open gate says what is known of the nodes, and what was not tried', async () => {
  const { summary } = await runStep({ peers: ready.address })
  expect(summary).toContain('Every node runs a binary that knows the partitioned layout.')
  expect(summary).toContain(
    'Whether the cluster serves a partitioned queue has not been tried; that is what the canary action does.',
  )
})

it('what the verdict rests on is told in log and summary', async () => {
  const { stdout, summary } = await runStep({ peers: ready.address })
  const basis = 'Membership was not checked (raft-port is not set): the list is taken on trust.'
  expect(stdout).toContain(basis)
  expect(summary).toContain(basis)
})

it('warns of two names that end at one node, in log and summary, and stays open', async () => {
  const port = ready.address.split(':')[1]
  const step = await runStep({ peers: `n1=127.0.0.1:${port}, n2=localhost:${port}` })
  const warning = 'peers: n1 and n2 lead to the same address; one node may have been asked twice'
  expect(step.stdout).toContain(`::warning::${warning}\n`)
  expect(step.summary).toContain(warning)
  expect(step.code).toBe(0)
})
