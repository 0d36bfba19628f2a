/**
 * Runs the README's release workflow, the self-test, the reusable gate and every example for real, with act on this
 * machine, against sample nodes on the loopback, and checks for each what must happen when the gate opens and when it
 * stays closed. An argument runs only the cases whose title contains it.
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ROOT } from '../tools.ts'
import { remoteActions, runWorkflow } from './act.ts'
import { CASES, type Case, requests as seen } from './cases.ts'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const titleOf = ({ path, title }: Case) => `${path}: ${title}`

/** Runs a case, tells how it went, and returns whether it went as expected. */
async function check(test: Case, folder: string): Promise<boolean> {
  const { path, replaced = {}, change, caller, jobs, trace = [], requests = [] } = test
  let text = read(path)
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${path} has no "${from}"`)
    text = text.replaceAll(from, to)
  }
  text = change?.(text) ?? text
  const files = caller === undefined ? {} : { [path]: text }
  const startedAt = performance.now()
  const { log, summaries, ...run } = await runWorkflow(folder, {
    ...test,
    text: caller ?? text,
    files,
  })
  const found = { ...run, summaries, requests: seen.splice(0).sort() }
  const expected = { jobs, trace, summaries: test.summaries ?? summaries, requests }
  const good = isDeepStrictEqual(found, expected)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  console.log(`${good ? '✓' : '✗'} ${titleOf(test)} (${seconds} s)`)
  for (const [from, to] of Object.entries(replaced)) console.log(`    "${from}" was "${to}"`)
  if (!good) {
    console.log(log)
    console.log(`found:    ${JSON.stringify(found)}\nexpected: ${JSON.stringify(expected)}`)
  }
  return good
}

const tried = [...new Set(CASES.map(({ path }) => path))]
const untried = globSync('examples/*.yml', { cwd: ROOT }).filter((path) => !tried.includes(path))
for (const path of untried) console.log(`✗ no case for ${path}`)
let failures = untried.length
const chosen = CASES.filter((test) => titleOf(test).includes(process.argv[2] ?? ''))
if (chosen.length === 0) console.log(`✗ no case has "${process.argv[2]}" in its title`)
const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-e2e-'))
try {
  for (const test of chosen) if (!(await check(test, folder))) failures++
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`\nreplaced by stand-ins:\n  ${remoteActions(...tried.map(read)).join('\n  ')}`)
const good = failures === 0 && chosen.length > 0
console.log(good ? `${chosen.length} cases as expected` : `${failures} NOT as expected`)
// The nodes would go on serving.
process.exit(good ? 0 : 1)
