import type { ChildProcess } from 'node:child_process'
import type { LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { checkAddresses } from './addresses.ts'
import { ExchangeError } from './failure.ts'
import { type LookupReply, startChild } from './lookup-child.ts'

/** Looks names up with the system's resolver. */
export interface Resolver {
  /** Resolves once DNS lookups can start, or cannot be made to; before that, a lookup would spend the time of a peer. */
  ready(): Promise<void>
  /** The addresses of a name, each once; rejects with the error of the system. Those who ask at the same time share one lookup. */
  lookup(host: string): Promise<readonly LookupAddress[]>
  /** Ends all lookups at once; those under way never settle. */
  end(): void
}

/**
 * Makes a resolver for these hosts. Names are looked up in a child process, which is started only if there are names: a
 * lookup of the system cannot be called off, holds a thread and the exit of its process, and libuv aborts a process that
 * cannot make its threads.
 *
 * @param timeoutMs the time limit of one exchange, in milliseconds
 */
export function makeResolver(hosts: readonly string[], timeoutMs: number): Resolver {
  const names = new Set(hosts.filter((host) => isIP(host.replace(/^\[|\]$/g, '')) === 0))
  const waiting = new Map<string, PromiseWithResolvers<readonly LookupAddress[]>>()
  let child: ChildProcess | null = null
  let obstacle = lookupError('was not started')
  const ending = new AbortController()

  async function start(): Promise<void> {
    const started = await startChild(names.size, timeoutMs, ending.signal).catch(
      (error: Error) => error,
    )
    if (started instanceof Error) {
      obstacle = lookupError(`cannot be started (${started.message})`)
      return
    }
    child = started
    child.on('message', settle)
    child.once('exit', lose)
  }

  function settle({ host, addresses, code, message }: LookupReply): void {
    const asked = waiting.get(host)
    waiting.delete(host)
    if (addresses !== undefined) asked?.resolve(uniqueAddresses(addresses))
    else asked?.reject(Object.assign(new Error(message), { code }))
  }

  function lose(): void {
    child = null
    if (ending.signal.aborted) return
    obstacle = lookupError('ended')
    for (const asked of waiting.values()) asked.reject(obstacle)
    waiting.clear()
  }

  return {
    ready: async () => {
      if (child === null && names.size > 0 && !ending.signal.aborted) await start()
    },
    lookup(host) {
      if (child === null) return Promise.reject(obstacle)
      const known = waiting.get(host)
      if (known !== undefined) return known.promise
      const asking = Promise.withResolvers<readonly LookupAddress[]>()
      waiting.set(host, asking)
      // Where it has just died, its exit fails what waits.
      child.send(host)
      return asking.promise
    },
    end: () => ending.abort(),
  }
}

/** A resolver as Node.js takes one for its own connections. */
export const toLookup =
  (resolver: Resolver): LookupFunction =>
  (host, { all }, callback) => {
    resolver
      .lookup(host)
      .then(checkAddresses)
      .then(
        (addresses) => {
          const [first] = addresses
          if (all || first === undefined) callback(null, [...addresses])
          else callback(null, first.address, first.family)
        },
        (error) => callback(error, []),
      )
  }

const lookupError = (words: string) =>
  new ExchangeError('dns', `the process for DNS lookups ${words}`)

/** Each address once; an IPv4 address in its IPv6 form, as hosts files and name servers may have it, is that IPv4 address. */
const uniqueAddresses = (addresses: readonly LookupAddress[]): readonly LookupAddress[] => [
  ...new Map(addresses.map(unmap).map((found) => [found.address, found])).values(),
]

function unmap(found: LookupAddress): LookupAddress {
  const [, address] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(found.address) ?? []
  return address === undefined ? found : { address, family: 4 }
}
