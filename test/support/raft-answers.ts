import type { Failure } from '../../src/exchange/exchange.ts'
import type { Peer } from '../../src/inputs/inputs.ts'
import { judgeMembership } from '../../src/membership/judgement.ts'
import type { Member, Membership } from '../../src/membership/membership.ts'
import { makeUnion } from '../../src/membership/union.ts'
import { makePeer } from './rounds.ts'

/** A member as `id@address`, a voter unless told otherwise. */
export function makeMember(text: string, suffrage = 'voter'): Member {
  const at = text.indexOf('@')
  return { id: text.slice(0, at), address: text.slice(at + 1), suffrage }
}

export const makeMembers = (...texts: readonly string[]): readonly Member[] =>
  texts.map((text) => makeMember(text))

/** A peer as the inputs would give it for these entries, which have one SQS address: the names, and the Raft addresses. */
export const makeRaftPeer = (names: readonly string[], raftAddresses: readonly string[]): Peer =>
  makePeer(names.join(', '), { names, raftAddresses })

/** What one Raft address reported, or why it did not; undefined where it was never asked. */
export type RaftAnswer = readonly Member[] | Failure | undefined

export const SILENT: Failure = { status: 'timeout', error: 'no answer within 3s', code: '' }

/** What a peer answered before the poll and after it, for each of its Raft addresses. */
export interface Answered {
  readonly peer: Peer
  readonly before: readonly RaftAnswer[]
  readonly after: readonly RaftAnswer[]
  /** The IP addresses and ports that its Raft addresses led to. */
  readonly remotes?: readonly string[]
}

/** A peer with a name and the Raft port 50051 that reported the same members before and after, with overrides. */
export function makeAnswered(
  name: string,
  members: RaftAnswer,
  rest: Partial<Answered> = {},
): Answered {
  const peer = makeRaftPeer([name], [`${name}.internal:50051`])
  return { peer, before: [members], after: [members], ...rest }
}

/** The judgement about these answers, as a poll would merge them. */
export function judgeAnswers(
  all: readonly Answered[],
  shared: readonly (readonly string[])[] = [],
): Membership {
  const union = makeUnion(all.map(({ peer }) => peer))
  const asked = all.flatMap(({ peer, before, after, remotes = [] }) =>
    peer.raftAddresses.map((_, at) => ({ before: before[at], after: after[at], remotes })),
  )
  for (const when of ['before', 'after'] as const) {
    for (const [place, { [when]: answer, remotes }] of asked.entries()) {
      const question = union.questions[place]
      if (question === undefined) throw new Error('a question too few')
      for (const remote of remotes) question.remotes.add(remote)
      if (answer === undefined) continue
      if ('status' in answer) question.failure ??= answer
      else union.add(place, when, union.rowsOf(answer))
    }
  }
  return judgeMembership(union, shared)
}
