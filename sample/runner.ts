import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../scripts/tools.ts'

/** The actions of this repository: their manifest, and the bundle that is committed. */
const ACTIONS = {
  gate: { manifest: join(ROOT, 'action.yml'), bundle: join(ROOT, 'dist/index.js') },
  canary: {
    manifest: join(ROOT, 'canary/action.yml'),
    bundle: join(ROOT, 'dist/canary/index.js'),
  },
} as const

export type Action = keyof typeof ACTIONS

/** The bundle of the gate. */
export const BUNDLE = ACTIONS.gate.bundle

/** What the runner sees of a step. */
export interface Step {
  /** The exit status; null if the process was killed. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The outputs, the last value of each. */
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

export interface StepOptions {
  /** `gate` by default. */
  readonly action?: Action
  /** Set on top of a small environment that holds no proxies and no settings of the machine. */
  readonly env?: NodeJS.ProcessEnv
  /** The Node.js to run; that of this process by default. */
  readonly node?: string
  /** Called with the process, once it is started. */
  readonly onStart?: (child: ChildProcess) => void
  /** Called with each piece of standard output as it comes. */
  readonly onLog?: (text: string) => void
}

const manifests = new Map<string, Record<string, string>>()

/** The default of every input in the manifest of an action, as the runner would pass it; read once. */
function defaultInputs(manifest: string): Record<string, string> {
  const known = manifests.get(manifest)
  if (known !== undefined) return known
  const { inputs }: { inputs: Record<string, { default?: string }> } = parse(
    readFileSync(manifest, 'utf8'),
  )
  const defaults = Object.fromEntries(
    Object.entries(inputs).map(([name, { default: text }]) => [name, text ?? '']),
  )
  manifests.set(manifest, defaults)
  return defaults
}

/** Runs a committed bundle as a step, the way the runner does: inputs as `INPUT_…`, files for outputs and summary. */
export async function runStep(
  inputs: Readonly<Record<string, string>>,
  { action = 'gate', env = {}, node = process.execPath, onStart, onLog }: StepOptions = {},
): Promise<Step> {
  const { manifest, bundle } = ACTIONS[action]
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-step-'))
  const files = {
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  }
  for (const file of Object.values(files)) writeFileSync(file, '')
  const passed = Object.entries({ ...defaultInputs(manifest), ...inputs }).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ])
  const { PATH, SystemRoot } = process.env
  const child = spawn(node, [bundle], {
    env: { PATH, SystemRoot, RUNNER_TEMP: folder, ...files, ...Object.fromEntries(passed), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onStart?.(child)
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    onLog?.(text)
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const outputs = parseOutputs(readFileSync(files.GITHUB_OUTPUT, 'utf8'))
  const summary = readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8')
  rmSync(folder, { recursive: true })
  return { code, stdout, stderr, outputs, summary }
}

/** Reads an output file as the runner does: `name=value` or `name<<delimiter`, lines, `delimiter`. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(lines[at] ?? '') ?? []
    const [, plain, value] = /^([^=<]+)=(.*)$/.exec(lines[at] ?? '') ?? []
    if (plain !== undefined) outputs[plain] = value ?? ''
    if (name === undefined || delimiter === undefined) continue
    const end = lines.indexOf(delimiter, at + 1)
    outputs[name] = lines.slice(at + 1, end).join('\n')
    at = end
  }
  return outputs
}
