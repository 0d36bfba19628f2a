import './begin-canary.ts'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import * as core from '@actions/core'
import { step } from './begin-canary.ts'
import * as canary from './canary/canary.ts'
import { loadCanaryInputs } from './inputs/inputs.ts'
import {
  headlineLine,
  logDebug,
  logStart,
  logVerdict,
  logWarnings,
  makeReport,
  makeSummaryWriter,
  NOTHING_POLLED,
  type Pages,
  renderSummary,
  setOutputs,
} from './report/report.ts'
import { judge, run } from './rounds/rounds.ts'
import { makeRedactor } from './shared/secrets.ts'
import { VERSION } from './shared/version.ts'
import { publishVerdict, runStep } from './step/step.ts'

/** For as long as the secrets are not known: an error of the reading itself may hold one. */
const hideAll = () => 'the inputs could not be read'
const startedAt = performance.now()
let writeSummary = makeSummaryWriter()
let redact = (text: string) => text
let context: canary.Context = { queue: null, gate: null, gateSummary: '' }
let findings: canary.Findings | null = null

/** The whole run: inputs, the gate, the proof, the verdict. */
async function main(): Promise<void> {
  // Stack traces are for the debug log only.
  if (!core.isDebug()) Error.stackTraceLimit = 0
  core.setOutput(step.output, false)
  redact = hideAll
  const { inputs, problems, warnings, secrets, masks } = loadCanaryInputs({
    file: (path) => readFileSync(path, 'utf8'),
    env: process.env,
  })
  for (const mask of masks) core.setSecret(mask)
  redact = makeRedactor(secrets)
  if (!inputs.summary) writeSummary = () => undefined
  logWarnings(warnings)
  if (problems.length > 0) {
    core.info(`htfifo-gate ${VERSION}: nothing was created`)
    return await publish(() => canary.refuse('inputs', problems, 'inputs'))
  }

  context = { ...context, queue: inputs.queue }
  logStart(inputs)
  const polled = await run(inputs, {
    signal: step.signal,
    redact,
    onRound: () => undefined,
    onLateError: debugLate,
  })
  const gate = judge(polled, inputs, step.signal.aborted)
  const { checkedAt } = polled
  const tookMs = performance.now() - startedAt
  context = { ...context, gate: makeReport(gate, checkedAt, tookMs) }
  logVerdict(gate)
  if (!gate.open) {
    const gateSummary = renderSummary(gate, { ...NOTHING_POLLED, checkedAt }, tookMs)
    context = { ...context, gateSummary: `\n${gateSummary}` }
    return await publish(() => canary.refuse('gate', [headlineLine(gate)], 'gate-closed'))
  }

  const found = await canary.proveCluster(inputs, {
    signal: step.signal,
    redact,
    members: polled.membership?.members ?? [],
    onStep: (name, ms, held) => core.info(canary.stepLine(name, ms, held)),
    onLateError: debugLate,
  })
  findings = found
  if (found.crash !== null) logDebug(redact(inspect(found.crash.error)))
  await publish(() => canary.judge(found, { cancelled: step.signal.aborted }))
}

const debugLate = (url: string, error: unknown) =>
  logDebug(redact(`${url}, after its exchange: ${inspect(error)}`))

const publish = (decide: () => canary.Verdict): Promise<void> =>
  publishVerdict(step, {
    ...telling,
    decide,
    isSuccess: ({ proven }) => proven,
    log: canary.logVerdict,
    setSuccess: () => core.setOutput(step.output, true),
  })

const telling = {
  crash: (reason: string) => canary.crash(reason, findings),
  redact: (text: string) => redact(text),
  debug: logDebug,
  render: (verdict: canary.Verdict) => canary.render(verdict, context),
  summarize: ({ summary }: Pages) => writeSummary(summary),
  setOutputs: (pages: Pages) => setOutputs(pages, step.output, 'htfifo-canary'),
  annotate: canary.annotate,
}

await runStep(step, main, telling)
