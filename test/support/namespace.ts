import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { it } from 'vitest'
import { ROOT } from '../../scripts/tools.ts'
import { warnLoudly } from './tools.ts'

const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')
/** Set for the tests inside; its value is the folder of files that were made for them. */
const INSIDE = 'HTFIFO_GATE_NAMESPACE'

export interface Space {
  /** Addresses beside the loopback's own, added to its device. */
  readonly addresses?: readonly string[]
  /** Files that hide those of the machine, by path, inside only. */
  readonly files?: Readonly<Record<string, string>>
  /** Why the tests cannot run here, or empty. */
  readonly obstacle?: string
}

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
 */
export function inNamespace(file: string, space: Space, define: () => void): void {
  if (process.env[INSIDE] !== undefined) {
    define()
    return
  }
  const obstacle = space.obstacle || findObstacle()
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

/** Root needs no user namespace, and a user namespace has one user only, which some servers do not bear. */
const unshare = () => ['-m', '-n', ...(process.getuid?.() === 0 ? [] : ['-r'])]

function findObstacle(): string {
  const setup = 'ip link set lo up && mount --bind /etc/hosts /etc/hosts'
  const { status, error, stderr } = spawnSync('unshare', [...unshare(), 'sh', '-c', setup])
  if (error === undefined && status === 0) return ''
  return `no network namespace can be made (${error?.message ?? String(stderr).trim()})`
}

function runInside(file: string, { addresses = [], files = {} }: Space): readonly Outcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-space-'))
  const lines = ['set -e', 'ip link set lo up']
  for (const address of addresses) lines.push(`ip addr add ${address} dev lo`)
  for (const [index, [path, text]] of Object.entries(files).entries()) {
    writeFileSync(join(folder, String(index)), text)
    lines.push(`mount --bind ${join(folder, String(index))} ${path}`)
  }
  lines.push('exec "$@"')
  const results = join(folder, 'results.json')
  const words = ['run', '--root', ROOT, '--reporter=json', `--outputFile=${results}`, file]
  const { stderr, stdout } = spawnSync(
    'unshare',
    [...unshare(), 'sh', '-c', lines.join('\n'), 'sh', process.execPath, VITEST, ...words],
    { cwd: ROOT, env: { ...process.env, [INSIDE]: folder }, encoding: 'utf8' },
  )
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
