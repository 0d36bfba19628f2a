import { type Ending, type Exchange, NOT_STARTED } from '../exchange/exchange.ts'
import type { Peer } from '../inputs/inputs.ts'
import { decide, type Finding } from './decision.ts'
import { runPaced } from './pace.ts'
import type { PeerResult } from './result.ts'

export interface PollOptions {
  readonly capability: string
  /** Starts the exchange with a peer; its clock runs from the call. */
  readonly start: (peer: Peer) => Exchange
  /** Hides secrets that a peer may echo. */
  readonly redact: (text: string) => string
  /** Once aborted, peers without an answer end as `cancelled`. */
  readonly signal: AbortSignal
}

/**
 * One round: asks every peer once, all at the same time, and resolves with one result per peer in the order of
 * the list.
 */
export async function pollRound(
  peers: readonly Peer[],
  options: PollOptions,
): Promise<readonly PeerResult[]> {
  const { signal, start } = options
  const polled = await runPaced(peers, {
    start(peer) {
      const { endings, cancel } = start(peer)
      return { result: endings.then((all) => toResult(peer, all, options)), cancel }
    },
    signal,
    skip: (peer) => toResult(peer, [NOT_STARTED], options),
  })
  return polled.map(({ result }) => result)
}

/** A peer is what the first of its addresses is that does not advertise. */
function toResult(
  peer: Peer,
  endings: readonly Ending[],
  { capability, redact }: PollOptions,
): { result: PeerResult; starved: boolean } {
  const findings = endings.map((ending) => judgeEnding(ending, capability, redact))
  const blocking = findings.findIndex(({ status }) => status !== 'advertises')
  const told = Math.max(0, blocking)
  const [finding, ending] = [findings[told], endings[told]]
  if (finding === undefined || ending === undefined) throw new Error('an exchange without ending')
  const { result } = ending
  const latencyMs = Math.max(...endings.map((one) => one.latencyMs))
  return {
    starved: endings.some((one) => one.result.kind === 'failure' && one.result.failure.starved),
    result: {
      peer,
      ...finding,
      httpStatus: result.kind === 'answer' ? result.answer.httpStatus : null,
      latencyMs: Math.round(latencyMs * 10) / 10,
      remotes: endings.flatMap(({ remote }) => remote ?? []),
      addresses:
        findings.length > 1
          ? toAddresses(findings, endings)
          : ending.unreached.map(({ address, status, error }) => ({
              address,
              status,
              error: redact(error),
            })),
    },
  }
}

const toAddresses = (findings: readonly Finding[], endings: readonly Ending[]) =>
  findings.map(({ status, error }, index) => ({
    address: endings[index]?.remote ?? '',
    status,
    error,
  }))

function judgeEnding(
  { result }: Ending,
  capability: string,
  redact: (text: string) => string,
): Finding {
  const { status, error, capabilities } =
    result.kind === 'answer'
      ? decide(result.answer, capability)
      : { ...result.failure, capabilities: null }
  return { status, error: redact(error), capabilities: capabilities?.map(redact) ?? null }
}
