import type { ChildProcess } from 'node:child_process'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { uniqueAddresses } from './addresses.ts'
import { isReady, type LookupReply, MAX_LOOKUP_MS, startChild } from './resolver-child.ts'

/** The most threads that libuv makes; look-ups get half of them. */
const MAX_THREADS = 1_024
/** The most processes. */
const MAX_CHILDREN = 4
const MIN_THREADS = 4
/** By how much fewer threads are tried, where so many cannot be made. */
const FEWER = 4

/** Looks names up with the system's resolver. */
export interface Resolver {
  /** Resolves once look-ups can start, or cannot be made to; before that, a look-up would spend the time of a peer. */
  ready(): Promise<void>
  /** The addresses of a name, each once; rejects with the error of the system. Those who ask at the same time share one look-up. */
  lookup(host: string): Promise<readonly LookupAddress[]>
  /** Ends all look-ups at once; those under way never settle. */
  end(): void
}

interface Asking extends PromiseWithResolvers<readonly LookupAddress[]> {
  /** As `performance.now()` tells. */
  readonly startedAt: number
}

/**
 * Makes a resolver for these hosts. Names are looked up in child processes, which are started only if there are names: a
 * look-up of the system cannot be called off, holds a thread and the exit of its process, and libuv aborts a process that
 * cannot make its threads. There is a child for each 512 names, up to four, each with two threads for each of its names, or
 * as many as can be made; glibc is told to try for as long as an exchange may take.
 *
 * @param timeoutMs the time limit of one exchange, in milliseconds
 */
export function makeResolver(hosts: readonly string[], timeoutMs: number): Resolver {
  const names = [...new Set(hosts.filter((host) => isIP(host.replace(/^\[|\]$/g, '')) === 0))]
  const share = Math.max(MAX_THREADS / 2, Math.ceil(names.length / MAX_CHILDREN))
  const parts: Resolver[] = []
  const partOf = new Map<string, Resolver>()
  for (const [index, name] of names.entries()) {
    const part =
      parts[Math.floor(index / share)] ?? makePart(Math.min(share, names.length), timeoutMs)
    parts[Math.floor(index / share)] = part
    partOf.set(name, part)
  }
  return {
    ready: async () => {
      await Promise.all(parts.map((part) => part.ready()))
    },
    lookup: (host) =>
      partOf.get(host)?.lookup(host) ?? Promise.reject(new Error('no such name was expected')),
    end() {
      for (const part of parts) part.end()
    },
  }
}

/** The look-ups of one child. */
function makePart(names: number, timeoutMs: number): Resolver {
  const waiting = new Map<string, Asking>()
  let child: ChildProcess | null = null
  let obstacle = ''
  let over = false

  async function start(): Promise<void> {
    let threads = Math.min(MAX_THREADS, Math.max(MIN_THREADS, 2 * names))
    for (; child === null && !over; threads = Math.ceil(threads / FEWER)) {
      child = startChild(Math.max(MIN_THREADS, threads), timeoutMs)
      if (!(await isReady(child))) child = null
      if (threads <= MIN_THREADS) break
    }
    obstacle = 'no process with threads for name look-ups can be started (ulimit -u, pids.max)'
    child?.on('message', settle)
    child?.once('exit', lose)
  }

  function settle({ host, addresses, code, message }: LookupReply): void {
    const asked = waiting.get(host)
    const tookMs = performance.now() - (asked?.startedAt ?? 0)
    // Not even glibc can be told to wait for a silent name server any longer.
    if (code === 'EAI_AGAIN' && tookMs >= MAX_LOOKUP_MS && tookMs < timeoutMs && child !== null) {
      child.send(host)
      return
    }
    waiting.delete(host)
    if (addresses !== undefined) asked?.resolve(uniqueAddresses(addresses))
    else asked?.reject(Object.assign(new Error(message), { code }))
  }

  function lose(): void {
    child = null
    if (over) return
    obstacle = 'the process for name look-ups ended'
    for (const host of [...waiting.keys()]) settle({ host, code: 'ERR_LOOKUP', message: obstacle })
  }

  return {
    ready: async () => {
      if (child === null) await start()
    },
    lookup(host) {
      const asked = waiting.get(host)
      if (asked !== undefined) return asked.promise
      const asking: Asking = { ...Promise.withResolvers(), startedAt: performance.now() }
      waiting.set(host, asking)
      if (child === null) settle({ host, code: 'ERR_LOOKUP', message: obstacle })
      else child.send(host)
      return asking.promise
    },
    end() {
      over = true
      child?.kill('SIGKILL')
    },
  }
}
