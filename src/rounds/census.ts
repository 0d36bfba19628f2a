import { type Attempt, NOT_STARTED, type Outcome } from '../exchange/exchange.ts'
import type { Peer } from '../inputs/inputs.ts'
import {
  judgeMembership,
  type Member,
  type Membership,
  type Told,
} from '../membership/membership.ts'
import { runPaced } from './pace.ts'
import type { PeerResult } from './result.ts'

export interface CensusOptions {
  /** Asks one Raft address for the members that it knows; its clock runs from the call. */
  readonly ask: (raftAddress: string) => Attempt<readonly Member[]>
  /** Hides secrets that a peer may echo. */
  readonly redact: (text: string) => string
  /** Once aborted, Raft addresses without an answer end as `cancelled`. */
  readonly signal: AbortSignal
}

/**
 * Asks every Raft address of every peer once for the members that it knows, paced like a poll. Resolves with what each
 * peer told, in the order of the list, and for each peer in the order of its Raft addresses.
 */
export async function takeCensus(
  peers: readonly Peer[],
  { ask, redact, signal }: CensusOptions,
): Promise<readonly (readonly Told[])[]> {
  const questions = peers.flatMap((peer) => peer.raftAddresses)
  const answers = await runPaced(questions, {
    start(raftAddress) {
      const { outcome, cancel } = ask(raftAddress)
      return { result: outcome.then(({ result }) => toTold(result, redact)), cancel }
    },
    signal,
    skip: () => toTold(NOT_STARTED.result, redact),
  })
  let next = 0
  return peers.map(({ raftAddresses }) => {
    const first = next
    next += raftAddresses.length
    return answers.slice(first, next).map(({ told }) => told)
  })
}

function toTold(
  result: Outcome<readonly Member[]>['result'],
  redact: (text: string) => string,
): { told: Told; starved: boolean } {
  if (result.kind === 'answer') {
    return { told: { kind: 'members', members: result.answer }, starved: false }
  }
  const { status, error, starved } = result.failure
  return { told: { kind: 'failure', status, error: redact(error) }, starved }
}

/**
 * What the answers before a poll and after it say of the list, with where the exchanges of the poll ended. Secrets are
 * hidden behind the judgement: before it, two members could become one.
 */
export function judgeCensus(
  results: readonly PeerResult[],
  before: readonly (readonly Told[])[],
  after: readonly (readonly Told[])[],
  redact: (text: string) => string,
): Membership {
  const judged = judgeMembership(
    results.map(({ peer, remotes }, index) => ({
      peer,
      before: before[index] ?? [],
      after: after[index] ?? [],
      remotes,
    })),
  )
  const hide = <M extends Member>(member: M): M => {
    const { id, address, suffrage } = member
    return { ...member, id: redact(id), address: redact(address), suffrage: redact(suffrage) }
  }
  // Equal answers are one list; so are they when their secrets are hidden.
  const lists = new Map<readonly Member[], readonly Member[]>()
  const hideAll = (members: readonly Member[]): readonly Member[] => {
    const hidden = lists.get(members) ?? members.map(hide)
    lists.set(members, hidden)
    return hidden
  }
  return {
    ...judged,
    members: judged.members.map(hide),
    changed: judged.changed.map(({ name, before, after }) => ({
      name,
      before: hideAll(before),
      after: hideAll(after),
    })),
    shared: judged.shared.map((names) => names.map(redact)),
  }
}
