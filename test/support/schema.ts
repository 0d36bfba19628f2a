import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

const schema = JSON.parse(
  readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'),
)
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema)

/** Throws unless a report is what docs/report.schema.json says. */
export function expectReport(report: unknown): void {
  if (validate(report)) return
  const errors = (validate.errors ?? []).map(({ instancePath, message }) => {
    return `${instancePath || 'the report'} ${message}`
  })
  throw new Error(`docs/report.schema.json: ${errors.join('; ')}`)
}
