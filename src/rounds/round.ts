import { networkInterfaces } from 'node:os'
import {
  type Ending,
  type Exchange,
  NOT_STARTED,
  runPaced,
  sendRequest,
  startExchange,
} from '../exchange/exchange.ts'
import type { Inputs, Peer, Route } from '../inputs/inputs.ts'
import {
  findMachines,
  findMisplaced,
  type Membership,
  type MembershipPoll,
  type RaftOptions,
  startMembershipPoll,
} from '../membership/membership.ts'
import { formatDuration } from '../shared/duration.ts'
import { decide, type Finding } from './decision.ts'
import { advertises, blocks, type PeerResult } from './result.ts'
import { findWarnings } from './warnings.ts'

/** How far the clock of the day and the monotonic clock may differ over a round, in milliseconds. */
const MAX_DRIFT_MS = 1_000

/** What one round found out. */
export interface Round {
  /** One for each peer, in the order of the list. */
  readonly results: readonly PeerResult[]
  /** What the cluster says of the list; null where it was not asked. */
  readonly membership: Membership | null
  /** What keeps nothing closed, but may hide that a node was not asked. */
  readonly warnings: readonly string[]
  /** When it ended, ISO 8601 UTC. */
  readonly checkedAt: string
}

/**
 * The decision about one round: there are peers, all advertise, and the cluster, where it was asked, confirmed that the
 * list holds all of its members.
 */
export const isOpen = ({ results, membership }: Pick<Round, 'results' | 'membership'>): boolean =>
  results.length > 0 &&
  results.every(advertises) &&
  (membership === null || membership.state === 'complete')

export interface RoundOptions extends Omit<RaftOptions, 'timeoutMs'> {
  /** Hides secrets that a peer may echo. */
  readonly redact: (text: string) => string
}

/** One round: asks every peer once, and before and after it, where Raft ports are given, which members it knows. */
export async function pollRound(inputs: Inputs, options: RoundOptions): Promise<Round> {
  const { peers, raftPorts } = inputs
  const { network, redact } = options
  await network.resolver.ready()
  const startedAt = readClocks()
  const poll =
    raftPorts.length === 0 ? null : await startMembershipPoll(peers, { ...inputs, ...options })
  await poll?.ask('before')
  const answers = await runPaced(peers, {
    signal: options.signal,
    skip: (peer) => toResult(peer, [NOT_STARTED], redact),
    start(peer) {
      const { endings, cancel } = askPeer(peer, inputs, options)
      return { result: endings.then((all) => toResult(peer, all, redact)), cancel }
    },
  })
  await poll?.ask('after')
  const endedAt = readClocks()
  const drift = Math.abs(endedAt.day - startedAt.day - (endedAt.monotonic - startedAt.monotonic))
  const results = drift > MAX_DRIFT_MS ? answers.map((result) => distrust(result, drift)) : answers
  const mapped = new Set(inputs.queues.flatMap(({ groups }) => groups)).size
  return { ...judgeRound(results, poll, mapped, redact), checkedAt: new Date().toISOString() }
}

/** What an exchange with a peer is decided to be. */
interface Decided extends Finding {
  readonly httpStatus: number
}

function askPeer(
  { url: href }: Peer,
  inputs: Inputs,
  { network, onLateError }: RoundOptions,
): Exchange<Decided> {
  const url = new URL(href)
  const route: Route = inputs.routes.get(href) ?? { kind: 'direct' }
  return startExchange<Decided>(url, {
    route,
    network,
    timeoutMs: inputs.timeoutMs,
    onLateError: (error) => onLateError(href, error),
    passes: advertises,
    speak: (socket, progress) =>
      sendRequest(
        socket,
        url,
        { route, headers: inputs.headers },
        {
          ...progress,
          answered: (answer) =>
            progress.answered({
              ...decide(answer, inputs.capability),
              httpStatus: answer.httpStatus,
            }),
        },
      ),
  })
}

/** The peer's status is that of its first address that does not advertise. */
function toResult(
  peer: Peer,
  endings: readonly Ending<Decided>[],
  redact: (text: string) => string,
): PeerResult {
  const all = endings.map(({ address, forgiven, result }) => {
    const { status, error, capabilities, httpStatus } =
      result.kind === 'answer'
        ? result.answer
        : { ...result.failure, capabilities: null, httpStatus: null }
    return {
      outcome: {
        ...{ address: address ?? '', status, error: redact(error) },
        ...(forgiven ? { forgiven } : {}),
      },
      details: { capabilities: capabilities?.map(redact) ?? null, httpStatus },
    }
  })
  const decisive =
    all.find(({ outcome }) => blocks(outcome)) ??
    all.find(({ outcome }) => outcome.forgiven === undefined)
  if (decisive === undefined) throw new Error('an exchange without ending')
  const { status, error } = decisive.outcome
  return {
    peer,
    status,
    error,
    ...decisive.details,
    latencyMs: Math.round(Math.max(...endings.map(({ latencyMs }) => latencyMs)) * 10) / 10,
    addresses: all.length > 1 ? all.map(({ outcome }) => outcome) : [],
    remotes: endings.flatMap(({ address }) => address ?? []),
  }
}

function judgeRound(
  results: readonly PeerResult[],
  poll: MembershipPoll | null,
  mappedGroups: number,
  redact: (text: string) => string,
): Omit<Round, 'checkedAt'> {
  const contacts = results.map(({ peer, remotes }) => {
    return { peer, sqs: remotes, raft: poll?.remotesOf(peer) ?? [] }
  })
  const { shared, warnings } = findMachines(contacts, ownAddresses())
  const membership = poll?.judge(shared, redact) ?? null
  return {
    results,
    membership,
    warnings: [
      ...warnings,
      ...findMisplaced(contacts, membership?.members ?? []),
      ...findWarnings(results, membership, shared, mappedGroups),
    ],
  }
}

const ownAddresses = (): ReadonlySet<string> =>
  new Set(
    Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .map(({ address }) => address),
  )

const readClocks = () => ({ day: Date.now(), monotonic: performance.now() })

/** An answer of a round over which the machine slept, or its clock was set, says nothing about now. */
function distrust(result: PeerResult, drift: number): PeerResult {
  if (!advertises(result)) return result
  const error = `the clocks of the runner differ by ${formatDuration(drift)} over this round: it slept, or its clock was set, so the answer counts as late`
  const addresses = result.addresses.map((one) => ({ ...one, status: 'timeout' as const, error }))
  return { ...result, status: 'timeout', error, addresses }
}
