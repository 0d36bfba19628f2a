import dns, { type LookupAddress, type LookupAllOptions, type LookupOptions } from 'node:dns'

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
