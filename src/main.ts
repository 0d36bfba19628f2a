import './startup.ts'
import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import * as core from '@actions/core'
import { tellCrash, tellStack } from './crash.ts'
import { end } from './end.ts'
import { loadInputs } from './inputs/inputs.ts'
import {
  annotate,
  logFindings,
  logStart,
  logWarnings,
  render,
  renderSummary,
  roundLine,
  type SummaryContext,
  warnOf,
  writeOutputs,
  writeSummary,
} from './report/report.ts'
import { judge, refuse, run, type Verdict } from './rounds/rounds.ts'
import { makeRedactor } from './shared/secrets.ts'
import { logText } from './shared/text.ts'
import { annotatePlainly, cancellation, told } from './startup.ts'

/** For as long as the secrets are not known: an error of the reading itself may hold one. */
const hideAll = () => 'the inputs could not be read'
const NOTHING_POLLED = { checkedAt: null, warnings: [], course: null, queues: [] }
const startedAt = performance.now()
const { signal } = cancellation
let redact = (text: string) => text
let summaryWanted = true

/** The whole run: inputs, poll, verdict. */
async function gate(): Promise<void> {
  // Stack traces are for the debug log only, and undici makes an error with each connection that it closes.
  if (!core.isDebug()) Error.stackTraceLimit = 0
  core.setOutput('all-advertise', false)
  redact = hideAll
  const { inputs, problems, warnings, secrets, masks } = loadInputs({
    file: (path) => readFileSync(path, 'utf8'),
    env: process.env,
  })
  for (const mask of masks) core.setSecret(mask)
  redact = makeRedactor(secrets)
  const { capability, stableRounds, queues, waitMs } = inputs
  summaryWanted = inputs.summary
  if (problems.length > 0) return conclude(() => refuse(problems, capability), warnings)

  logStart(inputs)
  const severalRounds = waitMs > 0 || stableRounds > 1
  const course = await run(inputs, {
    signal,
    redact,
    onRound: (note) => severalRounds && core.info(roundLine(note)),
    onLateError: (url, error) => debug(redact(`${url}, after its exchange: ${inspect(error)}`)),
  })
  const decide = () => judge({ ...course, cancelled: signal.aborted }, capability, stableRounds)
  return conclude(decide, warnings, { course, queues, checkedAt: course.checkedAt })
}

/** Tells the verdict. Only what was open before and after everything that takes time is open. */
async function conclude(
  decide: () => Verdict,
  warnings: readonly string[],
  polled: Partial<SummaryContext> = {},
): Promise<void> {
  let verdict = decide()
  const context = complete({ ...polled, warnings: [...warnings, ...warnOf(verdict)] })
  logWarnings(context.warnings)
  logFindings(verdict)
  let pages = render(verdict, context)
  // Node.js hears of a signal between two turns of its event loop, and the first of these may be half over.
  await turn()
  await turn()
  if (verdict.open && signal.aborted) {
    verdict = decide()
    pages = render(verdict, context)
  }
  // From here on nothing waits: a signal that comes now is later than the verdict.
  if (told.verdict !== null) return
  writeOutputs(pages)
  if (verdict.open) core.setOutput('all-advertise', true)
  if (summaryWanted) writeSummary(pages.summary)
  if (!verdict.open) annotate(verdict)
  told.verdict = verdict.open ? 'open' : 'closed'
  if (verdict.open) annotate(verdict)
}

/** Any crash is a closed gate, told like any other; what breaks after a verdict was told changes nothing. */
function crashed(error: unknown): Promise<never> {
  const setOutputs = (verdict: Verdict) => {
    core.setOutput('all-advertise', false)
    writeOutputs(render(verdict, complete({})))
  }
  const summarize = (verdict: Verdict) =>
    summaryWanted && writeSummary(renderSummary(verdict, complete({})))
  const steps = { redact, setOutputs, annotate, annotatePlainly, summarize, debug }
  if (told.verdict === null) tellCrash(error, steps)
  else tellStack(error, steps)
  told.verdict ??= 'closed'
  return end()
}

const debug = (text: string) => core.debug(logText(text, 4_000))

const complete = (known: Partial<SummaryContext>): SummaryContext => {
  return { ...NOTHING_POLLED, durationMs: performance.now() - startedAt, ...known }
}

process.on('uncaughtException', crashed)
await gate().catch(crashed)
await end()
