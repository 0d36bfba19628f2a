import dns, { type LookupAddress, type LookupAllOptions, type LookupOptions } from 'node:dns'
import { isIP } from 'node:net'

/** The most threads that libuv makes; look-ups get half of them. */
const MAX_THREADS = 1_024
/** How often glibc asks a name server, at least, and at most (RES_MAXRETRY). */
const MIN_TRIES = 2
const MAX_TRIES = 5

type Answered = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

/** Who waits for the answer of a look-up that is under way, by name and options. */
const pending = new Map<string, Answered[]>()

/**
 * Looks a name up with the system's resolver, for `connect`. A look-up cannot be called off and keeps a thread until
 * the resolver gives up; whoever asks for the same name meanwhile joins it, so that names that hang do not take
 * more threads with every round.
 */
export function lookup(
  host: string,
  options: LookupOptions,
  callback: (
    error: NodeJS.ErrnoException | null,
    address: string | LookupAddress[],
    family?: number,
  ) => void,
): void {
  const all: LookupAllOptions = { ...options, all: true }
  const answered: Answered = (error, addresses) => {
    const [first] = addresses ?? []
    if (error !== null || options.all === true) callback(error, addresses)
    else callback(null, first?.address ?? '', first?.family)
  }
  const key = JSON.stringify([host, all])
  const waiting = pending.get(key)
  if (waiting !== undefined) {
    waiting.push(answered)
    return
  }
  const joined = [answered]
  dns.lookup(host, all, (error, addresses) => {
    pending.delete(key)
    for (const tell of joined) tell(error, addresses)
  })
  pending.set(key, joined)
}

/** Whether a look-up is under way. Until the resolver gives up, it holds the exit of the process. */
export const isLookingUp = (): boolean => pending.size > 0

/**
 * Prepares the system's resolver for a run. The names among the hosts can be looked up at the same time, up to 512; more
 * have to queue. glibc tries again for about as long as an exchange may take, after one second, then two, then four, up
 * to 31 seconds in all. Has no effect once a name was looked up; see startup.ts for what holds without it.
 *
 * @param timeoutMs the time limit of one exchange, in milliseconds
 */
export function prepareLookups(hosts: readonly string[], timeoutMs: number): void {
  const names = new Set(hosts.filter((host) => isIP(host.replace(/^\[|\]$/g, '')) === 0)).size
  const threads = Number(process.env['UV_THREADPOOL_SIZE'])
  process.env['UV_THREADPOOL_SIZE'] = `${Math.min(MAX_THREADS, Math.max(threads, 2 * names))}`
  const tries = Math.ceil(Math.log2(timeoutMs / 1_000 + 1))
  process.env['RES_OPTIONS'] += ` attempts:${Math.min(MAX_TRIES, Math.max(MIN_TRIES, tries))}`
}
