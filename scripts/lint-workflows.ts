/** Runs actionlint over the workflows and the examples; its exit status is that of actionlint. */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { findTool, ROOT } from './tools.ts'

const files = globSync(['.github/workflows/*.yml', 'examples/*.yml'], { cwd: ROOT }).sort()
const { status } = spawnSync(findTool('actionlint'), ['-color', ...files], {
  cwd: ROOT,
  stdio: 'inherit',
})
console.log(`actionlint: ${files.length} files, ${status === 0 ? 'no problem' : 'see above'}`)
process.exitCode = files.length > 0 ? (status ?? 1) : 1
