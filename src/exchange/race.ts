import type { LookupAddress } from 'node:dns'
import { connect, type Socket } from 'node:net'
import { describeTried, type Tried } from './tried.ts'

/** How long an attempt has the field to itself, in milliseconds (RFC 8305, 5: Connection Attempt Delay). */
const ATTEMPT_DELAY_MS = 250

/** What is told of a race; exactly one of `connected` and `failed`, once. */
export interface RaceListener {
  /** A socket was made. One that is destroyed at once ends the race. */
  opened(socket: Socket): void
  connected(socket: Socket, address: LookupAddress): void
  failed(error: unknown): void
}

/**
 * Connects to the first of several addresses that answers, as RFC 8305 says: the families take turns, a new attempt
 * starts 250 ms after the last or as soon as it fails, and none is given up before the race is over. Returns a function
 * that tells how each attempt fares.
 */
export function connectFirst(
  addresses: readonly LookupAddress[],
  port: number,
  listener: RaceListener,
): () => readonly Tried[] {
  const waiting = interleave(addresses)
  const running = new Set<Socket>()
  const tried = new Map<string, NodeJS.ErrnoException | null>()
  let timer: NodeJS.Timeout | undefined

  function next(): void {
    clearTimeout(timer)
    const address = waiting.shift()
    if (address === undefined) {
      if (running.size === 0) listener.failed(joinErrors(list()))
      return
    }
    const socket = connect({ host: address.address, port, noDelay: true })
    listener.opened(socket)
    if (socket.destroyed) return
    const at = formatAddress(address.address, port)
    tried.set(at, null)
    running.add(socket)
    if (waiting.length > 0) timer = setTimeout(next, ATTEMPT_DELAY_MS)
    socket.once('connect', () => {
      clearTimeout(timer)
      running.delete(socket)
      for (const other of running) other.destroy()
      socket.removeListener('error', lost)
      listener.connected(socket, address)
    })
    function lost(error: NodeJS.ErrnoException): void {
      running.delete(socket)
      tried.set(at, error)
      next()
    }
    socket.once('error', lost)
  }

  const list = () => [...tried].map(([address, error]) => ({ address, error }))
  next()
  return list
}

/** An IP address and a port, with brackets around IPv6. */
export const formatAddress = (address: string, port: number | undefined): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

function joinErrors(tried: readonly Tried[]): unknown {
  const errors = tried.map(({ error }) => error)
  return errors.length === 1 ? errors[0] : new AggregateError(errors, describeTried(tried))
}

/** The families in turn, beginning with the one that the resolver prefers (RFC 8305, 4). */
function interleave(addresses: readonly LookupAddress[]): LookupAddress[] {
  const preferred = addresses.filter(({ family }) => family === addresses[0]?.family)
  const others = addresses.filter(({ family }) => family !== addresses[0]?.family)
  const longest = preferred.length > others.length ? preferred : others
  return longest.flatMap((_, index) =>
    [preferred[index], others[index]].filter((address) => address !== undefined),
  )
}
