import { formatDuration } from '../shared/duration.ts'
import { checkSeen, createQueue } from './create.ts'
import { cleanUp, deleteQueue, healthyFirst } from './delete.ts'
import type { Findings, ProofStep } from './findings.ts'
import { askAfterFailure, checkLeaders } from './leaders.ts'
import { checkEmpty, receiveAll, sendAll } from './messages.ts'
import { checkName } from './name.ts'
import { beginRun, fail, type ProofOptions, type Run } from './run.ts'

/** How far the clock of the day and the monotonic one may differ over a run, in milliseconds. */
const MAX_DRIFT_MS = 1_000

/** Why a run is aborted, with the cause, where something beside the proof failed; any other reason is a cancelled run. */
export class CrashError extends Error {
  override readonly name = 'CrashError'
}

/** The proof, from first to last. Each step notes what it finds; the first that does not hold is the last. */
const STEPS: readonly (readonly [ProofStep, (run: Run) => Promise<void>])[] = [
  ['name', checkName],
  ['create', createQueue],
  ['seen', checkSeen],
  ['placement', checkLeaders],
  ['send', sendAll],
  ['receive', receiveAll],
  ['empty', checkEmpty],
  ['placement', checkLeaders],
  ['delete', deleteQueue],
]

/**
 * Proves what the cluster does: creates the queue, moves messages through every partition and node, and deletes it. The
 * queue is deleted whatever happens, also where the canary itself fails. Always resolves, once cancelled within a second.
 */
export async function prove(options: ProofOptions): Promise<Findings> {
  const { signal, now, limitMs } = options
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), limitMs)
  const run = beginRun(options, AbortSignal.any([signal, limit.signal]))
  const onCancel = () => {
    run.cancelledAt = now()
  }
  if (signal.aborted) onCancel()
  else signal.addEventListener('abort', onCancel, { once: true })
  await attempt(run, takeSteps)
  clearTimeout(timer)
  await attempt(run, cleanUp)
  if (run.problems.length > 0) await attempt(run, askAfterFailure)
  await attempt(run, throwCrash)
  signal.removeEventListener('abort', onCancel)
  return toFindings(run)
}

/** Takes a part of the run; where the canary itself fails in it, the run goes on with the next part. */
async function attempt(run: Run, part: (run: Run) => Promise<void>): Promise<void> {
  try {
    await part(run)
  } catch (error) {
    run.crash ??= { error }
    fail(run, 'crashed', { words: String(error) })
  }
}

async function takeSteps(run: Run): Promise<void> {
  const { now, clock, onStep } = run.options
  const begun = { now: now(), clock: clock() }
  for (const [step, take] of STEPS) {
    run.step = step
    const startedAt = now()
    await take(run)
    const ms = now() - startedAt
    run.durations[step] = (run.durations[step] ?? 0) + ms
    await throwCrash(run)
    checkTime(run, now() - begun.now, clock() - begun.clock)
    const held = run.problems.length === 0
    onStep(step, ms, held)
    if (!held) return
  }
}

/** Checks that the run may go on, so many milliseconds after its begin by the monotonic clock and by that of the day. */
function checkTime(run: Run, passedMs: number, clockMs: number): void {
  const { signal, limitMs } = run.options
  const driftMs = Math.abs(clockMs - passedMs)
  if (signal.aborted) fail(run, 'cancelled', { words: 'the run was cancelled' })
  else if (driftMs > MAX_DRIFT_MS) {
    const words = `the clock of the day and the time that passed differ by ${Math.round(driftMs)}ms`
    fail(run, 'clock-jumped', { words })
  } else if ((run.stop.aborted || passedMs > limitMs) && run.problems.length === 0) {
    fail(run, 'limit', { words: `the limit is ${formatDuration(limitMs)}` })
  }
}

/** Fails as what failed beside the proof, if anything did. */
async function throwCrash({ options }: Run): Promise<void> {
  const { reason } = options.signal
  if (reason instanceof CrashError) throw reason.cause
}

function toFindings(run: Run): Findings {
  const { options, step: reached, created, nodes, durations, problems, notices } = run
  const { partitions, leaders, crash } = run
  const [base] = healthyFirst(nodes)
  return {
    run: options.run,
    queue: options.queue,
    messages: options.messages,
    ...{ reached, durations, problems, notices, partitions, leaders, crash },
    nodes: nodes.map(({ queue: _, queueUrl: __, owes: ___, ...node }) => node),
    queueLeft: created !== 'no',
    deleteCommand: base === undefined ? '' : options.deleteCommand(base.url),
  }
}
