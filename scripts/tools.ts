import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The Go programs that the scripts run, each at the version that they were tried with. */
const TOOLS = {
  act: 'github.com/nektos/act@v0.2.89',
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
} as const

/** Finds a program on the path or in the `bin` of Go; ends the process with 1, and says what to do, if it is missing. */
export function findTool(name: keyof typeof TOOLS): string {
  const gopath = spawnSync('go', ['env', 'GOPATH'], { encoding: 'utf8' }).stdout?.trim()
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...(gopath ? [join(gopath, 'bin')] : []),
  ]
  const file = process.platform === 'win32' ? `${name}.exe` : name
  const found = folders.map((folder) => join(folder, file)).find((path) => existsSync(path))
  if (found !== undefined) return found
  console.error(
    `${name} is not here, so nothing was checked. Install it: go install ${TOOLS[name]}`,
  )
  process.exit(1)
}
