/**
 * Builds dist from src: one file of readable JavaScript, and the licences of the packages whose code is in it. With
 * `--check`, writes nothing and fails if dist is anything else.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { ROOT } from './tools.ts'

const bundle = await rolldown({
  cwd: ROOT,
  input: './src/main.ts',
  platform: 'node',
  // As in the build of undici that is part of Node.js: without its second, experimental HTTP parser.
  transform: { define: { esbuildDetection: 'true' } },
  treeshake: {
    // Importing the toolkit has no side effects, but its manifests do not say so, and a bundler must then keep what
    // nobody uses: an OIDC client, an HTTP client and the whole of undici.
    moduleSideEffects: [{ test: /node_modules[\\/]@actions[\\/]/, sideEffects: false }],
  },
})
const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
await bundle.close()
const [{ code, moduleIds }, ...others] = output
if (others.length > 0) throw new Error(`found ${output.length} files, expected one`)

const packages = moduleIds.flatMap(
  (id) => /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? [],
)
const licenses = [...new Set(packages)].sort().map((folder) => {
  const { name, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${folder} has no file with its licence`)
  return [name, license, readFileSync(join(folder, file), 'utf8')].join('\n')
})
const built: Readonly<Record<string, string>> = {
  'index.js': code,
  'licenses.txt': licenses.join('\n'),
  'package.json': `${JSON.stringify({ type: 'module' })}\n`,
}
const dist = join(ROOT, 'dist')
if (process.argv.includes('--check')) {
  const names = new Set([...Object.keys(built), ...readdirSync(dist)])
  const wrong = [...names].filter((name) => {
    const path = join(dist, name)
    return !existsSync(path) || readFileSync(path, 'utf8') !== built[name]
  })
  for (const name of wrong) console.error(`dist/${name} is not what src builds`)
  if (wrong.length > 0) {
    console.error("Run 'npm run build' and commit dist.")
    process.exitCode = 1
  }
} else {
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist)
  for (const [name, text] of Object.entries(built)) writeFileSync(join(dist, name), text)
  console.log(`dist/index.js: ${Math.round(Buffer.byteLength(code) / 1_024)} KiB`)
}
