import type {
  Leaders,
  NodeFinding,
  PartitionFinding,
  Problem,
  ProofStep,
  Transfer,
} from './findings.ts'
import type { ProofOptions } from './options.ts'
import { nameGroups } from './partition.ts'
import type { Queue } from './queue.ts'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** A node as the steps know it. */
export interface NodeRecord extends Mutable<NodeFinding> {
  readonly queue: Queue
  /** The address of the queue as this node gave it; null before it did. */
  queueUrl: string | null
  /** Whether the run ended while it owed an answer. */
  owes: boolean
}

export interface PartitionRecord extends PartitionFinding {
  readonly sent: Transfer[]
  readonly received: Transfer[]
}

/** What the steps share: what they were given, and what they found so far. */
export interface Run {
  readonly options: ProofOptions
  /** Aborted when the run is cancelled or its time is over. */
  readonly stop: AbortSignal
  readonly nodes: readonly NodeRecord[]
  readonly partitions: readonly PartitionRecord[]
  step: ProofStep
  readonly problems: Problem[]
  readonly notices: Problem[]
  leaders: Leaders
  /**
   * Whether the queue of this run is there: `unanswered` where a creation got no answer, `refused` where every node
   * refused it.
   */
  created: 'no' | 'unanswered' | 'yes'
}

/** Begins a run, of which nothing is known yet. */
export function beginRun(options: ProofOptions, stop: AbortSignal): Run {
  const groups = nameGroups(options.run, options.partitions)
  return {
    options,
    stop,
    nodes: options.nodes.map(({ name, url, queue }) => {
      return {
        name,
        url,
        queue,
        queueUrl: null,
        owes: false,
        seen: null,
        sent: 0,
        received: 0,
        error: '',
      }
    }),
    partitions: groups.map((messageGroup, index) => {
      const raftGroup = options.raftGroups?.[index] ?? null
      return { index, raftGroup, messageGroup, sent: [], received: [] }
    }),
    step: 'name',
    problems: [],
    notices: [],
    leaders: { before: null, after: null },
    created: 'no',
  }
}
