import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runStep, type Step, type StepOptions } from '../../sample/runner.ts'
import { preload } from './preload.ts'

/** A step, and the most memory that its process had at once, in MiB. */
export interface Measured extends Step {
  readonly peakMiB: number
}

/** Runs a step and measures its memory. */
export async function runMeasured(
  inputs: Readonly<Record<string, string>>,
  options: StepOptions = {},
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-peak-'))
  const file = join(folder, 'peak')
  const { env, remove } = preload(
    `process.on('exit', () => fs.writeFileSync('${file}', String(process.resourceUsage().maxRSS)))`,
  )
  try {
    const step = await runStep(inputs, { ...options, env: { ...options.env, ...env } })
    return { ...step, peakMiB: Number(readFileSync(file, 'utf8')) / 1_024 }
  } finally {
    remove()
    rmSync(folder, { recursive: true })
  }
}
