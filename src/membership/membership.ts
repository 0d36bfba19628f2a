import {
  type Ending,
  type Exchange,
  type Network,
  NOT_STARTED,
  runPaced,
  startExchange,
} from '../exchange/exchange.ts'
import type { Peer } from '../inputs/inputs.ts'
import { judgeMembership } from './judgement.ts'
import type { Leader, Member, Membership } from './types.ts'
import { makeUnion, type Row, type When } from './union.ts'

export { findMachines, findMisplaced } from './machines.ts'
export { isRaftAddress, raftPlace } from './raft-address.ts'
export type {
  ChangedPeer,
  KnownMember,
  Leader,
  Member,
  Membership,
  MovedMember,
  UnknownPeer,
} from './types.ts'

export interface RaftOptions {
  readonly network: Network
  /** The time limit of each call, in milliseconds. */
  readonly timeoutMs: number
  /** Once aborted, calls without an answer end as `cancelled`. */
  readonly signal: AbortSignal
  /** Called with what goes wrong with a connection after its end, which changes nothing; may hold secrets. */
  readonly onLateError: (url: string, error: unknown) => void
}

/** The questions about the members in one round. */
export interface MembershipPoll {
  /** Asks every Raft address of every peer once for the members that it knows. */
  ask(when: When): Promise<void>
  /** The remote addresses and ports that were asked for a peer. */
  remotesOf(peer: Peer): readonly string[]
  /**
   * What the answers say of the list.
   *
   * @param shared names for which one process answered
   * @param redact hides secrets; behind the judgement, since before it two members could become one
   */
  judge(shared: readonly (readonly string[])[], redact: (text: string) => string): Membership
}

/** Starts a round of questions about the members: one before the poll and one after it. */
export async function startMembershipPoll(
  peers: readonly Peer[],
  options: RaftOptions,
): Promise<MembershipPoll> {
  const union = makeUnion(peers)
  const { ask, decodeMembers } = await loadRaft(options)
  let last: { readonly message: Uint8Array; readonly rows: readonly Row[] } | null = null
  /** All nodes of a group report the same bytes, so most answers are the one before again. */
  const decode = (message: Uint8Array): readonly Row[] => {
    if (last === null || Buffer.compare(last.message, message) !== 0) {
      last = { message, rows: union.rowsOf(decodeMembers(message)) }
    }
    return last.rows
  }
  return {
    async ask(when) {
      await runPaced([...union.questions.entries()], {
        signal: options.signal,
        skip: ([, question]) => {
          question.failure ??= NOT_STARTED.result.failure
        },
        start([place, question]) {
          // Merged as it is read: answers that wait for others would take hundreds of megabytes.
          const { endings, cancel } = ask(
            question.raftAddress,
            '/RaftAdmin/Configuration',
            (message) => union.add(place, when, decode(message)),
          )
          const note = (all: readonly Ending<void>[]) => {
            for (const { address, forgiven, result } of all) {
              if (address !== null) question.remotes.add(address)
              if (result.kind === 'failure' && !forgiven) question.failure ??= result.failure
            }
          }
          return { result: endings.then(note), cancel }
        },
      })
    },
    remotesOf: (peer) =>
      union.questions.filter((one) => one.peer === peer).flatMap(({ remotes }) => [...remotes]),
    judge: (shared, redact) => hide(judgeMembership(union, shared), redact),
  }
}

/** Hides secrets in what the peers reported. */
function hide(membership: Membership, redact: (text: string) => string): Membership {
  const hideMember = <M extends Member>(member: M): M => ({
    ...member,
    id: redact(member.id),
    address: redact(member.address),
    suffrage: redact(member.suffrage),
  })
  return {
    ...membership,
    members: membership.members.map(hideMember),
    unknown: membership.unknown.map((one) => ({ ...one, error: redact(one.error) })),
    changed: membership.changed.map(({ name, before, after }) => ({
      name,
      before: before.map(hideMember),
      after: after.map(hideMember),
    })),
    moved: membership.moved.map(({ id, members }) => ({
      id: redact(id),
      members: members.map(hideMember),
    })),
    shared: membership.shared.map((names) => names.map(redact)),
  }
}

/** What one Raft listener says of the leader of its group. */
export interface LeaderReport extends Pick<Ending<Leader>, 'result'> {
  readonly peer: Peer
  readonly raftAddress: string
}

/** Asks every Raft address of every peer once which node leads its group. */
export async function askLeaders(
  peers: readonly Peer[],
  options: RaftOptions,
): Promise<readonly LeaderReport[]> {
  const { ask, decodeLeader } = await loadRaft(options)
  const questions = peers.flatMap((peer) =>
    peer.raftAddresses.map((raftAddress) => ({ peer, raftAddress })),
  )
  return await runPaced(questions, {
    signal: options.signal,
    skip: (question) => ({ ...question, result: NOT_STARTED.result }),
    start(question) {
      const { endings, cancel } = ask(question.raftAddress, '/RaftAdmin/Status', decodeLeader)
      // Of a name with several addresses the first that counts is enough: the leaders are shown, and decide nothing.
      const result = endings.then((all) => {
        const { result } = all.find(({ forgiven }) => !forgiven) ?? NOT_STARTED
        return { ...question, result }
      })
      return { result, cancel }
    },
  })
}

/**
 * Loads what speaks to Raft listeners, only here, so that all other runs start without HTTP/2. Its `ask` calls one of them,
 * `host:port`, over a connection of its own, never through a proxy.
 */
async function loadRaft({ network, timeoutMs, onLateError }: RaftOptions) {
  const { callRaft, ...decoders } = await import('./raft-call.ts')
  const ask = <Answer>(
    raftAddress: string,
    path: string,
    decode: (message: Uint8Array) => Answer,
  ): Exchange<Answer> =>
    startExchange<Answer>(new URL(`http://${raftAddress}`), {
      route: { kind: 'direct' },
      network,
      timeoutMs,
      onLateError: (error) => onLateError(raftAddress, error),
      speak: (socket, progress) => callRaft(socket, path, decode, progress),
      passes: () => true,
    })
  return { ask, ...decoders }
}
