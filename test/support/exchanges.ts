import {
  type Answer,
  type Ending,
  type Exchange,
  type ExchangeOptions,
  sendRequest,
  startExchange,
} from '../../src/exchange/exchange.ts'
import { NETWORK } from './network.ts'
import { type Behaviour, type Identity, serve } from './servers.ts'

export interface AskOptions extends Partial<ExchangeOptions<Answer>> {
  /** Sent besides those of the gate. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Asks a base URL for its health, as a round does; an answer passes if its status is 200. */
export function ask(base: string, { headers = {}, ...rest }: AskOptions = {}): Exchange<Answer> {
  const url = new URL(`${base}/sqs_health`)
  const { route = { kind: 'direct' } } = rest
  return startExchange<Answer>(url, {
    route,
    network: NETWORK,
    timeoutMs: 20_000,
    onLateError: () => undefined,
    passes: ({ httpStatus }) => httpStatus === 200,
    speak: (socket, progress) => sendRequest(socket, url, { route, headers }, progress),
    ...rest,
  })
}

/** How an exchange with a single address ended: the answer, or the failure. */
export async function endOf({ endings }: Exchange<Answer>) {
  const [{ result }] = (await endings) as [Ending<Answer>]
  return result.kind === 'answer' ? result.answer : result.failure
}

/** How an exchange with a server ends that does this with its connection. */
export async function askServer(behave: Behaviour, options: AskOptions = {}, tls?: Identity) {
  await using server = await serve(behave, tls === undefined ? {} : { tls })
  return await endOf(ask(`${tls === undefined ? 'http' : 'https'}://${server.address}`, options))
}
