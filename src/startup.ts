/**
 * What must hold before any other module is evaluated. The entry imports this file first.
 *
 * 1. A signal cancels the run and never kills it, also while the rest is still loading.
 * 2. The gate is closed until it has proven otherwise: `all-advertise` is false, and every way out of the process on
 *    which no open verdict was told is a failure with an annotation.
 * 3. Certificates are verified, whatever the environment says.
 * 4. Node.js is new enough for the libraries in the bundle.
 */
import { appendFileSync, existsSync, writeSync } from 'node:fs'

const MINIMUM_NODE_MAJOR = 24

/** Aborted by SIGINT and SIGTERM, and by the end of the terminal. */
export const cancellation = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => cancellation.abort())

/** The verdict that was told, completely: the exit status follows it, and nothing is told after it. */
export const told: { verdict: 'open' | 'closed' | null } = { verdict: null }
process.exitCode = 1
process.on('exit', () => {
  process.exitCode = told.verdict === 'open' ? 0 : 1
  if (told.verdict === null) annotatePlainly('it ended without a verdict.')
})

/** The error annotation where nothing else can be relied on; the text must need no escapes. Never throws. */
export function annotatePlainly(text: string): void {
  const line = `::error::htfifo gate CLOSED: ${text}\n`
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

const output = process.env['GITHUB_OUTPUT'] ?? ''
try {
  if (existsSync(output)) appendFileSync(output, 'all-advertise=false\n')
} catch {
  // The entry tells of outputs that cannot be written.
}
// Every connection asks for verification anyway; with the variable Node.js would warn that it is off.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']

if (Number.parseInt(process.versions.node, 10) < MINIMUM_NODE_MAJOR) {
  annotatePlainly(
    `it needs Node.js ${MINIMUM_NODE_MAJOR} or newer, found ${process.versions.node}. ` +
      'Nothing was polled. Use it as an action (its action.yml says "using: node24"), or put a newer Node.js first on the path.',
  )
  told.verdict = 'closed'
  process.exit(1)
}
