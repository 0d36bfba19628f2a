import type { Socket } from 'node:net'
import { formatDuration } from '../shared/duration.ts'
import { explainFailure, type Failure, failing, type Phase } from './failure.ts'
import { describeTried, explainTried, isStarved, type Tried, type Unreached } from './tried.ts'

/**
 * How late a complete answer may be read, in milliseconds. What is read in the turn in which the deadline passes had
 * arrived by then; after a longer stall of the gate nobody can tell, and late is late.
 */
const GRACE_MS = 50

/** How an attempt to get an answer ended. */
export interface Outcome<Answer> {
  readonly result:
    | { readonly kind: 'answer'; readonly answer: Answer }
    | { readonly kind: 'failure'; readonly failure: Failure }
  /** From the start to the end, in milliseconds. */
  readonly latencyMs: number
  /** The addresses of a name that has several, where none of them was reached, and how each failed; otherwise empty. */
  readonly unreached: readonly Unreached[]
}

/** What an attempt tells while it goes on. What is told after its end changes nothing. */
export interface Progress<Answer> {
  /** How far it got; `tried` tells how each address of the name fares. */
  phase(phase: Phase, tried?: () => readonly Tried[]): void
  /** A socket was made; it is destroyed with the end of the attempt, or at once if that has come. */
  opened(socket: Socket): void
  answered(answer: Answer): void
  failed(error: unknown): void
  /** The connection failed; after the end, that is told to `onLateError`. */
  broke(error: unknown): void
}

export interface Attempt<Answer> {
  /** Always resolves. */
  readonly outcome: Promise<Outcome<Answer>>
  /** Ends the attempt now, as `cancelled`; does nothing once it has ended. */
  cancel(): void
}

export interface AttemptOptions {
  /** The limit of the whole attempt, in milliseconds since `startedAt`. */
  readonly timeoutMs: number
  /** When the clock started, as `performance.now()` tells; by default with the call. */
  readonly startedAt?: number
  /** The proxy that the attempt goes through, for the message of a timeout. */
  readonly through?: string | undefined
  /** Told of what goes wrong with a connection after the end, which changes nothing. */
  readonly onLateError: (error: unknown) => void
}

/** Runs one attempt to get an answer over connections of its own, under one deadline. */
export function startAttempt<Answer>(
  { timeoutMs, startedAt = performance.now(), through, onLateError }: AttemptOptions,
  run: (progress: Progress<Answer>) => void,
): Attempt<Answer> {
  const { promise, resolve } = Promise.withResolvers<Outcome<Answer>>()
  const sockets: Socket[] = []
  let reached: Phase = 'connect'
  let tried: () => readonly Tried[] = () => []
  let ended = false

  function unreached(result: Outcome<Answer>['result']): readonly Unreached[] {
    const isCancelled = result.kind === 'failure' && result.failure.status === 'cancelled'
    return reached === 'connect' && through === undefined && !isCancelled
      ? explainTried(tried())
      : []
  }

  function end(result: Outcome<Answer>['result']): void {
    if (ended) return
    ended = true
    clearTimeout(deadline)
    for (const socket of sockets) socket.destroy()
    resolve({ result, latencyMs: performance.now() - startedAt, unreached: unreached(result) })
  }

  const fail = (failure: Failure) => end({ kind: 'failure', failure })
  function timedOut(): void {
    const addresses = reached === 'connect' ? tried() : []
    const proxy = through === undefined ? '' : `, through proxy ${through}`
    const where = [`phase: ${reached}`, describeTried(addresses)].filter(Boolean).join('; ')
    const error = `timed out after ${formatDuration(timeoutMs)} (${where}${proxy})`
    fail({ ...failing('timeout', error), starved: isStarved(addresses) })
  }

  // What has arrived is read first: a busy gate must not fail a peer that was in time.
  const deadline = setTimeout(
    () => setImmediate(timedOut),
    Math.max(0, startedAt + timeoutMs - performance.now()),
  )

  const failed = (error: unknown) =>
    fail(explainFailure(error, reached, sockets.at(-1)?.readableEnded ?? false))
  try {
    run({
      phase(phase, addresses) {
        reached = phase
        if (addresses !== undefined) tried = addresses
      },
      opened(socket) {
        sockets.push(socket)
        if (ended) socket.destroy()
      },
      answered(answer) {
        if (performance.now() - startedAt > timeoutMs + GRACE_MS) timedOut()
        else end({ kind: 'answer', answer })
      },
      failed,
      broke: (error) => (ended ? onLateError(error) : failed(error)),
    })
  } catch (error) {
    failed(error)
  }
  return {
    outcome: promise,
    cancel: () => fail(failing('cancelled', `the run was cancelled (phase: ${reached})`)),
  }
}
