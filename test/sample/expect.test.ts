import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../scripts/tools.ts'

function runExpect(step: object, ...words: readonly string[]) {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'sample/expect.ts'), ...words],
    { env: { STEP: JSON.stringify(step) }, encoding: 'utf8' },
  )
  return { status, stdout }
}

const gate = (outcome: string, verdict: string, allAdvertise: boolean) => ({
  outcome,
  outputs: {
    'all-advertise': `${allAdvertise}`,
    report: JSON.stringify({ version: 1, verdict }),
  },
})
const canary = (outcome: string, verdict: string, proven: boolean) => ({
  outcome,
  outputs: { proven: `${proven}`, step: 'done', report: JSON.stringify({ version: 1, verdict }) },
})

describe('what a workflow expects of a step', () => {
  it.each([
    gate('success', 'open', true),
    gate('failure', 'closed', false),
    canary('success', 'proven', true),
    canary('failure', 'failed', false),
  ])('holds where outcome, report and output agree: %o', (step) => {
    expect(runExpect(step, `outcome=${step.outcome}`)).toMatchObject({
      status: 0,
      stdout: `as expected: outcome=${step.outcome}\n`,
    })
  })

  it.each([
    gate('success', 'closed', true),
    gate('failure', 'open', false),
    gate('failure', 'closed', true),
    canary('success', 'failed', true),
    canary('failure', 'proven', false),
    canary('success', 'proven', false),
  ])('fails where they do not: %o', (step) => {
    const { status, stdout } = runExpect(step, `outcome=${step.outcome}`)
    expect(status).toBe(1)
    expect(stdout.match(/^::error::/gm)).toHaveLength(1)
  })

  it('fails for an output that is another one', () => {
    const { status, stdout } = runExpect(canary('success', 'proven', true), 'step=receive')
    expect(status).toBe(1)
    expect(stdout).toBe('::error::step: found "done", expected "receive"\n')
  })
})
