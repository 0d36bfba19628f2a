import './startup.ts'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import * as core from '@actions/core'
import { DEFAULT_CAPABILITY, loadInputs } from './inputs/inputs.ts'
import {
  annotation,
  logStart,
  publish,
  type SummaryContext,
  turnLine,
  warnOf,
  writeSummary,
} from './report/report.ts'
import { crash, judge, refuse, run, type Verdict } from './rounds/rounds.ts'
import { makeRedactor } from './shared/secrets.ts'
import { logText } from './shared/text.ts'

const NOTHING_POLLED = { checkedAt: null, warnings: [], course: null, queues: [] }
const startedAt = performance.now()
const cancellation = new AbortController()
/** Whether the one error annotation of a closed gate is out. */
let annotated = false
let redact = (text: string) => text

/** The whole run: inputs, poll, verdict, report. The process ends with 1 (see startup.ts) unless its very last step sets 0. */
async function gate(): Promise<void> {
  // Stack traces are for the debug log only, and undici makes an error with each connection that it closes.
  if (!core.isDebug()) Error.stackTraceLimit = 0
  core.setOutput('all-advertise', false)
  const { inputs, problems, warnings, secrets, masks } = loadInputs({
    input: core.getInput,
    file: (path) => readFileSync(path, 'utf8'),
    env: process.env,
  })
  for (const mask of masks) core.setSecret(mask)
  redact = makeRedactor(secrets)
  const { capability, stableRounds, queues, waitMs } = inputs
  const severalRounds = waitMs > 0 || stableRounds > 1
  if (problems.length > 0) {
    tell(refuse(problems, capability), { warnings })
    return
  }
  logStart(inputs)
  const course = await run(inputs, {
    signal: cancellation.signal,
    redact,
    onTurn: (turn) => severalRounds && core.info(turnLine(turn)),
    onLateError: (url, error) =>
      core.debug(logText(redact(`${url}, after its exchange: ${inspect(error)}`))),
  })
  const checkedAt = new Date().toISOString()
  const verdict = judge(course, capability, stableRounds)
  tell(verdict, { warnings: [...warnings, ...warnOf(verdict)], course, queues, checkedAt })
  if (verdict.open) {
    core.setOutput('all-advertise', true)
    process.exitCode = 0
  }
}

function tell(verdict: Verdict, known: Partial<SummaryContext>): void {
  const durationMs = performance.now() - startedAt
  publish(verdict, { ...NOTHING_POLLED, durationMs, ...known })
  annotated = !verdict.open
}

/** Any crash is a closed gate, told like any other. */
function crashed(error: unknown): never {
  process.exitCode = 1
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const verdict = crash(redact(`${name}: ${message}`), DEFAULT_CAPABILITY)
  try {
    core.debug(logText(redact(stack ?? ''), 4_000))
    core.setOutput('all-advertise', false)
    if (!annotated) tell(verdict, {})
  } catch {
    if (!annotated) {
      core.setFailed(annotation(verdict))
      annotated = true
      writeSummary(verdict, { ...NOTHING_POLLED, durationMs: performance.now() - startedAt })
    }
  } finally {
    process.exit(1)
  }
}

function cancel(): void {
  cancellation.abort()
}

process.on('SIGINT', cancel)
process.on('SIGTERM', cancel)
process.on('uncaughtException', crashed)
process.on('exit', (status) => {
  if (status !== 0 && !annotated) core.error('htfifo gate CLOSED: it ended without a verdict.')
})
await gate().catch(crashed)
