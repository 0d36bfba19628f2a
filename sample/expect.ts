/**
 * Asserts in a workflow how a step of the gate or of the canary ended: `STEP` holds `toJSON(steps.ID)`, and each argument is `name=value`,
 * where a name is `outcome` or an output. Tells every difference, and fails if there is one.
 */
interface Step {
  readonly outcome: string
  readonly outputs: Readonly<Record<string, string>>
}

const step: Step = JSON.parse(process.env['STEP'] || '{}')
const found: Record<string, string | undefined> = { ...step.outputs, outcome: step.outcome }
const expected: readonly (readonly [string, string])[] = process.argv.slice(2).map((argument) => {
  const at = argument.indexOf('=')
  if (at < 1) throw new Error(`found argument "${argument}", expected name=value`)
  return [argument.slice(0, at), argument.slice(at + 1)]
})
if (expected.length === 0) throw new Error('found no arguments, expected name=value')

const differences = expected.flatMap(([name, value]) =>
  found[name] === value
    ? []
    : [`${name}: found ${JSON.stringify(found[name])}, expected ${JSON.stringify(value)}`],
)
const report: { version?: number; verdict?: string } = JSON.parse(found['report'] || '{}')
// Each action has its own output that is `true` only where the step succeeds, and its own word for that in the report.
const [output, good] =
  found['proven'] === undefined ? ['all-advertise', 'open'] : ['proven', 'proven']
const succeeded = found['outcome'] === 'success'
if (report.version !== 1 || (report.verdict === good) !== succeeded) {
  differences.push(
    `report: found version ${report.version} and verdict "${report.verdict}" beside outcome ${found['outcome']}`,
  )
}
if (found[output] !== String(succeeded)) {
  differences.push(`${output}: found ${found[output]} beside outcome ${found['outcome']}`)
}
for (const difference of differences) console.log(`::error::${difference}`)
if (differences.length > 0) process.exitCode = 1
else console.log(`as expected: ${process.argv.slice(2).join(', ')}`)
