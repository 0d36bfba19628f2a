import { expect, it } from 'vitest'
import { judge, refuse } from '../../src/canary/verdict.ts'
import { twoGroups } from './support/fake-cluster.ts'
import { makeFindings, makeProblem } from './support/findings.ts'

const NOT_CANCELLED = { cancelled: false }
const reasons = (problems: readonly { readonly reason: string }[]) =>
  problems.map(({ reason }) => reason)

it('is proven where every step held, every message came and the queue is gone', () => {
  const verdict = judge(makeFindings(), NOT_CANCELLED)
  expect(verdict).toMatchObject({
    proven: true,
    step: 'done',
    problems: [],
    warnings: [],
    placement: 'spread',
    queueLeft: false,
  })
})

it('is not proven with a problem, at the step of the first', () => {
  const problems = [makeProblem(), makeProblem({ step: 'delete', reason: 'timeout' })]
  const verdict = judge(makeFindings({ problems }), NOT_CANCELLED)
  expect(verdict).toMatchObject({ proven: false, step: 'receive', problems })
})

it('is not proven where the run was cancelled, before or after its last step', () => {
  expect(judge(makeFindings(), { cancelled: true })).toMatchObject({
    proven: false,
    step: 'delete',
    problems: [{ reason: 'cancelled' }],
  })
  const problems = [makeProblem(), makeProblem({ step: 'receive', reason: 'cancelled' })]
  const verdict = judge(makeFindings({ problems }), { cancelled: true })
  expect(reasons(verdict.problems)).toEqual(['cancelled', 'receive-refused'])
})

it('is not proven where the queue may still be there, and says so with the command', () => {
  const findings = makeFindings({ queueLeft: true, deleteCommand: 'delete it' })
  expect(judge(findings, NOT_CANCELLED)).toMatchObject({
    proven: false,
    queueLeft: true,
    problems: [{ reason: 'queue-left', command: 'delete it' }],
  })
})

it('tells the reason first, and a queue that is left right behind it', () => {
  const problems = [makeProblem(), ...Array(20).fill(makeProblem({ reason: 'missing' }))]
  const verdict = judge(makeFindings({ problems, queueLeft: true }), NOT_CANCELLED)
  expect(reasons(verdict.problems).slice(0, 3)).toEqual([
    'receive-refused',
    'queue-left',
    'missing',
  ])
})

const { partitions, nodes } = makeFindings()
const [first, ...others] = partitions
if (first === undefined) throw new Error('no partition')
it.each([
  ['a step was not reached', { reached: 'empty' as const }],
  ['there are no partitions', { partitions: [] }],
  ['there are no nodes', { nodes: [] }],
  [
    'a message did not come',
    { partitions: [{ ...first, received: first.received.slice(1) }, ...others] },
  ],
  ['a message was not sent', { partitions: [{ ...first, sent: first.sent.slice(1) }, ...others] }],
  [
    'messages came out of order',
    { partitions: [{ ...first, received: first.received.toReversed() }, ...others] },
  ],
  [
    'a message came twice',
    {
      partitions: [
        { ...first, received: [...first.received.slice(0, 2), ...first.received.slice(1, 2)] },
        ...others,
      ],
    },
  ],
  ['a node does not see the queue', { nodes: nodes.map((node) => ({ ...node, seen: false })) }],
  ['a node was not asked', { nodes: nodes.map((node) => ({ ...node, seen: null })) }],
  ['more messages were asked for', { messages: 4 }],
  ['the canary itself failed', { crash: { error: new Error('x') } }],
])('is not proven where no step told that %s', (_, overrides) => {
  const verdict = judge(makeFindings(overrides), NOT_CANCELLED)
  expect(verdict.proven).toBe(false)
  expect(reasons(verdict.problems)).toEqual(['crashed'])
})

it('warns where one node leads all groups, with the command that moves a leader', () => {
  const verdict = judge(
    makeFindings({ leaders: { before: twoGroups(1, 1), after: twoGroups(1, 1) } }),
    NOT_CANCELLED,
  )
  expect(verdict).toMatchObject({ proven: true, placement: 'single' })
  expect(verdict.warnings).toMatchObject([
    {
      reason: 'single-leader',
      command:
        'RAFTADMIN_ALLOW_INSECURE=true raftadmin 10.0.0.1:50061 leadership_transfer_to_server n2 10.0.0.2:50061',
    },
  ])
})

it('tells leaders that changed, and the placement that says less', () => {
  const verdict = judge(
    makeFindings({ leaders: { before: twoGroups(1, 2), after: twoGroups(2, 2) } }),
    NOT_CANCELLED,
  )
  expect(verdict).toMatchObject({ proven: true, placement: 'single' })
  expect(reasons(verdict.warnings)).toEqual(['single-leader', 'leaders-changed'])
  expect(verdict.warnings[1]?.words).toBe('the group of 10.0.0.1:50051 was led by n1, then by n2')
})

it('does not warn of what is a problem already', () => {
  const problems = [makeProblem({ step: 'placement', reason: 'not-spread' })]
  const leaders = { before: twoGroups(1, 1), after: null }
  expect(judge(makeFindings({ problems, leaders }), NOT_CANCELLED).warnings).toEqual([])
})

it('tells leaders that changed also where it is a problem that one node leads now', () => {
  const problems = [makeProblem({ step: 'placement', reason: 'not-spread' })]
  const leaders = { before: twoGroups(1, 2), after: twoGroups(2, 2) }
  const { warnings } = judge(makeFindings({ problems, leaders }), NOT_CANCELLED)
  expect(reasons(warnings)).toEqual(['leaders-changed'])
})

it('tells what was not checked', () => {
  const verdict = judge(makeFindings({ leaders: { before: null, after: null } }), NOT_CANCELLED)
  expect(verdict).toMatchObject({ proven: true, placement: 'not-checked', warnings: [] })
})

it('refuses inputs and closed gates, with nothing left', () => {
  expect(refuse('inputs', ['queue: found x', 'limit: found y'], 'inputs')).toMatchObject({
    proven: false,
    step: 'inputs',
    problems: [{ words: 'queue: found x' }, { words: 'limit: found y' }],
    queueLeft: false,
    findings: null,
  })
  expect(refuse('gate', [], 'gate-closed').proven).toBe(false)
})
