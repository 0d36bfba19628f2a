import { type Ending, type Exchange, explainFailure, type Failure } from '../exchange/exchange.ts'
import type { Peer } from '../inputs/inputs.ts'
import { decide } from './decision.ts'
import { makePace } from './pace.ts'
import type { PeerResult } from './result.ts'

export interface PollOptions {
  readonly capability: string
  /** The time limit of one exchange, in milliseconds. */
  readonly timeoutMs: number
  /** Starts the exchange with a peer; its clock runs from the call. */
  readonly start: (peer: Peer) => Exchange
  /** Hides secrets that a peer may echo. */
  readonly redact: (text: string) => string
  /** Once aborted, peers without an answer end as `cancelled`. */
  readonly signal: AbortSignal
}

/**
 * One round: asks every peer once, all at the same time, and resolves with one result per peer in the order of
 * the list. Thousands of exchanges are paced so that they do not starve the clocks of one another; nothing waits for
 * a slow peer.
 */
export async function pollRound(
  peers: readonly Peer[],
  options: PollOptions,
): Promise<readonly PeerResult[]> {
  const { signal, start } = options
  const running = new Set<Exchange>()
  const cancelAll = () => {
    for (const exchange of running) exchange.cancel()
  }
  signal.addEventListener('abort', cancelAll)
  const pace = makePace(options.timeoutMs)
  const results: Promise<PeerResult>[] = []
  for (const peer of peers) {
    if (!signal.aborted) await pace.turn()
    const ended = pace.begin()
    const exchange = signal.aborted ? CANCELLED : tryStart(peer, start)
    running.add(exchange)
    if (signal.aborted) exchange.cancel()
    results.push(
      exchange.ending.catch(lost).then((ending) => {
        ended()
        running.delete(exchange)
        return toResult(peer, ending, options)
      }),
    )
  }
  const settled = await Promise.all(results)
  signal.removeEventListener('abort', cancelAll)
  return settled
}

const failing = (failure: Failure): Ending => ({
  outcome: { kind: 'failure', failure },
  latencyMs: 0,
  remote: null,
})

/** A peer that was not asked any more. */
const CANCELLED: Exchange = {
  ending: Promise.resolve(
    failing({ status: 'cancelled', error: 'the run was cancelled before this peer was asked' }),
  ),
  cancel: () => undefined,
}

/** What the gate itself could not do costs the peer its pass, and no other peer its row. */
const lost = (error: unknown): Ending => failing(explainFailure(error, 'connect', false))

function tryStart(peer: Peer, start: PollOptions['start']): Exchange {
  try {
    return start(peer)
  } catch (error) {
    return { ending: Promise.resolve(lost(error)), cancel: () => undefined }
  }
}

function toResult(peer: Peer, ending: Ending, { capability, redact }: PollOptions): PeerResult {
  const { outcome, latencyMs, remote } = ending
  const answered = outcome.kind === 'answer'
  const finding = answered
    ? decide(outcome.answer, capability)
    : { ...outcome.failure, capabilities: null }
  return {
    peer,
    status: finding.status,
    capabilities: finding.capabilities?.map(redact) ?? null,
    httpStatus: answered ? outcome.answer.httpStatus : null,
    latencyMs: Math.round(latencyMs * 10) / 10,
    error: redact(finding.error),
    remote,
    addresses: [],
  }
}
