import { STARVED } from './error-codes.ts'
import { explainFailure, type Failure, failing } from './failure.ts'

/** An address that was tried, and its error, or null as long as it has none. */
export interface Tried {
  /** The IP address and port. */
  readonly address: string
  readonly error: NodeJS.ErrnoException | null
}

/** How an address failed that could not be reached. */
export interface Unreached extends Failure {
  readonly address: string
}

const NO_ANSWER = failing('timeout', 'no answer')

/** How each address fares, in one line; empty where there is one only. */
export const describeTried = (tried: readonly Tried[]): string =>
  tried.length < 2
    ? ''
    : tried
        .map(({ address, error }) => `${address} ${error?.code ?? error?.message ?? 'no answer'}`)
        .join(', ')

/** Whether the runner had no file descriptor left for an address, so that it says nothing about the peer. */
export const isStarved = (tried: readonly Tried[]): boolean =>
  tried.some(({ error }) => STARVED.has(error?.code))

/** How each address failed, where there are several. */
export const explainTried = (tried: readonly Tried[]): readonly Unreached[] =>
  tried.length < 2
    ? []
    : tried.map(({ address, error }) => ({
        address,
        ...(error === null ? NO_ANSWER : explainFailure(error, 'connect', false)),
      }))
