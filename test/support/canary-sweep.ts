import { expect } from 'vitest'
import { checkCanaryEnd, checkNothingLeft, runCanary, startNodes, watchCalls } from './canary.ts'
import { trackProcess } from './process.ts'

/** A run that is signalled at some moment. */
export interface CanaryTrial {
  /** The signals, with a stall behind a SIGSTOP. */
  readonly signals: readonly NodeJS.Signals[]
  /** The moment: the start of the process, or a call, by how much of a whole run comes before it, from 0 to 1. */
  readonly after: 'start' | number
  /** How long after that, in milliseconds; 0 is before the call is carried out or before it is answered. */
  readonly delayMs: number
  /** A node that answers nothing from the signal on; null for none. */
  readonly hung: string | null
}

/** How a trial ended. */
export interface CanaryTrialEnd {
  readonly end: ReturnType<typeof checkCanaryEnd>
  /** Whether the signal came while the run was under way. */
  readonly isSignalled: boolean
  /** Whether the queue is still there. */
  readonly isLeft: boolean
  /** From the last signal to the end of the process, in milliseconds. */
  readonly tookMs: number
}

/** How many calls a whole run makes with three nodes, four partitions and three messages in each, give or take a turn. */
const CALLS_OF_A_RUN = 46
const STALL_MS = 200
/** The contract says one second; the rest is for a busy machine. */
const SOON_MS = 2_000

/**
 * Runs a canary over a cluster of its own and signals it. Throws unless the run ended in time, with one verdict, and with
 * no queue left that is not named.
 */
export async function runCanaryTrial(trial: CanaryTrial): Promise<CanaryTrialEnd> {
  const { signals, after, delayMs, hung } = trial
  await using cluster = await startNodes()
  const canary = trackProcess()
  let signalledAt: number | null = null
  let isHung = false
  const send = (waitMs: number) => {
    isHung = true
    signalledAt = performance.now()
    for (const [index, signal] of signals.entries()) {
      canary.kill(signal)
      if (signal !== 'SIGSTOP') continue
      setTimeout(() => {
        for (const later of signals.slice(index + 1)) canary.kill(later)
        signalledAt = performance.now()
      }, waitMs)
      return
    }
  }
  const disturb = () => {
    if (delayMs === 0) send(STALL_MS)
    else setTimeout(send, delayMs, STALL_MS)
  }
  let passed = 0
  const pass = () => {
    if (after !== 'start' && passed++ === Math.round(after * CALLS_OF_A_RUN * 2)) disturb()
  }
  watchCalls(cluster, ({ node }, answer) => {
    pass()
    if (isHung && node === hung) return new Promise(() => undefined)
    const told = answer()
    pass()
    return told
  })
  const step = await runCanary(
    cluster,
    { timeout: '20s' },
    {
      onStart(child) {
        canary.onStart(child)
        if (after === 'start') disturb()
      },
    },
  )
  const endedAt = performance.now()
  const end = checkCanaryEnd(step)
  checkNothingLeft(step, cluster)
  if (end === 'not proven' && signalledAt === null) throw new Error('not proven, without a signal')
  const tookMs = endedAt - (signalledAt ?? endedAt)
  expect(tookMs).toBeLessThan(SOON_MS)
  return { end, isSignalled: signalledAt !== null, isLeft: cluster.queues.size > 0, tookMs }
}
