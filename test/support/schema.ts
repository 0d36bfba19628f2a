import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Action } from '../../sample/runner.ts'

const SCHEMAS: Readonly<Record<Action, string>> = {
  gate: 'docs/report.schema.json',
  canary: 'docs/canary-report.schema.json',
}

const compile = (path: string) =>
  new Ajv2020({ strict: true, strictTypes: false }).compile(
    JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')),
  )
const validators = { gate: compile(SCHEMAS.gate), canary: compile(SCHEMAS.canary) }

/**
 * Throws unless a report is what the schema of its action says. The report of the gate that a report of the canary holds
 * has to be right as well.
 */
export function expectReport(report: unknown, action: Action = 'gate'): void {
  const validate = validators[action]
  if (!validate(report)) {
    const errors = (validate.errors ?? []).map(({ instancePath, message }) => {
      return `${instancePath || 'the report'} ${message}`
    })
    throw new Error(`${SCHEMAS[action]}: ${errors.join('; ')}`)
  }
  const { gate } = report as { gate?: unknown }
  if (action === 'canary' && gate !== null) expectReport(gate)
}
