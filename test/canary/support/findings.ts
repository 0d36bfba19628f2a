import type { Findings, Problem } from '../../../src/canary/findings.ts'
import { listener, proveWith, twoGroups } from './fake-cluster.ts'

/** The findings of a run that holds in every step; taken once, because they are data. */
const whole = await proveWith(undefined, { askLeaders: async () => twoGroups(1, 2) })

/** Findings like those of a run that holds, with these differences. */
export function makeFindings(overrides: Partial<Findings> = {}): Findings {
  const { cluster: _, steps: __, ...findings } = whole
  return { ...findings, ...overrides }
}

/** A problem like any other. */
export const makeProblem = (overrides: Partial<Problem> = {}): Problem => ({
  step: 'receive',
  reason: 'receive-refused',
  node: 'n2',
  partition: 1,
  words: 'ReceiveMessage was refused with 500 InternalFailure: internal error',
  command: '',
  ...overrides,
})

/** Findings of one node and one partition, in which every text that a server or the network can fill is this one. */
export function hostileFindings(text: string): Findings {
  const findings = makeFindings()
  const nodes = findings.nodes.slice(0, 1)
  const partitions = findings.partitions.slice(0, 1)
  const problem = makeProblem({ words: text, node: text })
  return makeFindings({
    run: text,
    problems: [problem, makeProblem({ words: text, node: null, command: text })],
    notices: [makeProblem({ reason: 'leftover', words: text, node: text })],
    nodes: nodes.map((node) => ({ ...node, name: text, url: text, error: text })),
    partitions: partitions.map((partition) => ({
      ...partition,
      raftGroup: text,
      messageGroup: text,
      sent: partition.sent.map((one) => ({ ...one, node: text })),
      received: partition.received.map((one) => ({ ...one, node: text })),
    })),
    leaders: {
      before: [listener(text, text, [text, `${text}a`]), listener('b', text, [text, `${text}b`])],
      after: [listener(text, text, [text, 'c']), listener('b', text, [text, 'd'])],
    },
    queueLeft: true,
    deleteCommand: text,
  })
}
