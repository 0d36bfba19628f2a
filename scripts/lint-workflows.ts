/** Runs actionlint and zizmor, offline, over the workflows and the examples; fails if one of them finds something. */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { findTool, ROOT } from './tools.ts'

const files = globSync(['.github/workflows/*.yml', 'examples/*.yml'], { cwd: ROOT }).sort()
const others = ['action.yml', 'canary/action.yml', '.github/dependabot.yml']
const settings = ['--offline', '--no-progress', '--quiet', '--config', '.github/zizmor.yml']
const good = [
  run('actionlint', ['-color', ...files]),
  run('zizmor', [...settings, ...files, ...others]),
]
process.exitCode = files.length > 0 && good.every(Boolean) ? 0 : 1

function run(name: 'actionlint' | 'zizmor', args: readonly string[]): boolean {
  const { status } = spawnSync(findTool(name), args, { cwd: ROOT, stdio: 'inherit' })
  console.log(`${name}: ${files.length} workflows, ${status === 0 ? 'no problem' : 'see above'}`)
  return status === 0
}
