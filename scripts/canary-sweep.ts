/**
 * Sweeps signals over a canary, with all nodes healthy or with one that hangs from the signal on, and checks that each run
 * ends in time with one verdict, and leaves no queue that it does not name: `npm run sweep:canary [trials, 300 by default]`.
 */
import { type CanaryTrial, runCanaryTrial } from '../test/support/canary-sweep.ts'

const SIGNALS: readonly (readonly NodeJS.Signals[])[] = [
  ['SIGINT'],
  ['SIGTERM'],
  ['SIGSTOP', 'SIGINT', 'SIGCONT'],
]
const HUNG = [null, 'n1', 'n2', 'n3']
/** How many run at the same time. */
const LANES = 2
/** The longest that a signal waits, from the start of a run and from a call, in milliseconds. */
const LONGEST_MS = { start: 400, call: 10 }

const trials = Number(process.argv[2] ?? 300)
const rows = new Map<
  string,
  Record<'runs' | 'signalled' | 'proven' | 'left' | 'slowestMs', number>
>()
let next = 0
let wrong = 0

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

/** A quarter of the signals at any time, the others spread over the calls, half of those right there. */
function makeTrial(number: number): CanaryTrial {
  const common = { signals: pick(SIGNALS), hung: pick(HUNG) }
  const moment = pick(['start', 'call', 'call', 'later'] as const)
  if (moment === 'start') {
    return { ...common, after: 'start', delayMs: Math.random() * LONGEST_MS.start }
  }
  const delayMs = moment === 'later' ? Math.random() * LONGEST_MS.call : 0
  return { ...common, after: number / trials, delayMs }
}

async function lane(): Promise<void> {
  while (next < trials) {
    const trial = makeTrial(next++)
    try {
      const { end, isSignalled, isLeft, tookMs } = await runCanaryTrial(trial)
      const key = `${trial.signals.join('+')}, hung: ${trial.hung ?? 'none'}`
      const row = rows.get(key) ?? { runs: 0, signalled: 0, proven: 0, left: 0, slowestMs: 0 }
      rows.set(key, {
        runs: row.runs + 1,
        signalled: row.signalled + Number(isSignalled),
        proven: row.proven + Number(end === 'proven'),
        left: row.left + Number(isLeft),
        slowestMs: Math.round(Math.max(row.slowestMs, tookMs)),
      })
    } catch (error) {
      wrong++
      console.error(trial, error)
    }
  }
}

await Promise.all(Array.from({ length: LANES }, lane))
console.table(Object.fromEntries([...rows].sort()))
console.log(`${trials} trials, ${wrong} wrong`)
process.exitCode = wrong > 0 ? 1 : 0
