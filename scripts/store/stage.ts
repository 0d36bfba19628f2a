import { setTimeout as sleep } from 'node:timers/promises'
import { runStep } from '../../sample/runner.ts'
import { startCluster } from './cluster.ts'
import { track } from './processes.ts'
import { compare, listOf, type Scene, summarize } from './scene.ts'
import { until } from './until.ts'

/** The longest that a step may take. */
const STEP_MS = 120_000

/** How a scene went. */
export interface Outcome {
  readonly seen: string
  /** How it differs from what was expected; empty if it does not. */
  readonly differences: readonly string[]
  /** What the step logged. */
  readonly log: string
}

/** Plays a scene on a cluster of its own. */
export async function play(scene: Scene, binaries: string): Promise<Outcome> {
  const cluster = await startCluster(binaries, scene.plan)
  const over = new AbortController()
  try {
    await scene.arrange?.(cluster)
    const { action = 'gate', expected, inputs } = scene
    const wanted = typeof expected === 'function' ? await expected(cluster) : expected
    let log = ''
    const running = runStep(
      // Each entry has its own Raft address: the port of this input is asked nowhere.
      { peers: listOf(cluster.nodes), 'raft-port': '50051', ...inputs?.(cluster) },
      {
        action,
        onStart(child) {
          track(child)
          const { signal } = over
          const kill = () => child.kill('SIGKILL')
          void sleep(STEP_MS, undefined, { signal }).then(kill, kill)
        },
        onLog(piece) {
          log += piece
        },
      },
    )
    let ended = false
    const end = () => {
      ended = true
    }
    void running.then(end, end)
    const logged = async (text: string) => {
      await until(`"${text}" in the log`, STEP_MS, () => log.includes(text) || ended || undefined)
    }
    const [step] = await Promise.all([running, scene.during?.(cluster, logged)])
    const differences = compare(step, wanted)
    differences.push(...((await scene.after?.(cluster, step)) ?? []))
    return { seen: summarize(step), differences, log: step.stdout + step.stderr }
  } finally {
    over.abort()
    await cluster.stop()
  }
}
