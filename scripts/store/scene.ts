import type { Action, Step } from '../../sample/runner.ts'
import type { Cluster } from './cluster.ts'
import { type ClusterPlan, type Node, raftSqsMap } from './node.ts'

export type Inputs = Readonly<Record<string, string>>

/** How a step must end. */
export interface Expected {
  readonly code: 0 | 1
  /** Outputs by name: the value, or what it matches. */
  readonly outputs: Readonly<Record<string, string | RegExp>>
  /** What the log matches. */
  readonly log?: RegExp
  /** What the log must not match. */
  readonly noLog?: RegExp
}

/** One run of the gate or the canary on a real cluster of its own. */
export interface Scene {
  readonly title: string
  /** The gate by default. */
  readonly action?: Action
  readonly plan?: ClusterPlan
  /** What happens to the cluster before the step. */
  readonly arrange?: (cluster: Cluster) => Promise<unknown>
  /** Beside `peers`, which are all entries of `--raftSqsMap`, and `raft-port`. */
  readonly inputs?: (cluster: Cluster) => Inputs
  /** What happens to the cluster while the step runs; `logged` waits for a text in its log. */
  readonly during?: (cluster: Cluster, logged: (text: string) => Promise<void>) => Promise<unknown>
  readonly expected: Expected | ((cluster: Cluster) => Promise<Expected>)
  /** What must hold afterwards, beside `expected`; returns what does not. */
  readonly after?: (cluster: Cluster, step: Step) => Promise<readonly string[]>
}

/** The entries of these nodes as the `peers` input. */
export const listOf = (nodes: readonly Node[]): string => raftSqsMap(nodes).join(',')

/** How a step differs from what was expected, a line for each difference. */
export function compare(step: Step, { code, outputs, log, noLog }: Expected): string[] {
  const differences: string[] = []
  if (step.code !== code) differences.push(`exit status ${step.code}, expected ${code}`)
  for (const [name, value] of Object.entries(outputs)) {
    const found = step.outputs[name] ?? ''
    const matches = typeof value === 'string' ? found === value : value.test(found)
    if (!matches) differences.push(`${name} is ${cut(found)}, expected ${value}`)
  }
  if (log !== undefined && !log.test(step.stdout)) differences.push(`the log lacks ${log}`)
  if (noLog?.test(step.stdout) === true) differences.push(`the log has ${noLog}`)
  return differences
}

/** A step in a few words. */
export function summarize({ code, outputs }: Step): string {
  const names = ['membership', 'unlisted-members', 'blocking-peers', 'rounds']
  const canary = ['step', 'placement', 'queue-left']
  const told = outputs['proven'] === undefined ? names : canary
  const verdict = outputs['proven'] === undefined ? 'open' : 'proven'
  const values = told.flatMap((name) => (outputs[name] ? [`${name} ${outputs[name]}`] : []))
  return [code === 0 ? verdict : `not ${verdict}`, ...values].join(', ')
}

const cut = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text || 'not set')
