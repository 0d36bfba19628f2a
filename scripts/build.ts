/**
 * Builds dist from src.
 *
 * Importing the packages of the Actions toolkit has no side effects, but their manifests do not say so, and a bundler
 * must then keep what nobody uses: an OIDC client, its HTTP client, and the whole of undici, half of the bundle. For
 * the time of the build, the manifests say it.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './tools.ts'

const PACKAGES = ['@actions/core', '@actions/exec', '@actions/http-client', '@actions/io']
const OPTIONS = ['--source-map', '--no-source-map-register', '--license', 'licenses.txt']

const manifests = PACKAGES.map((name) => join(ROOT, 'node_modules', name, 'package.json'))
const originals = manifests.map((path) => readFileSync(path, 'utf8'))
try {
  for (const [index, path] of manifests.entries()) {
    const manifest = JSON.parse(originals[index] ?? '')
    writeFileSync(path, JSON.stringify({ ...manifest, sideEffects: false }))
  }
  const ncc = join(ROOT, 'node_modules/@vercel/ncc/dist/ncc/cli.js')
  const command = [ncc, 'build', 'src/main.ts', '--out', 'dist', ...OPTIONS]
  execFileSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' })
} finally {
  for (const [index, path] of manifests.entries()) writeFileSync(path, originals[index] ?? '')
}
