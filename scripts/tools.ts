import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The folder of the project. */
export const ROOT = join(import.meta.dirname, '..')

/** The programs that check workflows, and how each is installed at the version that was tried. */
const TOOLS = {
  act: 'go install github.com/nektos/act@v0.2.89',
  actionlint: 'go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  zizmor: 'pipx install zizmor==1.32.0',
} as const

/** Finds a program on the path or in the `bin` of Go; ends the process with 1, and says what to do, if it is missing. */
export function findTool(name: keyof typeof TOOLS): string {
  const { stdout } = spawnSync('go', ['env', 'GOPATH'], { encoding: 'utf8' })
  const folders = [process.env['PATH'] ?? '', join(stdout?.trim() || '/none', 'bin')]
  const file = process.platform === 'win32' ? `${name}.exe` : name
  const paths = folders.flatMap((list) => list.split(delimiter)).map((path) => join(path, file))
  const found = paths.find((path) => existsSync(path))
  if (found !== undefined) return found
  console.error(`${name} is not here, so nothing was checked. Install it: ${TOOLS[name]}`)
  process.exit(1)
}
