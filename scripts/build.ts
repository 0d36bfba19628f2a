/** Builds dist from src: one file of readable JavaScript, and the licences of the packages whose code is in it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
const dist = join(ROOT, 'dist')
rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
writeFileSync(join(dist, 'index.js'), code)
writeFileSync(join(dist, 'licenses.txt'), licenses.join('\n'))
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`)
console.log(`dist/index.js: ${Math.round(Buffer.byteLength(code) / 1_024)} KiB`)
