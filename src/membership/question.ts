/** Loaded only where membership is asked for: the library of gRPC takes longer to load than all else. */
import {
  type Attempt,
  type AttemptOptions,
  type Network,
  openConnection,
  startAttempt,
} from '../exchange/exchange.ts'
import { callConfiguration } from './call.ts'
import type { Decode } from './decoder.ts'
import type { Member } from './membership.ts'

export { type Decode, makeDecoder } from './decoder.ts'

export interface QuestionOptions extends Pick<AttemptOptions, 'timeoutMs' | 'onLateError'> {
  readonly network: Network
  /** One for all questions of a run, so that equal answers are decoded once. */
  readonly decode: Decode
}

/**
 * Asks one Raft listener once for the members that it knows: the unary gRPC call `/RaftAdmin/Configuration`, in
 * plaintext HTTP/2, over a connection of its own, never through a proxy. The clock starts with the call and runs until
 * the answer is complete and decoded. Never tries again.
 *
 * An answer has at least one member and at most 10,000, each with an id, in at most 1 MiB. All else is a failure with the
 * reasons and words of an exchange; see `explainCall` and `makeDecoder` for those of its own.
 *
 * @param raftAddress `host:port`, with brackets around IPv6
 */
export function askMembers(
  raftAddress: string,
  { timeoutMs, onLateError, network, decode }: QuestionOptions,
): Attempt<readonly Member[]> {
  return startAttempt<readonly Member[]>({ timeoutMs, onLateError }, (progress) => {
    const url = new URL(`http://${raftAddress}`)
    let explain = (error: unknown) => error
    openConnection(url, { kind: 'direct' }, network, {
      ...progress,
      failed: (error) => progress.broke(explain(error)),
      ready(socket) {
        progress.phase('response headers')
        explain = callConfiguration(socket, url, {
          reading: () => progress.phase('body'),
          answered(message) {
            try {
              progress.answered(decode(message))
            } catch (error) {
              progress.failed(error)
            }
          },
          failed: progress.failed,
        })
      },
    })
  })
}
