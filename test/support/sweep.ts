import type { ChildProcess } from 'node:child_process'
import { runStep, type Step } from '../../sample/runner.ts'
import { listReply, okReply, type ReplyServer, startReplies } from './replies.ts'

/** How a run would end if it were left alone. */
export type Course = 'open' | 'closed' | 'waiting'

/** The signals of one disturbance, with a stall behind a SIGSTOP. */
export const DISTURBANCES: readonly (readonly NodeJS.Signals[])[] = [
  ['SIGINT'],
  ['SIGTERM'],
  ['SIGSTOP', 'SIGINT', 'SIGCONT'],
  ['SIGSTOP', 'SIGCONT'],
]
const STALL_MS = 200

export interface Trial {
  readonly course: Course
  readonly peers: number
  readonly signals: readonly NodeJS.Signals[]
  /** From the start of the process, or from the first line on how a peer answered. */
  readonly after: 'start' | 'answers'
  readonly delayMs: number
  readonly env?: NodeJS.ProcessEnv
}

/** A server that stands for any number of nodes, new or old by the path. */
export const startPeers = (): Promise<ReplyServer> =>
  startReplies((head) => (head.startsWith('GET /new/') ? listReply('htfifo') : okReply('ok\n')))

export interface TrialEnd extends Step {
  /** How long it took from the last signal to the end, in milliseconds; null where none was sent. */
  readonly endedAfterMs: number | null
}

/** Runs the gate over these peers, and sends it the signals of the trial. */
export async function runTrial({ address }: ReplyServer, trial: Trial): Promise<TrialEnd> {
  const { course, signals, after, delayMs, env = {} } = trial
  const kind = course === 'closed' ? 'old' : 'new'
  const peers = Array.from({ length: trial.peers }, (_, n) => `http://${address}/${kind}/${n}`)
  const rounds = course === 'waiting' ? { 'stable-rounds': '3', interval: '100ms' } : {}
  let signalledAt: number | null = null
  const send = (child: ChildProcess, signal: NodeJS.Signals) => {
    signalledAt = performance.now()
    child.kill(signal)
  }
  let disturb = (_delayMs: number) => {}
  const step = await runStep(
    { peers: peers.join('\n'), timeout: '30s', ...rounds },
    {
      env,
      onStart(child) {
        let waitMs = 0
        disturb = (delay) => {
          for (const signal of signals) {
            setTimeout(() => send(child, signal), delay + waitMs)
            if (signal === 'SIGSTOP') waitMs += STALL_MS
          }
          disturb = () => {}
        }
        if (after === 'start') disturb(delayMs)
      },
      onLog: (text) => /^[✓✗] /m.test(text) && disturb(delayMs),
    },
  )
  const endedAfterMs = signalledAt === null ? null : performance.now() - signalledAt
  return { ...step, endedAfterMs }
}
