/**
 * Builds dist from src with ncc, a file set for each of the two actions: readable JavaScript, and the licences of the packages whose code is in it. With
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
const SQS = 'node_modules/@aws-sdk/client-sqs'
/** Where the SQS client would look for credentials that it is not given; the canary always gives some. Left without code. */
const PROVIDERS = 'node_modules/@aws-sdk/credential-provider-node'
const NO_PROVIDER =
  "export const defaultProvider = () => { throw new Error('no credentials were given') }\n"
const LICENSES = 'licenses.txt'
/** The licences of each part by its id: under one name, those of the last part replace all others. */
const OPTIONS = ['--no-cache', '--quiet', '--license', `[id].${LICENSES}`]

/** Puts src and what ncc must see otherwise into this folder, which is two levels below the project. */
function prepare(stage: string): void {
  for (const path of ['src', 'package.json', TOOLKIT, UNDICI, SQS]) {
    cpSync(join(ROOT, path), join(stage, path), { recursive: true })
  }
  for (const name of readdirSync(join(stage, TOOLKIT))) {
    const path = join(stage, TOOLKIT, name, 'package.json')
    const manifest = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...manifest, sideEffects: false }))
  }
  mkdirSync(join(stage, PROVIDERS))
  writeFileSync(join(stage, PROVIDERS, 'index.js'), NO_PROVIDER)
  for (const path of UNREACHED) truncateSync(join(stage, UNDICI, 'lib', path))
  const config = { extends: '../../tsconfig.json', include: ['src'] }
  writeFileSync(join(stage, 'tsconfig.json'), JSON.stringify(config))
}

/** Builds an entry of src into a folder of the stage, as one file set. */
function bundle(stage: string, entry: string, folder: string): void {
  const ncc = join(ROOT, 'node_modules/@vercel/ncc/dist/ncc/cli.js')
  const command = [ncc, 'build', entry, '--out', folder, ...OPTIONS]
  execFileSync(process.execPath, command, { cwd: stage, stdio: 'inherit' })
  const built = join(stage, folder)
  const names = readdirSync(built).sort()
  const texts = names.filter((name) => name.endsWith(LICENSES)).map((name) => take(built, name))
  const code = names.filter((name) => name.endsWith('.js')).map((name) => read(built, name))
  writeFileSync(join(built, LICENSES), addLicenses(texts.join('\n'), code.join('\n')))
}

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')

function take(folder: string, name: string): string {
  const text = read(folder, name)
  rmSync(join(folder, name))
  return text
}

/** ncc leaves out the packages of a part in which all modules are joined; the code names them. */
function addLicenses(licenses: string, code: string): string {
  const joined = code.matchAll(/^.*\bMODULE: \S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\/\S+/gm)
  const known = new Set(licenses.split('\n'))
  const missing = new Set(
    [...joined].map(([, name = '']) => name).filter((name) => !known.has(name)),
  )
  const added = [...missing].sort().map((name) => {
    const folder = join(ROOT, 'node_modules', name)
    const text = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
    const { license } = JSON.parse(read(folder, 'package.json'))
    return `\n${name}\n${license}\n${text === undefined ? '' : read(folder, text)}`
  })
  return licenses + added.join('')
}

/** The names of the files that are in only one of two folders, or not the same in both. */
function differences(one: string, other: string): string[] {
  const names = new Set([one, other].flatMap(listFiles))
  return [...names].sort().filter((name) => {
    const paths = [join(one, name), join(other, name)]
    if (!paths.every((path) => existsSync(path) && statSync(path).isFile())) return true
    const [left, right] = paths.map((path) => readFileSync(path, 'latin1'))
    return left !== right
  })
}

/** The files in a folder and in those below it. */
const listFiles = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()

const dist = join(ROOT, 'dist')
mkdirSync(join(ROOT, '.build'), { recursive: true })
const stage = mkdtempSync(join(ROOT, '.build/'))
try {
  prepare(stage)
  bundle(stage, 'src/gate.ts', 'dist')
  bundle(stage, 'src/canary.ts', 'canary')
  const built = join(stage, 'dist')
  renameSync(join(stage, 'canary'), join(built, 'canary'))
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
    for (const name of listFiles(dist)) {
      console.log(`dist/${name}: ${Math.ceil(statSync(join(dist, name)).size / 1_024)} KiB`)
    }
  }
} finally {
  rmSync(stage, { recursive: true, force: true })
}
