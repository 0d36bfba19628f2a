import type { Reason } from './advice.ts'
import { ask, type Bounds } from './ask.ts'
import type {
  Leaders,
  NodeFinding,
  PartitionFinding,
  Problem,
  ProofStep,
  Transfer,
} from './findings.ts'
import { nameGroups } from './partition.ts'
import type { Listener } from './placement.ts'
import { type Answer, type Failure, failed, type Queue } from './queue.ts'
import { reasonOf } from './reason.ts'

/** What is kept of a problem's words, in characters. */
const MAX_WORDS = 1_200
/** How many problems are kept; a broken cluster may have one for each message. */
const MAX_PROBLEMS = 100

/** A node of the list, and its queue service. */
export interface Node {
  readonly name: string
  /** The base URL. */
  readonly url: string
  readonly queue: Queue
}

/** What a proof is given. */
export interface ProofOptions {
  readonly nodes: readonly Node[]
  /** The name of the canary's own queue. */
  readonly queue: string
  /** A power of two. */
  readonly partitions: number
  /** How many messages each group gets. */
  readonly messages: number
  /** The Raft group of each partition by the partition map; null without one. */
  readonly raftGroups: readonly string[] | null
  /** The id of this run alone: 1 to 60 letters, digits and dashes. */
  readonly run: string
  /** The limit of each call, in milliseconds. */
  readonly timeoutMs: number
  /** The limit of all steps together, in milliseconds. */
  readonly limitMs: number
  readonly requireSpread: boolean
  /** Asks every Raft listener who leads its group; null where no Raft addresses are known. */
  readonly askLeaders: ((signal: AbortSignal) => Promise<readonly Listener[]>) | null
  /** The command that deletes the queue through the node at this base URL. */
  readonly deleteCommand: (base: string) => string
  /** Monotonic, in milliseconds. */
  readonly now: () => number
  /** The clock of the day, in milliseconds since 1970. */
  readonly clock: () => number
  /** Resolves after so many milliseconds, or at once when the signal is aborted. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** Cancels the run: what is under way ends, and the queue is deleted. */
  readonly signal: AbortSignal
  /** Told as each step ends, with its time in milliseconds. */
  readonly onStep: (step: ProofStep, ms: number, held: boolean) => void
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** A node as the steps know it. */
export interface NodeRecord extends Mutable<NodeFinding> {
  readonly queue: Queue
  /** The address of the queue as this node gave it; null before it did. */
  queueUrl: string | null
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
      return { name, url, queue, queueUrl: null, seen: null, sent: 0, received: 0, error: '' }
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

/** A problem as a step tells it. */
interface Told {
  readonly words: string
  readonly node?: string | undefined
  readonly partition?: number | undefined
  readonly command?: string
}

const complete = (step: ProofStep, reason: Reason, told: Told): Problem => {
  const { words, node = null, partition = null, command = '' } = told
  return { step, reason, node, partition, words: words.slice(0, MAX_WORDS), command }
}

/** Notes a problem: the step did not hold. Once for each node and partition, and only the first 100. */
export function fail({ problems, step }: Run, reason: Reason, told: Told): void {
  const problem = complete(step, reason, told)
  const isKnown = problems.some(
    (other) =>
      other.reason === reason &&
      other.node === problem.node &&
      other.partition === problem.partition,
  )
  if (!isKnown && problems.length < MAX_PROBLEMS) problems.push(problem)
}

/** Notes what is told, and lets the step hold. */
export const notice = ({ notices, step }: Run, reason: Reason, told: Told): void => {
  notices.push(complete(step, reason, told))
}

/** Notes a call that failed. One that ended with the run says nothing of the node: the run tells that itself. */
export function failCall(run: Run, node: NodeRecord, failure: Failure, partition?: number): void {
  const reason = reasonOf(run.step, failure)
  if (reason === 'limit' || reason === 'cancelled') return
  fail(run, reason, { node: node.name, partition, words: failure.words })
}

/**
 * Makes one call of a node, once, within the time limit. The failure's words name the operation, and the node's row keeps
 * the first of them.
 */
export async function call<T>(
  run: Run,
  node: NodeRecord,
  operation: string,
  start: (queue: Queue, signal: AbortSignal) => Promise<Answer<T>>,
  bounds: Partial<Bounds> = {},
): Promise<Answer<T>> {
  const { timeoutMs, now } = run.options
  const answer = await ask((signal) => start(node.queue, signal), {
    ...{ timeoutMs, now, signal: run.stop },
    ...bounds,
  })
  if (answer.kind === 'ok') return answer
  const { failure } = answer
  const { fate, httpStatus, code } = failure
  const how = fate === 'refused' ? ` was refused with ${httpStatus} ${code}` : ''
  const words = `${operation}${how}: ${failure.words}`
  const reason = reasonOf(run.step, failure)
  if (node.error === '' && reason !== 'limit' && reason !== 'cancelled') node.error = words
  return failed({ ...failure, words })
}
