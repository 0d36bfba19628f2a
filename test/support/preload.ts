import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MODULES = ['fs', 'net', 'dns', 'tls', 'crypto', 'os', 'path', 'timers']

/** The environment in which a piece of code runs before the bundle, with the built-in modules at hand. */
export function preload(code: string): { env: NodeJS.ProcessEnv; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-preload-'))
  const path = join(folder, 'fault.cjs')
  const modules = MODULES.map((name) => `const ${name} = require('node:${name}')`).join('\n')
  const sync = `require('node:module').syncBuiltinESMExports()`
  writeFileSync(path, `${modules}\n${code}\n${sync}\n`)
  return {
    env: { NODE_OPTIONS: `--require ${path}` },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
