/**
 * What must hold before any other module of an action is evaluated. The first import of each entry calls `beginStep`.
 *
 * 1. A signal cancels the run and never kills it, also while the rest is still loading.
 * 2. The step fails until it has proven otherwise: its output is false, and every way out of the process on which no
 *    success was published is a failure with an annotation.
 * 3. Certificates are verified, whatever the environment says.
 * 4. Node.js is new enough for the libraries in the bundle.
 */
import { appendFileSync, existsSync, writeSync } from 'node:fs'

const MINIMUM_NODE_MAJOR = 24

/** What an action says of itself where nothing else can be relied on. */
export interface StepWords {
  /** How its failure begins, such as `htfifo gate CLOSED`. */
  readonly failure: string
  /** The output that is `true` only on success. */
  readonly output: string
}

/** The state of a step; the exit status follows `published`. */
export interface Step {
  /** Aborted by SIGINT and SIGTERM, and by the end of the terminal. */
  readonly signal: AbortSignal
  readonly output: string
  /** The verdict, once it is published completely; null until then, and nothing is published after it. */
  published: 'success' | 'failure' | null
  /** The error annotation where nothing else can be relied on; the text must need no escapes. Never throws. */
  annotatePlainly(text: string): void
}

/** Begins a step as a failure. */
export function beginStep({ failure, output }: StepWords): Step {
  const cancellation = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => cancellation.abort())
  }
  const step: Step = {
    signal: cancellation.signal,
    output,
    published: null,
    annotatePlainly: (text) => print(`::error::${failure}: ${text}\n`),
  }
  process.exitCode = 1
  // The one place in which the exit status is set.
  process.on('exit', () => {
    process.exitCode = step.published === 'success' ? 0 : 1
    if (step.published === null) step.annotatePlainly('it ended without a verdict.')
  })
  writeFalse(output)
  // Every connection asks for verification anyway; with the variable Node.js would warn that it is off.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  if (Number.parseInt(process.versions.node, 10) < MINIMUM_NODE_MAJOR) {
    step.annotatePlainly(
      `it needs Node.js ${MINIMUM_NODE_MAJOR} or newer, found ${process.versions.node}. ` +
        'Use it as an action (its action.yml says "using: node24"), or put a newer Node.js first on the path.',
    )
    step.published = 'failure'
    process.exit()
  }
  return step
}

function print(line: string): void {
  try {
    process.stdout.write(line)
  } catch {
    try {
      writeSync(1, line)
    } catch {
      // Nobody reads it any more.
    }
  }
}

function writeFalse(output: string): void {
  const path = process.env['GITHUB_OUTPUT'] ?? ''
  try {
    if (existsSync(path)) appendFileSync(path, `${output}=false\n`)
  } catch {
    // Setting the outputs fails later, which is reported.
  }
}
