import type { LookupAddress } from 'node:dns'
import { type Attempt, type AttemptOptions, type Outcome, startAttempt } from './attempt.ts'
import { openConnection } from './connection.ts'
import { failing } from './failure.ts'
import { formatAddress } from './race.ts'
import { type Answer, type RequestOptions, sendRequest } from './request.ts'
import { type Listener, type Network, portOf } from './socket.ts'

export { type Attempt, type AttemptOptions, type Outcome, startAttempt } from './attempt.ts'
export { openConnection } from './connection.ts'
export { CUT } from './error-codes.ts'
export { AnswerError, type Failure } from './failure.ts'
export { describeTarget } from './head.ts'
export { type Answer, MAX_BODY_BYTES } from './request.ts'
export { makeResolver, type Resolver } from './resolver.ts'
export type { Listener, Network } from './socket.ts'
export { makeTrust } from './trust.ts'

export interface ExchangeOptions
  extends RequestOptions,
    Pick<AttemptOptions, 'timeoutMs' | 'onLateError'> {
  readonly network: Network
}

/** How the exchange with one address ended. */
export interface Ending extends Outcome<Answer> {
  /** The remote address and port that were asked without a proxy; null where none was chosen. */
  readonly remote: string | null
}

const NOT_ASKED = failing('cancelled', 'the run was cancelled before this peer was asked')
/** The ending of an exchange, or of any attempt, that a cancelled run never started. */
export const NOT_STARTED = {
  result: { kind: 'failure', failure: NOT_ASKED },
  latencyMs: 0,
  remote: null,
  unreached: [],
} as const satisfies Ending

export interface Exchange {
  /**
   * One ending for each address that was asked, that of the one that was chosen first. Never empty; always resolves;
   * what went wrong is in the endings.
   */
  readonly endings: Promise<readonly Ending[]>
  /** Ends the exchange now, as `cancelled`; does nothing once it has ended. */
  cancel(): void
}

/**
 * Asks one peer once: `GET url` over a connection of its own. The clock starts with the call and runs until the answer is
 * complete. Follows no redirect, decompresses nothing, never tries again.
 *
 * Where the name has several addresses of the family that was chosen, these are several machines behind one name, and
 * each is asked, within the same time limit.
 */
export function startExchange(url: URL, options: ExchangeOptions): Exchange {
  const startedAt = performance.now()
  const asked: Asked[] = []
  const ask = (address?: LookupAddress) =>
    asked.push(
      askAddress(url, { ...options, startedAt }, address, (others) => {
        for (const other of others) ask(other)
      }),
    )
  ask()
  return {
    endings: settle(asked),
    cancel: () => {
      for (const { attempt } of asked) attempt.cancel()
    },
  }
}

interface Asked {
  readonly attempt: Attempt<Answer>
  readonly remote: () => string | null
}

function askAddress(
  url: URL,
  options: ExchangeOptions & { readonly startedAt: number },
  address: LookupAddress | undefined,
  onChosen: (others: readonly LookupAddress[]) => void,
): Asked {
  const { route, network } = options
  const through = route.kind === 'direct' ? undefined : route.proxy.host
  let reached = address
  const attempt = startAttempt<Answer>({ ...options, through }, (progress) => {
    const listener: Listener = {
      ...progress,
      failed: progress.broke,
      ready(socket) {
        progress.phase('response headers')
        sendRequest(socket, url, options, {
          reading: () => progress.phase('body'),
          answered: progress.answered,
          failed: progress.failed,
        })
      },
      chosen(chosen, all) {
        reached = chosen
        onChosen(
          all.filter((one) => one.family === chosen.family && one.address !== chosen.address),
        )
      },
    }
    openConnection(url, route, network, listener, address)
  })
  return { attempt, remote: () => (reached ? formatAddress(reached.address, portOf(url)) : null) }
}

/** An address is chosen, and the others are asked, before the first attempt ends. */
async function settle(asked: readonly Asked[]): Promise<readonly Ending[]> {
  const endings: Ending[] = []
  for (const { attempt, remote } of asked) {
    endings.push({ ...(await attempt.outcome), remote: remote() })
  }
  return endings
}
