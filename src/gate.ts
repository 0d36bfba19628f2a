import './begin-gate.ts'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import * as core from '@actions/core'
import { step } from './begin-gate.ts'
import { DEFAULT_CAPABILITY, loadInputs } from './inputs/inputs.ts'
import {
  annotate,
  logDebug,
  logRound,
  logStart,
  logVerdict,
  makeSummaryWriter,
  NOTHING_POLLED,
  type Pages,
  render,
  type SummaryContext,
  setOutputs,
} from './report/report.ts'
import { crash, judge, refuse, run, type Verdict } from './rounds/rounds.ts'
import { makeRedactor } from './shared/secrets.ts'
import { publishVerdict, runStep } from './step/step.ts'

/** For as long as the secrets are not known: an error of the reading itself may hold one. */
const hideAll = () => 'the inputs could not be read'
const startedAt = performance.now()
let writeSummary = makeSummaryWriter()
let redact = (text: string) => text

/** The whole run: inputs, poll, verdict. */
async function gate(): Promise<void> {
  // Stack traces are for the debug log only, and undici makes an error with each connection that it closes.
  if (!core.isDebug()) Error.stackTraceLimit = 0
  core.setOutput(step.output, false)
  redact = hideAll
  const { inputs, problems, warnings, secrets, masks } = loadInputs({
    file: (path) => readFileSync(path, 'utf8'),
    env: process.env,
  })
  for (const mask of masks) core.setSecret(mask)
  redact = makeRedactor(secrets)
  if (!inputs.summary) writeSummary = () => undefined
  if (problems.length > 0) {
    const refusal = { ...refuse(problems, inputs.capability), warnings }
    return await publish(() => refusal, NOTHING_POLLED)
  }

  logStart(inputs)
  const severalRounds = inputs.waitMs > 0 || inputs.stableRounds > 1
  const polled = await run(inputs, {
    signal: step.signal,
    redact,
    onRound: (entry) => severalRounds && logRound(entry),
    onLateError: (url, error) => debug(`${url}, after its exchange: ${inspect(error)}`),
  })
  const last = { ...polled, warnings: [...warnings, ...polled.warnings] }
  await publish(() => judge(last, inputs, step.signal.aborted), {
    checkedAt: polled.checkedAt,
    timeline: polled,
    queues: inputs.queues,
  })
}

const debug = (text: string) => logDebug(redact(text))

function publish(decide: () => Verdict, context: SummaryContext): Promise<void> {
  return publishVerdict(step, {
    ...publisher,
    decide,
    isSuccess: ({ open }) => open,
    log: logVerdict,
    render: (verdict) => render(verdict, context, performance.now() - startedAt),
    setSuccess: () => core.setOutput(step.output, true),
  })
}

const publisher = {
  crash: (reason: string) => crash(reason, DEFAULT_CAPABILITY),
  redact: (text: string) => redact(text),
  debug: logDebug,
  render: (verdict: Verdict) => render(verdict, NOTHING_POLLED, performance.now() - startedAt),
  summarize: ({ summary }: Pages) => writeSummary(summary),
  setOutputs: (pages: Pages) => setOutputs(pages, step.output, 'htfifo-gate'),
  annotate,
}

await runStep(step, gate, publisher)
