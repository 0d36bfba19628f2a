import { spawnSync } from 'node:child_process'

/**
 * Whether the machine has a program that a test needs. Where it is missing, the output says so loudly, and the
 * tests are to be skipped: they are reported as skipped, never as passed.
 */
export function hasTool(program: string, words: readonly string[], needed: string): boolean {
  const { status, error } = spawnSync(program, words, { stdio: 'ignore' })
  if (error === undefined && status === 0) return true
  warnLoudly(`SKIPPED: ${needed}: "${[program, ...words].join(' ')}" does not work on this machine`)
  return false
}

/** Writes a framed warning to standard error, past any capturing of the console. */
export function warnLoudly(text: string): void {
  const line = '!'.repeat(text.length + 4)
  process.stderr.write(`\n${line}\n! ${text} !\n${line}\n\n`)
}
