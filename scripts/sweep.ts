/**
 * Sweeps signals and stalls over open, closed and waiting runs of the bundle, and checks how each ends:
 * `npm run sweep [trials, 1000 by default]`, which first runs all of what the tests take a sample of. Run it under limits of processes, files and CPU as well
 * (`prlimit --nproc=…`, `ulimit -n`, a cgroup): what the limits fail must still end closed, with one annotation.
 */
import { checkEnd } from '../test/support/ends.ts'
import {
  type Course,
  DISTURBANCES,
  runTrial,
  startPeers,
  type Trial,
} from '../test/support/sweep.ts'

const COURSES: readonly Course[] = ['open', 'closed', 'waiting']
const SIZES = [1, 50, 250]
/** How many run at the same time. */
const LANES = 2
/** The longest that a signal waits, from the start of a run and from its first answer, in milliseconds. */
const LONGEST_MS = { start: 1_000, answers: 50 }
/** When a cancelled run has to be over, in milliseconds since the signal; on a machine that has time for it. */
const CANCELLED_MS = 1_000

const trials = Number(process.argv[2] ?? 1_000)
const server = await startPeers()
const ends = new Map<string, number>()
let next = 0
let wrong = 0
let slowestMs = 0

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

async function lane(): Promise<void> {
  while (next++ < trials) {
    const after = pick(['start', 'answers'] as const)
    const trial: Trial = {
      course: pick(COURSES),
      peers: pick(SIZES),
      signals: pick(DISTURBANCES),
      after,
      delayMs: Math.random() * LONGEST_MS[after],
    }
    const step = await runTrial(server, trial)
    try {
      const end = checkEnd(step)
      if (trial.course === 'closed' && end === 'open') throw new Error('open over old nodes')
      if (trial.signals.some((signal) => signal === 'SIGINT' || signal === 'SIGTERM')) {
        const endedAfterMs = step.endedAfterMs ?? 0
        slowestMs = Math.max(slowestMs, endedAfterMs)
        if (endedAfterMs > CANCELLED_MS) throw new Error(`it took ${endedAfterMs} ms to end`)
      }
      const key = `${trial.course} ${trial.signals.join('+')}: ${end}`
      ends.set(key, (ends.get(key) ?? 0) + 1)
    } catch (error) {
      wrong++
      console.error(trial, error, step)
    }
  }
}

await Promise.all(Array.from({ length: LANES }, lane))
await server.close()
console.table(Object.fromEntries([...ends].sort()))
console.log(
  `${trials} trials, ${wrong} wrong; the slowest end after a signal took ${Math.round(slowestMs)} ms`,
)
process.exitCode = wrong > 0 ? 1 : 0
