import type { Socket } from 'node:net'
import { formatDuration } from '../shared/duration.ts'
import { explainFailure, type Failure, failing, type Phase } from './failure.ts'

/** How an attempt to get an answer ended. */
export interface Outcome<Answer> {
  readonly result:
    | { readonly kind: 'answer'; readonly answer: Answer }
    | { readonly kind: 'failure'; readonly failure: Failure }
  /** How far it got. */
  readonly reached: Phase
  /** From the start to the end, in milliseconds. */
  readonly latencyMs: number
}

/** What is reported to an attempt while it goes on. What comes after its end changes nothing. */
export interface Progress<Answer> {
  phase(phase: Phase): void
  /** A socket was made; it is destroyed with the end of the attempt, or at once if that has come. */
  opened(socket: Socket): void
  answered(answer: Answer): void
  failed(error: unknown): void
  /** The connection failed; after the end, that goes to `onLateError`. */
  broke(error: unknown): void
}

export interface Attempt<Answer> {
  /** Always resolves. */
  readonly outcome: Promise<Outcome<Answer>>
  /** How far it has got. */
  reached(): Phase
  /** Ends the attempt now, as `cancelled`; does nothing once it has ended. */
  cancel(): void
}

export interface AttemptOptions {
  /** The limit of the whole attempt, in milliseconds since `startedAt`. */
  readonly timeoutMs: number
  /** When the clock started, by `performance.now()`. */
  readonly startedAt: number
  /** The phase that the attempt begins with. */
  readonly phase: Phase
  /** The proxy that the attempt goes through, for the message of a timeout; empty for none. */
  readonly through: string
  /** Called with what goes wrong with a connection after the end, which changes nothing. */
  readonly onLateError: (error: unknown) => void
}

/**
 * Runs one attempt to get an answer, under one deadline. An answer that is read after the deadline is a timeout, whatever
 * kept the gate from reading it earlier.
 */
export function startAttempt<Answer>(
  { timeoutMs, startedAt, phase, through, onLateError }: AttemptOptions,
  run: (progress: Progress<Answer>) => void,
): Attempt<Answer> {
  const { promise, resolve } = Promise.withResolvers<Outcome<Answer>>()
  const sockets: Socket[] = []
  let reached = phase
  let ended = false

  function end(result: Outcome<Answer>['result']): void {
    if (ended) return
    ended = true
    clearTimeout(deadline)
    // TLS before what is beneath it, or undici hears of the end in the midst of its parsing and frees nothing.
    for (const socket of sockets.toReversed()) socket.destroy()
    resolve({ result, reached, latencyMs: performance.now() - startedAt })
  }

  const fail = (failure: Failure) => end({ kind: 'failure', failure })
  function timedOut(): void {
    const proxy = through === '' ? '' : `, through proxy ${through}`
    fail(
      failing(
        'timeout',
        `timed out after ${formatDuration(timeoutMs)} (phase: ${reached}${proxy})`,
      ),
    )
  }
  const leftMs = () => startedAt + timeoutMs - performance.now()
  const deadline = setTimeout(timedOut, Math.max(0, leftMs()))

  function failed(error: unknown): void {
    const failure = explainFailure(error, reached, sockets.at(-1)?.readableEnded ?? false)
    const limit =
      failure.code === 'ETIMEDOUT' ? `, before the limit of ${formatDuration(timeoutMs)}` : ''
    fail({ ...failure, error: failure.error + limit })
  }
  try {
    run({
      phase(next) {
        reached = next
      },
      opened(socket) {
        sockets.push(socket)
        if (ended) socket.destroy()
      },
      answered(answer) {
        if (leftMs() < 0) timedOut()
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
    reached: () => reached,
    cancel: () => fail(failing('cancelled', `the run was cancelled (phase: ${reached})`)),
  }
}
