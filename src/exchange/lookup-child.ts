import type { ChildProcess } from 'node:child_process'
import type { LookupAddress } from 'node:dns'

/** How long the child may take to start, in milliseconds. */
const MAX_START_MS = 10_000
/** The most that glibc takes for one try (RES_MAXRETRANS), in seconds, and the most tries (RES_MAXRETRY). */
const MAX_TRY_S = 30
const MAX_TRIES = 5
/** libuv makes no more threads than 1,024, and gives DNS lookups half of them. */
const MAX_THREADS = 1_024
const MIN_THREADS = 4
/** Variables of the step that the child has no use for; some hold secrets, and NODE_OPTIONS are meant for the gate. */
const WITHHELD = /^(INPUT_|ACTIONS_|GITHUB_|NODE_OPTIONS$)/i

/** What the child says of a name: its addresses, or the error of the system. */
export interface LookupReply {
  readonly host: string
  readonly addresses?: readonly LookupAddress[]
  readonly code?: string
  readonly message?: string
}

/**
 * Starts a child with two threads for each name, and glibc told to try for as long as an exchange may take. Resolves with
 * it once it has its threads, or with the error that kept it from starting. The signal ends it at any time.
 */
export async function startChild(
  names: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ChildProcess | NodeJS.ErrnoException> {
  const threads = Math.min(MAX_THREADS, Math.max(MIN_THREADS, 2 * names))
  const tryS = Math.min(MAX_TRY_S, Math.max(1, Math.ceil(timeoutMs / 1_000 / MAX_TRIES)))
  const kept = Object.entries(process.env).filter(([name]) => !WITHHELD.test(name))
  const given = process.env['RES_OPTIONS'] ?? ''
  // Loaded where it is needed: many lists hold addresses only.
  const { spawn } = process.getBuiltinModule('node:child_process')
  const child = spawn(process.execPath, ['--eval', `(${serve})()`], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    signal,
    killSignal: 'SIGKILL',
    env: {
      ...Object.fromEntries(kept),
      UV_THREADPOOL_SIZE: `${threads}`,
      RES_OPTIONS: `${given} timeout:${tryS} attempts:${MAX_TRIES}`.trim(),
    },
  })
  const { promise, resolve } = Promise.withResolvers<ChildProcess | NodeJS.ErrnoException>()
  const timer = setTimeout(() => child.kill('SIGKILL'), MAX_START_MS)
  child.on('error', resolve)
  child.once('exit', (code, signal) =>
    resolve(new Error(`${signal ?? code} while it made ${threads} threads: ulimit -u, pids.max`)),
  )
  child.once('message', () => resolve(child))
  return await promise.finally(() => clearTimeout(timer))
}

/** What the child does; its source is all that it is started with. */
function serve(): void {
  const { lookup } = process.getBuiltinModule('node:dns')
  const { stat } = process.getBuiltinModule('node:fs')
  // The gate ends the child. A cancelled step signals both, and a child that hangs would survive the gate.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.on('message', (host: string) => {
    lookup(host, { all: true, order: 'verbatim' }, (error, addresses) => {
      const { code, message } = error ?? {}
      process.send?.({ host, code, message, ...(error === null ? { addresses } : {}) })
    })
  })
  // The first use of the pool makes all its threads, or aborts; better now than in the middle of a round.
  stat('/', () => process.send?.('ready'))
}
