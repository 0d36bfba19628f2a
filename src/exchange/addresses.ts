import { isIPv6 } from 'node:net'
import type { Outcome } from './attempt.ts'
import { failing, hasRoute, type Phase } from './failure.ts'

/** How asking one address ended. */
export interface Ending<Answer> extends Outcome<Answer> {
  /** The IP address and port that was asked; null where a DNS lookup failed, or where a proxy was asked. */
  readonly address: string | null
}

/** An IP address and a port, with brackets around IPv6. */
export const formatAddress = (address: string, port: number): string =>
  isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`

/** Whether a connection came about before this phase. */
export const isConnected = (reached: Phase): boolean =>
  reached !== 'DNS lookup' && reached !== 'connect'

const familyOf = (address: string) => (address.startsWith('[') ? 6 : 4)

/** Whether an address is the only one of its family. */
export const isOnlyOfFamily = (address: string, all: readonly string[]): boolean =>
  all.filter((other) => familyOf(other) === familyOf(address)).length === 1

/**
 * The endings of all addresses of a name that count. A name may have an IPv6 address that the runner or the node does not
 * use, so one thing is forgiven: an address that is the only one of its family, and to which no connection came about, does
 * not count where an address of the other family passes. Where no address was reached, the endings with a route come first.
 *
 * @param passes whether an answer is as it must be
 */
export function countEndings<Answer>(
  endings: readonly Ending<Answer>[],
  passes: (answer: Answer) => boolean,
): readonly Ending<Answer>[] {
  const all = endings.flatMap(({ address }) => address ?? [])
  const passing = endings.filter(({ result }) => result.kind === 'answer' && passes(result.answer))
  const counting = endings.filter(
    (ending) =>
      isConnected(ending.reached) ||
      passing.length === 0 ||
      ending.address === null ||
      !isOnlyOfFamily(ending.address, all),
  )
  return counting.some(({ reached }) => isConnected(reached))
    ? counting
    : explainUnreached(counting)
}

/** Where no address was reached, each failure names all of them; those with a route come first. */
function explainUnreached<Answer>(endings: readonly Ending<Answer>[]): readonly Ending<Answer>[] {
  if (endings.length < 2) return endings
  const each = endings.map(({ address, result }) => {
    if (result.kind === 'answer') return `${address} answered`
    const { code, status } = result.failure
    return `${address} ${code || status}`
  })
  return endings
    .map((ending) => {
      if (ending.result.kind === 'answer') return ending
      const { status, error, code } = ending.result.failure
      const failure = failing(status, `${error}; ${each.join(', ')}`, code)
      return { ...ending, result: { kind: 'failure', failure } as const }
    })
    .sort((one, other) => rank(one) - rank(other))
}

const rank = ({ result }: Ending<unknown>) =>
  Number(result.kind === 'failure' && !hasRoute(result.failure))
