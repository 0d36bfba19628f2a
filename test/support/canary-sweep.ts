import { expect } from 'vitest'
import type { Step } from '../../sample/runner.ts'
import { checkCanaryEnd, checkNothingLeft, runCanary, startNodes, watchCalls } from './canary.ts'
import { trackProcess } from './process.ts'

/** A run that is signalled at one of its calls. */
export interface CanaryTrial {
  /** The signals, with a stall behind a SIGSTOP. */
  readonly signals: readonly NodeJS.Signals[]
  /** How many of the calls of a whole run come before the signal, from 0 to 1. */
  readonly share: number
  /** A node that answers nothing from the signal on; null for none. */
  readonly hung: string | null
}

/** How a trial ended. */
export interface CanaryTrialEnd {
  readonly end: ReturnType<typeof checkCanaryEnd>
  readonly step: Step
  /** Whether the queue is still there. */
  readonly isLeft: boolean
  /** From the last signal to the end of the process, in milliseconds. */
  readonly tookMs: number
}

/** The calls of a whole run with three nodes, four partitions and three messages in each, more or less. */
const CALLS_OF_A_RUN = 63
const STALL_MS = 200
/** The contract says one second; the rest is for a busy machine. */
const SOON_MS = 2_000

/**
 * Runs a canary over a cluster of its own, and signals it after a share of its calls: before or after the answer of the last
 * one. Throws unless the run ended in time, with one verdict, and with no queue left that is not named.
 */
export async function runCanaryTrial({
  signals,
  share,
  hung,
}: CanaryTrial): Promise<CanaryTrialEnd> {
  await using cluster = await startNodes()
  const canary = trackProcess()
  const at = Math.round(share * CALLS_OF_A_RUN * 2)
  let passed = 0
  let signalledAt: number | null = null
  const disturb = () => {
    if (passed++ !== at) return
    let waitMs = 0
    for (const signal of signals) {
      if (waitMs === 0) canary.kill(signal)
      else setTimeout(() => canary.kill(signal), waitMs)
      if (signal === 'SIGSTOP') waitMs += STALL_MS
    }
    signalledAt = performance.now() + waitMs
  }
  watchCalls(cluster, ({ node }, answer) => {
    disturb()
    if (signalledAt !== null && node === hung) return new Promise(() => undefined)
    const told = answer()
    disturb()
    return told
  })
  const step = await runCanary(cluster, { timeout: '20s' }, canary)
  const tookMs = performance.now() - (signalledAt ?? performance.now())
  const end = checkCanaryEnd(step)
  checkNothingLeft(step, cluster)
  expect(tookMs).toBeLessThan(SOON_MS)
  return { end, step, isLeft: cluster.queues.size > 0, tookMs }
}
