/**
 * Runs the self-test, the reusable gate and every example for real, with act on this machine, against sample nodes on
 * the loopback, and checks for each what must happen when the gate opens and when it stays closed. An argument runs only
 * the cases whose title contains it.
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { GATE, runWorkflow } from './act.ts'
import { type Case, exampleCases, workflowCases } from './cases.ts'
import { frontCases } from './front-cases.ts'
import { remoteActions } from './stand-ins.ts'
import { findTool, ROOT } from './tools.ts'

const act = findTool('act')

/** Runs a case, tells how it went, and returns whether it went as expected. */
async function check(test: Case, folder: string): Promise<boolean> {
  const { path, replaced = {}, change = (text: string) => text, caller } = test
  let text = readFileSync(join(ROOT, path), 'utf8')
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${path} has no "${from}"`)
    text = text.replaceAll(from, to)
  }
  text = change(text)
  const files = caller === undefined ? {} : { [path]: text }
  const startedAt = performance.now()
  const run = await runWorkflow(act, folder, { ...test, text: caller ?? text, files })
  const found = { jobs: run.jobs, gates: run.gates, trace: run.trace, seen: test.seen?.() ?? [] }
  const { jobs, gates, trace = [], requests = [] } = test
  const expected = { jobs, gates, trace, seen: requests }
  const good = isDeepStrictEqual(found, expected)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  console.log(`${good ? '✓' : '✗'} ${titleOf(test)} (${seconds} s)`)
  for (const [from, to] of Object.entries(replaced)) console.log(`    "${from}" was "${to}"`)
  if (good) return true
  const both = [`found:    ${JSON.stringify(found)}`, `expected: ${JSON.stringify(expected)}`]
  console.log([run.log, ...both].join('\n'))
  return false
}

const titleOf = ({ path, title }: Case) => `${path}: ${title}`

const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-e2e-'))
const closers: (() => unknown)[] = []
try {
  const cases = [
    ...(await workflowCases(closers)),
    ...(await exampleCases(closers)),
    ...(await frontCases(closers, folder)),
  ]
  const tried = new Set(cases.map(({ path }) => path))
  const untried = globSync('examples/*.yml', { cwd: ROOT }).filter((path) => !tried.has(path))
  let failures = untried.length
  if (failures > 0) console.log(`✗ no case for ${untried.join(', ')}`)
  const chosen = cases.filter((test) => titleOf(test).includes(process.argv[2] ?? ''))
  for (const test of chosen) if (!(await check(test, folder))) failures++
  const used = [...tried].flatMap((path) => remoteActions(readFileSync(join(ROOT, path), 'utf8')))
  const replaced = [...new Set(used)].filter((uses) => uses !== GATE)
  console.log(`\nneed the network, replaced by stand-ins:\n  ${replaced.join('\n  ')}`)
  const good = failures === 0 && chosen.length > 0
  if (chosen.length === 0) console.log(`✗ no case has "${process.argv[2]}" in its title`)
  console.log(good ? `${chosen.length} cases as expected` : `${failures} NOT as expected`)
  process.exitCode = good ? 0 : 1
} finally {
  for (const close of closers) await close()
  rmSync(folder, { recursive: true, force: true })
}
