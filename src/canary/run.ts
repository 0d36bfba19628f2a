import type { CanaryInputs } from '../inputs/inputs.ts'
import { cutText } from '../shared/text.ts'
import type { Reason } from './advice.ts'
import {
  type Findings,
  type Leaders,
  type Listener,
  makeProblem,
  type NodeFinding,
  type Note,
  type PartitionFinding,
  type Problem,
  type ProofStep,
  type Transfer,
} from './findings.ts'
import { nameGroups } from './partition.ts'
import type { Queue } from './queue.ts'

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

/** What a proof is given: inputs, of which `timeoutMs` is the limit of each call, and what reaches the cluster. */
export interface ProofOptions
  extends Pick<CanaryInputs, 'queue' | 'partitions' | 'groupsOfPartitions' | 'messages'>,
    Pick<CanaryInputs, 'timeoutMs' | 'limitMs' | 'requireSpread'> {
  readonly nodes: readonly Node[]
  /** The id of this run alone: 1 to 60 letters, digits and dashes. */
  readonly run: string
  /** Asks every Raft listener who leads its group, each within `timeoutMs`; null where no Raft addresses are known. */
  readonly askLeaders: ((signal: AbortSignal) => Promise<readonly Listener[]>) | null
  /** The command that deletes the queue through the node at this base URL. */
  readonly deleteCommand: (base: string) => string
  /** Hides secrets that a server may echo. */
  readonly redact: (text: string) => string
  /** Monotonic, in milliseconds. */
  readonly now: () => number
  /** The clock of the day, in milliseconds since 1970. */
  readonly clock: () => number
  /** Resolves after so many milliseconds, or at once when the signal is aborted. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** Cancels the run, or with a `CrashError` fails it: what is under way ends, and the queue is deleted. */
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
  readonly problems: Problem[]
  readonly notices: Problem[]
  readonly durations: Partial<Record<ProofStep, number>>
  step: ProofStep
  leaders: Leaders
  /** Whether the queue of this run may be there: `unanswered` where its creation got no answer. */
  created: 'no' | 'unanswered' | 'yes'
  /** When the run was cancelled, as `now` tells the time; null while it is not. */
  cancelledAt: number | null
  crash: Findings['crash']
}

/** Begins a run, of which nothing is known yet. */
export function beginRun(options: ProofOptions, stop: AbortSignal): Run {
  const groups = nameGroups(options.run, options.partitions)
  const unknown = { queueUrl: null, owes: false, seen: null, sent: 0, received: 0, error: '' }
  return {
    options,
    stop,
    nodes: options.nodes.map((node) => ({ ...node, ...unknown })),
    partitions: groups.map((messageGroup, index) => {
      const raftGroup = options.groupsOfPartitions?.[index] ?? null
      return { index, raftGroup, messageGroup, sent: [], received: [] }
    }),
    problems: [],
    notices: [],
    durations: {},
    step: 'name',
    leaders: { before: null, after: null },
    created: 'no',
    cancelledAt: null,
    crash: null,
  }
}

/** Notes a problem: the step did not hold. Once for each node and partition, and only the first 100. */
export function fail(run: Run, reason: Reason, note: Note): void {
  const { problems } = run
  const problem = redactProblem(run, reason, note)
  const isKnown = problems.some(
    (other) =>
      other.reason === reason &&
      other.node === problem.node &&
      other.partition === problem.partition,
  )
  if (!isKnown && problems.length < MAX_PROBLEMS) problems.push(problem)
}

/** Notes a warning, which lets the step hold. */
export function warn(run: Run, reason: Reason, note: Note): void {
  run.notices.push(redactProblem(run, reason, note))
}

const redactProblem = ({ step, options }: Run, reason: Reason, note: Note): Problem =>
  makeProblem(step, reason, { ...note, words: cutText(options.redact(note.words), MAX_WORDS) })
