/**
 * Builds dist from src with ncc: readable JavaScript, and the licences of the packages whose code is in it. With
 * `--check`, writes nothing to dist and fails if it is anything else.
 *
 * ncc runs in a copy of what it must see otherwise than it is, so nothing is ever changed in node_modules: importing the
 * packages of the toolkit has no side effects, but their manifests do not say so, and a bundler must then keep what
 * nobody uses, which is an OIDC client, an HTTP client and the whole of undici. All other packages are found above the
 * copy. Each build has a copy of its own; not within node_modules, where ncc takes all of it for one package's assets.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './tools.ts'

const TOOLKIT = 'node_modules/@actions'
const UNDICI = 'node_modules/undici'
/**
 * What undici has for others, and its client never reaches here: HTTP/2, which client.ts does not allow; bodies of requests,
 * of which the gate sends none; and a second, experimental parser, which client.ts turns off. They are left empty. To reach
 * one would be an error, which closes the gate.
 */
const UNREACHED = [
  'dispatcher/client-h2.js',
  'milo/no-simd.js',
  'milo/simd.js',
  'web/fetch/body.js',
  'web/fetch/formdata.js',
  'web/webidl/index.js',
]
const LICENSES = 'licenses.txt'
/** The licences of each part by its id: under one name, those of the last part replace all others. */
const OPTIONS = ['--no-cache', '--quiet', '--license', `[id].${LICENSES}`]

/** Puts src and what ncc must see otherwise into this folder, which is two levels below the project. */
function prepare(stage: string): void {
  for (const path of ['src', 'package.json', TOOLKIT, UNDICI]) {
    cpSync(join(ROOT, path), join(stage, path), { recursive: true })
  }
  for (const name of readdirSync(join(stage, TOOLKIT))) {
    const path = join(stage, TOOLKIT, name, 'package.json')
    const manifest = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...manifest, sideEffects: false }))
  }
  for (const path of UNREACHED) truncateSync(join(stage, UNDICI, 'lib', path))
  const config = { extends: '../../tsconfig.json', include: ['src'] }
  writeFileSync(join(stage, 'tsconfig.json'), JSON.stringify(config))
}

/** Builds in this folder, and tells where the result is. */
function bundle(stage: string): string {
  const ncc = join(ROOT, 'node_modules/@vercel/ncc/dist/ncc/cli.js')
  const command = [ncc, 'build', 'src/gate.ts', '--out', 'dist', ...OPTIONS]
  execFileSync(process.execPath, command, { cwd: stage, stdio: 'inherit' })
  const built = join(stage, 'dist')
  const parts = readdirSync(built).filter((name) => name.endsWith(LICENSES))
  const licenses = parts.sort().map((name) => readFileSync(join(built, name), 'utf8'))
  for (const name of parts) rmSync(join(built, name))
  writeFileSync(join(built, LICENSES), licenses.join('\n'))
  return built
}

/** The names of the files that are in only one of two folders, or not the same in both. */
function differences(one: string, other: string): string[] {
  const names = new Set([one, other].flatMap((folder) => readdirSync(folder)))
  return [...names].sort().filter((name) => {
    const paths = [join(one, name), join(other, name)]
    if (!paths.every((path) => existsSync(path) && statSync(path).isFile())) return true
    const [left, right] = paths.map((path) => readFileSync(path, 'latin1'))
    return left !== right
  })
}

const dist = join(ROOT, 'dist')
mkdirSync(join(ROOT, '.build'), { recursive: true })
const stage = mkdtempSync(join(ROOT, '.build/'))
try {
  prepare(stage)
  const built = bundle(stage)
  if (process.argv.includes('--check')) {
    const wrong = differences(built, dist)
    for (const name of wrong) console.error(`dist/${name} is not what src builds`)
    if (wrong.length > 0) {
      console.error("Run 'npm run build' and commit dist.")
      process.exitCode = 1
    }
  } else {
    rmSync(dist, { recursive: true, force: true })
    renameSync(built, dist)
    for (const name of readdirSync(dist)) {
      console.log(`dist/${name}: ${Math.ceil(statSync(join(dist, name)).size / 1_024)} KiB`)
    }
  }
} finally {
  rmSync(stage, { recursive: true, force: true })
}
