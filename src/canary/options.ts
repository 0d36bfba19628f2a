import type { ProofStep } from './findings.ts'
import type { Listener } from './placement.ts'
import type { Queue } from './queue.ts'

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
