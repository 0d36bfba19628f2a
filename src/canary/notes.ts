import type { Reason } from './advice.ts'
import type { Problem } from './findings.ts'
import type { Run } from './run.ts'

/** What is kept of a problem's words, in characters. */
const MAX_WORDS = 1_200
/** How many problems are kept; a broken cluster may have one for each message. */
const MAX_PROBLEMS = 100

/** A problem as a step tells it. */
interface Told {
  readonly words: string
  readonly node?: string | undefined
  readonly partition?: number | undefined
  readonly command?: string
}

function complete({ step, options }: Run, reason: Reason, told: Told): Problem {
  const { node = null, partition = null, command = '' } = told
  const words = options.redact(told.words).slice(0, MAX_WORDS)
  return { step, reason, node, partition, words, command }
}

/** Notes a problem: the step did not hold. Once for each node and partition, and only the first 100. */
export function fail(run: Run, reason: Reason, told: Told): void {
  const { problems } = run
  const problem = complete(run, reason, told)
  const isKnown = problems.some(
    (other) =>
      other.reason === reason &&
      other.node === problem.node &&
      other.partition === problem.partition,
  )
  if (!isKnown && problems.length < MAX_PROBLEMS) problems.push(problem)
}

/** Notes what is told, and lets the step hold. */
export const notice = (run: Run, reason: Reason, told: Told): void => {
  run.notices.push(complete(run, reason, told))
}
