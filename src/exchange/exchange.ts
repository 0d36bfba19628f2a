import type { LookupAddress } from 'node:dns'
import { isIP, type Socket } from 'node:net'
import type { Route } from '../inputs/inputs.ts'
import {
  checkAddresses,
  type Ending,
  forgiveEndings,
  formatAddress,
  isConnected,
  isOnlyOfFamily,
} from './addresses.ts'
import { type Attempt, type Progress, startAttempt } from './attempt.ts'
import { hostOf, type Network, openConnection, portOf } from './connection.ts'
import { failing } from './failure.ts'

export type { Ending } from './addresses.ts'
export type { Progress } from './attempt.ts'
export { hostOf, makeTrust, type Network } from './connection.ts'
export { CUT, ExchangeError, explainFailure, type Failure } from './failure.ts'
export { runPaced } from './pace.ts'
export { type Answer, describeTarget, MAX_BODY_BYTES, sendRequest } from './request.ts'
export { makeResolver, type Resolver, toLookup } from './resolver.ts'

export interface ExchangeOptions<Answer> {
  readonly route: Route
  readonly network: Network
  /** The limit of the whole exchange, DNS lookup included, in milliseconds. */
  readonly timeoutMs: number
  /** Called with what goes wrong with a connection after its end, which changes nothing. */
  readonly onLateError: (error: unknown) => void
  /** Speaks over a connection that is ready, and reports to `progress`. */
  readonly speak: (socket: Socket, progress: Progress<Answer>) => void
  /** Whether an answer is as it must be. */
  readonly passes: (answer: Answer) => boolean
}

export interface Exchange<Answer> {
  /** How each address of the peer ended, at least one that counts. Always resolves; what went wrong is in the endings. */
  readonly endings: Promise<readonly Ending<Answer>[]>
  /** Ends the exchange now, as `cancelled`; does nothing once it has ended. */
  cancel(): void
}

/** The ending of an exchange that a cancelled run never started. */
export const NOT_STARTED = {
  address: null,
  result: {
    kind: 'failure',
    failure: failing('cancelled', 'the run was cancelled before this peer was asked'),
  },
  reached: 'connect',
  latencyMs: 0,
  forgiven: false,
} as const satisfies Ending<never>

/**
 * Asks one peer once: looks its name up and asks each of its addresses over a connection of its own, all within one time
 * limit that starts with the call. Never tries again. Through a proxy, the proxy looks the name up.
 */
export function startExchange<Answer>(
  url: URL,
  options: ExchangeOptions<Answer>,
): Exchange<Answer> {
  const { route, network, timeoutMs, onLateError, speak } = options
  const startedAt = performance.now()
  const running = new Set<Attempt<unknown>>()
  const limits = { startedAt, timeoutMs, onLateError }

  function ask(address: LookupAddress | null): Attempt<Answer> {
    const through = route.kind === 'direct' ? '' : route.proxy.host
    const attempt = startAttempt<Answer>({ ...limits, phase: 'connect', through }, (progress) =>
      openConnection(url, route, address, network, {
        ...progress,
        ready(socket) {
          progress.phase('response headers')
          speak(socket, progress)
        },
      }),
    )
    running.add(attempt)
    return attempt
  }

  async function askAll(): Promise<readonly Ending<Answer>[]> {
    if (route.kind !== 'direct')
      return [{ ...(await ask(null).outcome), address: null, forgiven: false }]
    const family = isIP(hostOf(url))
    const found = family === 0 ? await lookUp() : [{ address: hostOf(url), family }]
    if ('result' in found) return [found]
    const asked = found.map((address) => ({
      address: formatAddress(address.address, portOf(url)),
      attempt: ask(address),
    }))
    return forgiveEndings(await settle(asked, options.passes), options.passes)
  }

  async function lookUp(): Promise<readonly LookupAddress[] | Ending<never>> {
    const lookup = startAttempt<readonly LookupAddress[]>(
      { ...limits, phase: 'DNS lookup', through: '' },
      ({ answered, failed }) =>
        network.resolver.lookup(url.hostname).then(checkAddresses).then(answered, failed),
    )
    running.add(lookup)
    const { result, ...rest } = await lookup.outcome
    return result.kind === 'answer'
      ? result.answer
      : { ...rest, result, address: null, forgiven: false }
  }

  return {
    endings: askAll(),
    cancel: () => {
      for (const attempt of running) attempt.cancel()
    },
  }
}

interface Asked<Answer> {
  readonly address: string
  readonly attempt: Attempt<Answer>
}

/** Waits for all addresses, but for one that may be forgiven and is the last. */
async function settle<Answer>(
  asked: readonly Asked<Answer>[],
  passes: (answer: Answer) => boolean,
): Promise<readonly Ending<Answer>[]> {
  const addresses = asked.map(({ address }) => address)
  const pending = new Set(asked)
  let passing = false
  return await Promise.all(
    asked.map(async (one) => {
      const outcome = await one.attempt.outcome
      pending.delete(one)
      passing ||= outcome.result.kind === 'answer' && passes(outcome.result.answer)
      const [last, ...others] = pending
      const isLast = last !== undefined && others.length === 0
      if (isLast && passing && isOnlyOfFamily(last.address, addresses)) {
        if (!isConnected(last.attempt.reached())) last.attempt.cancel()
      }
      return { ...outcome, address: one.address, forgiven: false }
    }),
  )
}
