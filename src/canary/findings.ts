import type { Reason } from './advice.ts'

/** The steps of the contract that the proof takes, in their order. */
export type ProofStep =
  | ('name' | 'create' | 'seen' | 'placement')
  | ('send' | 'receive' | 'empty' | 'delete')
/** Every step that a run can end at. */
export type Step = 'inputs' | 'gate' | ProofStep

/** Something that keeps a run from being proven, or a warning. */
export interface Problem {
  readonly step: Step
  readonly reason: Reason
  /** The name of the node, where one is known. */
  readonly node: string | null
  /** The index of the partition, where one is known. */
  readonly partition: number | null
  /** What happened, with the server's own words. Foreign text. */
  readonly words: string
  /** A command that helps, safe to paste; empty where there is none. */
  readonly command: string
}

/** What is noted of a problem besides its step and reason. */
export interface Note {
  readonly words: string
  readonly node?: string | undefined
  readonly partition?: number | undefined
  readonly command?: string
}

export function makeProblem(step: Step, reason: Reason, note: Note): Problem {
  const { node = null, partition = null, words, command = '' } = note
  return { step, reason, node, partition, words, command }
}

/** What was found out about a partition. */
export interface PartitionFinding {
  readonly index: number
  /** The Raft group that the partition map gives it; null without a map. */
  readonly raftGroup: string | null
  readonly messageGroup: string
  /** The messages that were accepted, in their order: through which node, and when the call began. */
  readonly sent: readonly Transfer[]
  /** The messages that arrived, in the order in which they did. */
  readonly received: readonly Transfer[]
}

/** A message of a partition on its way. */
export interface Transfer {
  /** The place of the message in its group, from 0. */
  readonly place: number
  /** The name of the node. */
  readonly node: string
  /** Monotonic, in milliseconds. */
  readonly at: number
}

/** What was found out about a node. */
export interface NodeFinding {
  readonly name: string
  readonly url: string
  /** Whether the node reported the queue with its partitions; null if it was not asked. */
  readonly seen: boolean | null
  /** How many messages it accepted. */
  readonly sent: number
  /** How many messages it delivered. */
  readonly received: number
  /** What first went wrong with it; empty if nothing did. Foreign text. */
  readonly error: string
}

/** A member of the cluster, by its Raft id and its Raft address. */
export interface Member {
  readonly id: string
  readonly address: string
}

/** What one Raft listener said when it was asked who leads its group. All texts are foreign. */
export interface Listener {
  /** The address that was asked. */
  readonly raftAddress: string
  /** The node's name in the list. */
  readonly node: string
  /** Who the listener is, by the members of the cluster; null where that is not known. */
  readonly member: Member | null
  /** The leader that it named; null if it named none or did not answer. */
  readonly leader: Member | null
  /** Why there is no answer; empty if there is one. */
  readonly error: string
}

/** Who leads what, before the first message and after the last; null where it was not asked. */
export interface Leaders {
  readonly before: readonly Listener[] | null
  readonly after: readonly Listener[] | null
}

/** All that the steps found, as plain data. */
export interface Findings {
  readonly run: string
  readonly queue: string
  /** How many messages each group was to have. */
  readonly messages: number
  /** The last step that was begun. */
  readonly reached: ProofStep
  /** How long each step that was begun took, in milliseconds. */
  readonly durations: Readonly<Partial<Record<ProofStep, number>>>
  readonly problems: readonly Problem[]
  /** Warnings, which keep nothing from being proven. */
  readonly notices: readonly Problem[]
  readonly partitions: readonly PartitionFinding[]
  readonly nodes: readonly NodeFinding[]
  readonly leaders: Leaders
  /** Whether the queue may still be there. */
  readonly queueLeft: boolean
  /** The command that deletes the queue. */
  readonly deleteCommand: string
  /** What the canary itself failed with; null if it did not. */
  readonly crash: { readonly error: unknown } | null
}
