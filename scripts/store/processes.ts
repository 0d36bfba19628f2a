import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const running = new Set<ChildProcess>()
const folders = new Set<string>()

// Runs on every way out of this process but SIGKILL. SIGKILL also ends a node that is stopped.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => process.exit(code))
}

/** Kills a process when this one ends, however it ends. */
export function track(child: ChildProcess): void {
  running.add(child)
  child.once('close', () => running.delete(child))
}

/** Starts a program that logs into a file; it is killed when this process ends. */
export function start(program: string, args: readonly string[], log: string): ChildProcess {
  const file = openSync(log, 'a')
  const child = spawn(program, args, { stdio: ['ignore', file, file] })
  closeSync(file)
  track(child)
  return child
}

/** Kills a process and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** A new temporary folder, removed when this process ends. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-store-'))
  folders.add(folder)
  return folder
}

/** Runs a program to its end, for at most `timeoutMs`, and returns what it wrote. @throws with its words if it fails */
export async function run(
  program: string,
  args: readonly string[],
  timeoutMs: number,
  { input = '', cwd }: { readonly input?: string; readonly cwd?: string } = {},
): Promise<string> {
  const child = spawn(program, args, { cwd, timeout: timeoutMs, killSignal: 'SIGKILL' })
  track(child)
  child.stdin.on('error', () => {}).end(input)
  let out = ''
  let words = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return out
  throw new Error(`${program} ${args.join(' ')}: ${words.trim() || `ended with ${code}`}`)
}
