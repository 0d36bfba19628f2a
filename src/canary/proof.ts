import { formatDuration } from '../shared/duration.ts'
import { LIMIT_REACHED } from './ask.ts'
import { cleanUp, healthyFirst } from './cleanup.ts'
import { createQueue } from './create.ts'
import { deleteQueue } from './delete.ts'
import { checkEmpty } from './empty.ts'
import type { Findings, ProofStep } from './findings.ts'
import { askAfter, askAfterwards, askBefore } from './leaders.ts'
import { checkName } from './name.ts'
import { fail } from './notes.ts'
import type { ProofOptions } from './options.ts'
import { receiveAll } from './receive.ts'
import { beginRun, type Run } from './run.ts'
import { checkSeen } from './seen.ts'
import { sendAll } from './send.ts'

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
  ['placement', askBefore],
  ['send', sendAll],
  ['receive', receiveAll],
  ['empty', checkEmpty],
  ['placement', askAfter],
  ['delete', deleteQueue],
]

/**
 * Proves what the cluster does: creates the queue, moves messages through every partition and node, and deletes it. The
 * queue is deleted whatever happens, also where the canary itself fails. Always resolves, once cancelled within a second.
 */
export async function prove(options: ProofOptions): Promise<Findings> {
  const { signal, now, limitMs, queue, messages } = options
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(LIMIT_REACHED), limitMs)
  let cancelledAt = signal.aborted ? now() : null
  const onCancel = () => {
    cancelledAt = now()
  }
  signal.addEventListener('abort', onCancel, { once: true })
  const run = beginRun(options, AbortSignal.any([signal, limit.signal]))
  const durations: Partial<Record<ProofStep, number>> = {}
  let crash: Findings['crash'] = null
  const attempt = async <T>(part: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await part()
    } catch (error) {
      crash ??= { error }
      fail(run, 'crashed', { words: String(error) })
      return otherwise
    }
  }
  await attempt(() => takeSteps(run, durations), undefined)
  clearTimeout(timer)
  const queueLeft = await attempt(() => cleanUp(run, () => cancelledAt), true)
  if (run.problems.length > 0) await attempt(() => askAfterwards(run, signal), undefined)
  await attempt(async () => throwCrash(signal), undefined)
  signal.removeEventListener('abort', onCancel)
  const [base] = healthyFirst(run.nodes)
  return {
    run: options.run,
    queue,
    messages,
    reached: run.step,
    durations,
    problems: run.problems,
    notices: run.notices,
    partitions: run.partitions,
    nodes: run.nodes.map(({ queue: _, queueUrl: __, owes: ___, ...node }) => node),
    leaders: run.leaders,
    queueLeft,
    deleteCommand: base === undefined ? '' : options.deleteCommand(base.url),
    crash,
  }
}

async function takeSteps(run: Run, durations: Partial<Record<ProofStep, number>>): Promise<void> {
  const { now, clock, onStep, limitMs, signal } = run.options
  const begun = { now: now(), clock: clock() }
  for (const [step, take] of STEPS) {
    run.step = step
    const startedAt = now()
    await take(run)
    const ms = now() - startedAt
    durations[step] = (durations[step] ?? 0) + ms
    const passedMs = now() - begun.now
    const driftMs = Math.abs(clock() - begun.clock - passedMs)
    throwCrash(signal)
    if (signal.aborted) fail(run, 'cancelled', { words: 'the run was cancelled' })
    else if (driftMs > MAX_DRIFT_MS) {
      const words = `the clock of the day went ${Math.round(driftMs)}ms another way than the time that passed`
      fail(run, 'clock-jumped', { words })
    } else if ((run.stop.aborted || passedMs > limitMs) && run.problems.length === 0) {
      fail(run, 'limit', { words: `the limit of ${formatDuration(limitMs)} was over` })
    }
    const held = run.problems.length === 0
    onStep(step, ms, held)
    if (!held) return
  }
}

function throwCrash({ reason }: AbortSignal): void {
  if (reason instanceof CrashError) throw reason.cause
}
