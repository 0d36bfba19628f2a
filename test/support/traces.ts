import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runStep, type Step, type StepOptions } from '../../sample/runner.ts'
import type { Report } from '../../src/report/json.ts'
import { expectReport } from './schema.ts'

/** A step with the text of its report file, which is gone with the folder of the runner otherwise. */
export interface Traces extends Step {
  readonly reportFile: string
  /** Everything that the step leaves behind, in one text. */
  readonly all: string
}

export async function runTraced(
  inputs: Readonly<Record<string, string>>,
  { env = {}, ...options }: StepOptions = {},
): Promise<Traces> {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-traces-'))
  try {
    const step = await runStep(inputs, { ...options, env: { RUNNER_TEMP: folder, ...env } })
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    for (const file of files) expectReport(JSON.parse(file), options.action)
    const { stdout, stderr, outputs, summary } = step
    const all = [stdout, stderr, ...Object.values(outputs), summary, ...files].join('\n')
    return { ...step, reportFile: files.join('\n'), all }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The whole report of a gate, from its file. */
export const fileOf = ({ reportFile }: Traces): Report => JSON.parse(reportFile)
