import { spawnSync } from 'node:child_process'

/**
 * Whether the machine has a program that a test needs. Where it is missing, the output says so loudly, and the
 * tests are to be skipped: they are reported as skipped, never as passed. With `uid`, it must run as that user.
 */
export function hasTool(
  program: string,
  words: readonly string[],
  needed: string,
  as: { readonly uid?: number } = {},
): boolean {
  const { status, error } = spawnSync(program, words, { stdio: 'ignore', ...as })
  if (error === undefined && status === 0) return true
  const user = as.uid === undefined ? '' : ' as another user (are you root?)'
  warnLoudly(
    `SKIPPED: ${needed}: "${[program, ...words].join(' ')}" does not work on this machine${user}`,
  )
  return false
}

/** Writes a framed warning to standard error, past any capturing of the console. */
export function warnLoudly(text: string): void {
  const line = '!'.repeat(text.length + 4)
  process.stderr.write(`\n${line}\n! ${text} !\n${line}\n\n`)
}
