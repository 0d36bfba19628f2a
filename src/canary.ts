import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'
import * as core from '@actions/core'
import { step } from './begin-canary.ts'
import * as canary from './canary/canary.ts'
import { explainFailure, type Network, toLookup } from './exchange/exchange.ts'
import { type CanaryInputs, loadCanaryInputs } from './inputs/inputs.ts'
import { askLeaders } from './membership/membership.ts'
import {
  headlineLine,
  logDebug,
  logStart,
  logVerdict,
  logWarnings,
  makeReport,
  makeSummaryWriter,
  NOTHING_POLLED,
  type Report,
  renderSummary,
  shortReport,
  writeReport,
} from './report/report.ts'
import { judge, openNetwork, type Run, run } from './rounds/rounds.ts'
import { makeRedactor } from './shared/secrets.ts'
import { VERSION } from './shared/version.ts'
import { publishVerdict, runStep } from './step/step.ts'

const hideAll = () => 'the inputs could not be read'
const startedAt = performance.now()
const writeSummary = makeSummaryWriter()
let redact = (text: string) => text
let summaryWanted = true
let queue: string | null = null
let gateReport: Report | null = null
/** The summary of a gate that is closed, in Markdown. */
let gateSummary = ''
let findings: canary.Findings | null = null

/** The whole run: inputs, the gate, the proof, the verdict. */
async function main(): Promise<void> {
  if (!core.isDebug()) Error.stackTraceLimit = 0
  core.setOutput(step.output, false)
  redact = hideAll
  const { inputs, problems, warnings, secrets, masks } = loadCanaryInputs({
    file: (path) => readFileSync(path, 'utf8'),
    env: process.env,
  })
  for (const mask of masks) core.setSecret(mask)
  redact = makeRedactor(secrets)
  summaryWanted = inputs.summary
  logWarnings(warnings)
  if (problems.length > 0) {
    core.info(`htfifo-gate ${VERSION}: nothing was created`)
    return await publish(() => canary.refuse('inputs', problems, 'inputs'))
  }

  queue = inputs.queue
  logStart(inputs)
  const polled = await run(inputs, {
    signal: step.signal,
    redact,
    onRound: () => undefined,
    onLateError: debugLate,
  })
  const gate = judge(polled, inputs, step.signal.aborted)
  const tookMs = performance.now() - startedAt
  gateReport = makeReport(gate, polled.checkedAt, tookMs)
  logVerdict(gate)
  if (!gate.open) {
    const context = { ...NOTHING_POLLED, checkedAt: polled.checkedAt }
    gateSummary = `\n${renderSummary(gate, context, tookMs)}`
    return await publish(() => canary.refuse('gate', [headlineLine(gate)], 'gate-closed'))
  }
  const found = await proveQueue(inputs, polled)
  findings = found
  await publish(() => canary.judge(found, { cancelled: step.signal.aborted }))
}

/**
 * Proves what the cluster does with a queue. Names can be looked up until the end, so that a cancelled run deletes its
 * queue; what crashes meanwhile, anywhere in the process, ends the proof in the same way.
 */
async function proveQueue(inputs: CanaryInputs, polled: Run): Promise<canary.Findings> {
  const network = openNetwork(inputs, new AbortController().signal)
  const openSqs = await canary.loadSqs()
  await network.resolver.ready()
  const nodes = inputs.peers.map(({ name, url }) => {
    const base = url.replace(/\/sqs_health$/, '')
    return { name, url: base, queue: openSqs(base, sqsOptions(inputs, network)) }
  })
  const crash = new AbortController()
  process.setUncaughtExceptionCaptureCallback((cause) => {
    crash.abort(new canary.CrashError('something beside the proof failed', { cause }))
  })
  try {
    return await canary.prove({
      ...inputs,
      nodes,
      raftGroups: inputs.groupsOfPartitions,
      run: randomBytes(8).toString('hex'),
      redact,
      askLeaders:
        inputs.raftPorts.length === 0
          ? null
          : async (signal) => {
              const options = { ...inputs, network, signal, onLateError: debugLate }
              const reports = await askLeaders(inputs.peers, options)
              return canary.toListeners(reports, polled.membership?.members ?? [], redact)
            },
      deleteCommand: (base) =>
        canary.deleteCommand(base, inputs.queue, inputs.region, inputs.credentials !== null),
      now: () => performance.now(),
      clock: () => Date.now(),
      pause: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
      signal: AbortSignal.any([step.signal, crash.signal]),
      onStep: (name, ms, held) => core.info(canary.stepLine(name, ms, held)),
    })
  } finally {
    process.setUncaughtExceptionCaptureCallback(null)
    for (const node of nodes) node.queue.close()
    network.resolver.end()
  }
}

const sqsOptions = ({ region, credentials }: CanaryInputs, network: Network) => ({
  region,
  credentials,
  secure: () => network.secure('peer'),
  lookup: toLookup(network.resolver),
  explain: (error: unknown) => explainFailure(error, 'response headers', false),
})

const debugLate = (url: string, error: unknown) =>
  logDebug(redact(`${url}, after its exchange: ${inspect(error)}`))

const publish = (decide: () => canary.Verdict): Promise<void> =>
  publishVerdict(step, {
    ...publisher,
    decide,
    isSuccess: ({ proven }) => proven,
    log: ({ warnings, problems }) => {
      logWarnings(warnings.map((warning) => canary.problemLine(warning)))
      for (const problem of problems) core.info(`✗ ${canary.problemLine(problem)}`)
    },
    setSuccess: () => core.setOutput(step.output, true),
  })

/** A verdict in the forms in which it is written. */
interface Pages {
  readonly verdict: canary.Verdict
  readonly report: canary.Report
  readonly summary: string
}

const publisher = {
  crash: (reason: string) => canary.crash(reason, findings),
  redact: (text: string) => redact(text),
  debug: logDebug,
  render: (verdict: canary.Verdict): Pages => ({
    verdict,
    report: canary.makeReport(verdict, queue, gateReport),
    summary: canary.renderSummary(verdict) + gateSummary,
  }),
  summarize: ({ summary }: Pages) => {
    if (summaryWanted) writeSummary(summary)
  },
  setOutputs: ({ verdict, report }: Pages) => {
    core.setOutput(step.output, false)
    core.setOutput('step', verdict.step)
    core.setOutput('queue-left', verdict.queueLeft)
    core.setOutput('placement', verdict.placement)
    const gate = gateReport === null ? null : shortReport(gateReport)
    core.setOutput('report', canary.encodeReport(report, gate))
    core.setOutput(
      'report-path',
      writeReport('htfifo-canary', `${JSON.stringify(report, null, 2)}\n`),
    )
  },
  annotate: (verdict: canary.Verdict) => {
    if (verdict.proven) core.notice(canary.headlineText(verdict))
    else core.error(canary.annotation(verdict))
  },
}

await runStep(step, main, publisher)
