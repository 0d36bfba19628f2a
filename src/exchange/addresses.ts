import type { LookupAddress } from 'node:dns'
import { isIPv6 } from 'node:net'
import type { Outcome } from './attempt.ts'
import { ExchangeError, failing, hasRoute, type Phase } from './failure.ts'

/** The most addresses of one name that are asked. */
const MAX_ADDRESSES = 32

/** How asking one address ended. */
export interface Ending<Answer> extends Outcome<Answer> {
  /** The IP address and port that was asked; null where a DNS lookup failed, or where a proxy was asked. */
  readonly address: string | null
  /** Whether this address does not count. */
  readonly forgiven: boolean
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
 * Decides which addresses of a name count. A name may have an IPv6 address that the runner or the node does not use, so one
 * thing is forgiven: an address that is the only one of its family, and to which no connection came about, does not count
 * where an address of the other family passes. Where no address was reached, the endings with a route come first.
 *
 * @param passes whether an answer is as it must be
 */
export function forgiveEndings<Answer>(
  endings: readonly Ending<Answer>[],
  passes: (answer: Answer) => boolean,
): readonly Ending<Answer>[] {
  const all = endings.flatMap(({ address }) => address ?? [])
  const passing = endings.filter(({ result }) => result.kind === 'answer' && passes(result.answer))
  if (!endings.some(({ reached }) => isConnected(reached))) return explainUnreached(endings)
  return endings.map((ending) => ({
    ...ending,
    forgiven:
      !isConnected(ending.reached) &&
      passing.length > 0 &&
      ending.address !== null &&
      isOnlyOfFamily(ending.address, all),
  }))
}

/** Where no address was reached, each failure names all of them, unless the run was cancelled; those with a route come first. */
function explainUnreached<Answer>(endings: readonly Ending<Answer>[]): readonly Ending<Answer>[] {
  const cancelled = endings.some(
    ({ result }) => result.kind === 'failure' && result.failure.status === 'cancelled',
  )
  if (endings.length < 2 || cancelled) return endings
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

/** Returns the addresses of a name if each of them can be asked, and throws otherwise. */
export function checkAddresses(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  if (addresses.length === 0) throw new ExchangeError('dns', 'the name has no address')
  if (addresses.length > MAX_ADDRESSES) {
    throw new ExchangeError(
      'dns',
      `the name has ${addresses.length} addresses, at most ${MAX_ADDRESSES} are asked`,
    )
  }
  const nowhere = addresses.find(({ address }) => /^(0\.|::$)/.test(address))
  if (nowhere === undefined) return addresses
  throw new ExchangeError(
    'dns',
    `the name resolves to ${nowhere.address}, which is no destination: name servers block names that way`,
  )
}
