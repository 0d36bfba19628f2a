import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { it } from 'vitest'
import { findObstacle, runInNamespace, type Space } from '../../scripts/namespace.ts'
import { ROOT } from '../../scripts/tools.ts'
import { warnLoudly } from './tools.ts'

const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')
/** Set for the tests inside. */
const INSIDE = 'HTFIFO_GATE_NAMESPACE'

interface Outcome {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
  readonly duration?: number
}

/**
 * Runs the tests of a file in network and mount namespaces of their own, where nothing can be reached but what the
 * tests start. Outside, the file is started once more inside, and each test there is reported as one here. Where
 * the machine does not allow namespaces, the output says so loudly and all of it is reported as skipped.
 *
 * @param obstacle why the tests cannot run here, or empty
 */
export function inNamespace(
  file: string,
  { obstacle: given, ...space }: Space & { readonly obstacle?: string },
  define: () => void,
): void {
  if (process.env[INSIDE] !== undefined) {
    define()
    return
  }
  const obstacle = given || findObstacle()
  if (obstacle) {
    warnLoudly(`SKIPPED: all of ${relative(ROOT, file)}: ${obstacle}`)
    it.skip(`all tests of this file: ${obstacle}`, () => undefined)
    return
  }
  for (const { fullName, status, failureMessages } of runInside(file, space)) {
    it.skipIf(status === 'pending' || status === 'skipped')(fullName, () => {
      if (status !== 'passed') throw new Error(failureMessages.join('\n') || status)
    })
  }
}

function runInside(file: string, space: Space): readonly Outcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-inside-'))
  const results = join(folder, 'results.json')
  const words = ['run', '--root', ROOT, '--reporter=json', `--outputFile=${results}`, file]
  const { stderr, stdout } = runInNamespace([VITEST, ...words], space, { [INSIDE]: 'yes' }, 'pipe')
  try {
    const { testResults } = JSON.parse(readFileSync(results, 'utf8'))
    const outcomes: Outcome[] = testResults.flatMap(
      ({ assertionResults }: { assertionResults: Outcome[] }) => assertionResults,
    )
    if (outcomes.length === 0) throw new Error(testResults[0]?.message)
    return outcomes
  } catch (error) {
    throw new Error(`The tests inside did not run: ${error}\n${stdout}\n${stderr}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
