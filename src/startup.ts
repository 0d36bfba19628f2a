/**
 * What must hold before any other module is evaluated. The entry imports this file first.
 *
 * 1. The gate is closed until it has proven otherwise: every way out of the process is a failure, and
 *    `all-advertise` is false, also where a signal comes while the rest is still loading.
 * 2. Certificates are verified, whatever the environment says.
 * 3. Node.js is new enough for the libraries in the bundle.
 */
import { appendFileSync, existsSync } from 'node:fs'

const MINIMUM_NODE_MAJOR = 24

process.exitCode = 1
const output = process.env['GITHUB_OUTPUT'] ?? ''
try {
  if (existsSync(output)) appendFileSync(output, 'all-advertise=false\n')
} catch {
  // The entry tells of outputs that cannot be written.
}
// Every connection asks for verification anyway; without the variable Node.js does not claim the contrary.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']

if (Number.parseInt(process.versions.node, 10) < MINIMUM_NODE_MAJOR) {
  console.log(
    `::error::htfifo gate CLOSED: it needs Node.js ${MINIMUM_NODE_MAJOR} or newer, found ${process.versions.node}. ` +
      'Nothing was polled. Use it as an action (its action.yml says "using: node24"), or put a newer Node.js first on the path.',
  )
  process.exit(1)
}
