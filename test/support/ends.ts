import { expect } from 'vitest'
import type { Step } from '../../sample/runner.ts'
import { findCommands } from './commands.ts'

/**
 * Checks what holds for every end of a run, however it was disturbed: status 0, `all-advertise=true`, an open summary
 * and report, and no error annotation go together; otherwise it is status 1 and exactly one error annotation. Only a
 * signal before the first line of the gate kills it, and then it has written nothing. Returns which of the three it was.
 */
export function checkEnd({
  code,
  stdout,
  stderr,
  outputs,
  summary,
}: Step): 'open' | 'closed' | 'not begun' {
  const count = (name: string) =>
    findCommands(stdout).filter((command) => command.name === name).length
  const headings = [...summary.matchAll(/^## \S+ htfifo gate ([A-Z]+)/gm)].map(([, word]) => word)
  const seen = {
    code,
    advertise: outputs['all-advertise'],
    verdict: outputs['report'] === undefined ? undefined : JSON.parse(outputs['report']).verdict,
    errors: count('error'),
    notices: count('notice'),
    headings,
    stderr,
  }
  if (code === null) {
    expect({ stdout, stderr, outputs, summary }).toEqual({
      stdout: '',
      stderr: '',
      outputs: {},
      summary: '',
    })
    return 'not begun'
  }
  const open = code === 0
  expect(seen).toEqual({
    code: open ? 0 : 1,
    advertise: open ? 'true' : 'false',
    verdict: open ? 'open' : 'closed',
    errors: open ? 0 : 1,
    notices: open ? 1 : 0,
    headings: [open ? 'OPEN' : 'CLOSED'],
    stderr: '',
  })
  return open ? 'open' : 'closed'
}
