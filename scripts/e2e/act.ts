import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findTool, ROOT } from '../tools.ts'

const LIMIT_MS = 180_000
/** How the examples refer to this repository, and to the canary in it; both are run from this project. */
const GATE = 'OWNER/htfifo-gate@v1'
const CANARY = 'OWNER/htfifo-gate/canary@v1'
/** What users run. */
const ACTIONS = ['action.yml', 'canary', 'dist']
/** The scripts of the user's repository that the examples call: each tells that it ran, and with what. */
const SCRIPT = '#!/bin/sh\necho $(basename "$0") "$@" >> "$E2E_TRACE"\n'
const SCRIPTS = {
  'deploy/set-partition-map.sh': SCRIPT,
  'deploy/enable-partitioning.sh': SCRIPT,
  'deploy/rolling-update.sh': SCRIPT,
  'deploy/page.sh': SCRIPT,
}
const STAND_INS = join(import.meta.dirname, 'stand-ins')

type Texts = Readonly<Record<string, string>>

/** A workflow to run, and all that it may know. */
export interface Request {
  readonly text: string
  /** `workflow_dispatch` by default */
  readonly event?: string
  readonly vars?: Texts
  readonly secrets?: Texts
  readonly inputs?: Texts
  /** Runs only the jobs of the matrix with this value, `key:value`. */
  readonly matrix?: string
  /** Further files of the repository in which it runs, by path. */
  readonly files?: Texts
}

/** How a run ended. */
export interface Run {
  /**
   * How each job ended, by its id and the values of its matrix: `success` or `failure`, then `open` or `closed` if it ran a
   * gate that said so, and `proven` or `not proven` if it ran a canary that said so, the last one of each if there were
   * several. A job that was skipped is not there.
   */
  readonly jobs: Texts
  /** What the scripts of the repository and the stand-ins did, in order. */
  readonly trace: readonly string[]
  /** How many summaries were written. */
  readonly summaries: number
  readonly log: string
}

/** The actions that a workflow uses from other repositories but this one, as `owner/repo@ref`, each once. */
export function remoteActions(...texts: readonly string[]): string[] {
  const found = texts.join('\n').matchAll(/uses: *(?!\.\/)(\S+)/g)
  return [...new Set(Array.from(found, ([, uses = '']) => uses))].filter(
    (uses) => uses !== GATE && uses !== CANARY,
  )
}

const act = findTool('act')

/** Runs a workflow with act on this machine, without containers and without network, in a repository of its own. */
export async function runWorkflow(folder: string, request: Request): Promise<Run> {
  const home = mkdtempSync(join(folder, 'run-'))
  const repository = join(home, 'repository')
  const gate = join(home, 'gate')
  const trace = join(home, 'trace')
  for (const path of ACTIONS) {
    cpSync(join(ROOT, path), join(gate, path), { recursive: true })
  }
  const files = { ...request.files, '.github/workflows/workflow.yml': request.text }
  fillRepository(repository, files)

  const pairs = (flag: string, values: Texts = {}) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
  const local = remoteActions(...Object.values(files)).map((uses) => {
    const path = join(STAND_INS, uses.replace(/@.*$/, ''))
    if (!existsSync(path)) throw new Error(`there is no stand-in for ${uses}`)
    return [uses, path]
  })
  const flags = [
    [request.event ?? 'workflow_dispatch', '--json', '--directory', repository],
    ['--workflows', '.github/workflows/workflow.yml', '--action-cache-path', join(home, 'cache')],
    ['--action-offline-mode', '--pull=false', '--no-cache-server'],
    ...['env', 'secret', 'var', 'input'].map((kind) => [`--${kind}-file`, '/dev/null']),
    ...['ubuntu-latest', 'self-hosted'].map((label) => ['-P', `${label}=-self-hosted`]),
    pairs('--local-repository', { [GATE]: gate, ...Object.fromEntries(local) }),
    pairs('--var', request.vars),
    pairs('--secret', request.secrets),
    pairs('--input', request.inputs),
    pairs('--env', { E2E_TRACE: trace, E2E_GATE: gate }),
    request.matrix === undefined ? [] : ['--matrix', request.matrix],
  ].flat()
  // A small environment that holds no proxies and no settings of the machine, and this Node.js first on the path.
  const PATH = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const options = {
    env: { PATH, HOME: home },
    timeout: LIMIT_MS,
    maxBuffer: Number.POSITIVE_INFINITY,
  }
  // It fails where a job fails, which many of these runs must.
  const { stdout, stderr } = await promisify(execFile)(act, flags, options).catch((error) => error)
  return {
    jobs: readJobs(stdout),
    summaries: readLines(stdout).filter(({ command }) => command === 'summary').length,
    log: `${stdout}${stderr}`,
    trace: existsSync(trace) ? readFileSync(trace, 'utf8').trimEnd().split('\n') : [],
  }
}

/** Commits what the self-test needs of this project, the scripts that the examples call, and the files. */
function fillRepository(repository: string, files: Texts): void {
  for (const path of [...ACTIONS, 'sample', 'package.json', '.node-version']) {
    cpSync(join(ROOT, path), join(repository, path), { recursive: true })
  }
  for (const [path, text] of Object.entries({ ...SCRIPTS, ...files })) {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), text, { mode: 0o755 })
  }
  const author = ['-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost']
  for (const args of [
    ['init', '-b', 'main'],
    ['add', '.'],
    [...author, 'commit', '-m', 'e2e'],
  ]) {
    execFileSync('git', args, { cwd: repository, stdio: 'pipe' })
  }
}

/** What act prints with `--json`, as far as it matters here. */
interface Line {
  readonly jobID?: string
  readonly matrix?: Texts
  readonly jobResult?: string
  readonly command?: string
  readonly name?: string
  readonly arg?: string
}

function readLines(log: string): Line[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}

/** The outputs that tell a verdict, with the words for `true` and for anything else. */
const VERDICTS: Readonly<Record<string, readonly [string, string]>> = {
  'all-advertise': ['open', 'closed'],
  proven: ['proven', 'not proven'],
}

function readJobs(log: string): Texts {
  const results: Record<string, string> = {}
  const verdicts: Record<string, Record<string, string>> = {}
  for (const line of readLines(log)) {
    const job = [line.jobID, ...Object.values(line.matrix ?? {})].join(' ')
    if (line.jobResult !== undefined) results[job] = line.jobResult
    if (line.command !== 'set-output' || line.name === undefined) continue
    const words = VERDICTS[line.name]
    if (words === undefined) continue
    verdicts[job] = { ...verdicts[job], [line.name]: words[line.arg === 'true' ? 0 : 1] }
  }
  return Object.fromEntries(
    Object.entries(results).map(([job, result]) => [
      job,
      [result, ...Object.keys(VERDICTS).flatMap((output) => verdicts[job]?.[output] ?? [])].join(
        ', ',
      ),
    ]),
  )
}
