import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { remoteActions, standInFor } from './stand-ins.ts'
import { ROOT } from './tools.ts'

/** How the gate is referred to in the examples; it is run from this project. */
export const GATE = 'OWNER/htfifo-gate@v1'

/** A workflow to run, and all that it may know. */
export interface Request {
  readonly text: string
  readonly event: string
  readonly vars?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  /** Runs only the jobs of the matrix with this value, `key:value`. */
  readonly matrix?: string
  /** Further files of the repository in which it runs, by path. */
  readonly files?: Readonly<Record<string, string>>
}

/** How a run ended. */
export interface Run {
  /** The result of each job, by its id and the values of its matrix; a job that was skipped is not there. */
  readonly jobs: Readonly<Record<string, string>>
  /** The last `all-advertise` of each job, by the same names. */
  readonly gates: Readonly<Record<string, string>>
  /** What the scripts of the repository and the stand-ins did, in order. */
  readonly trace: readonly string[]
  readonly log: string
}

/** What act prints with `--json`, as far as it matters here. */
interface Line {
  readonly jobID?: string
  readonly matrix?: Readonly<Record<string, string>>
  readonly jobResult?: string
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly msg?: string
}

const LIMIT_MS = 180_000
const SCRIPT = '#!/bin/sh\necho $(basename "$0") "$@" >> "$E2E_TRACE"\n'

/** Runs a workflow with act on this machine, without containers and without network, in a repository of its own. */
export async function runWorkflow(act: string, folder: string, request: Request): Promise<Run> {
  const home = mkdtempSync(join(folder, 'run-'))
  const paths = { repository: join(home, 'repository'), gate: join(home, 'gate') }
  const trace = join(home, 'trace')
  cpSync(join(ROOT, 'dist'), join(paths.gate, 'dist'), { recursive: true })
  cpSync(join(ROOT, 'action.yml'), join(paths.gate, 'action.yml'))
  // The project itself, for the self-test, and what the repository of a user has.
  for (const path of ['action.yml', 'dist', 'sample', 'package.json', '.node-version']) {
    cpSync(join(ROOT, path), join(paths.repository, path), { recursive: true })
  }
  const files: Record<string, string> = {
    '.github/workflows/workflow.yml': request.text,
    'deploy/enable-partitioning.sh': SCRIPT,
    'deploy/rolling-update.sh': SCRIPT,
    'deploy/page.sh': SCRIPT,
    ...request.files,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(paths.repository, path)), { recursive: true })
    writeFileSync(join(paths.repository, path), text, { mode: 0o755 })
  }
  commit(paths.repository)

  const pairs = (flag: string, values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
  const actions = remoteActions(Object.values(files).join('\n'))
  const local = actions.map((uses, index) => {
    if (uses === GATE) return [uses, paths.gate]
    const path = join(home, `stand-in-${index}`)
    mkdirSync(path)
    writeFileSync(join(path, 'action.yml'), standInFor(uses))
    return [uses, path]
  })
  const flags = [
    [request.event, '--json', '--directory', paths.repository],
    ['--workflows', '.github/workflows/workflow.yml', '--action-cache-path', join(home, 'cache')],
    ['--action-offline-mode', '--pull=false', '--no-cache-server'],
    ...['env', 'secret', 'var', 'input'].map((kind) => [`--${kind}-file`, '/dev/null']),
    ...['ubuntu-latest', 'self-hosted'].map((label) => ['-P', `${label}=-self-hosted`]),
    pairs('--local-repository', Object.fromEntries(local)),
    pairs('--var', request.vars),
    pairs('--secret', request.secrets),
    pairs('--input', request.inputs),
    pairs('--env', { E2E_TRACE: trace, E2E_GATE: paths.gate }),
    request.matrix === undefined ? [] : ['--matrix', request.matrix],
  ].flat()
  const log = await capture(act, flags, home)
  return {
    ...readLog(log),
    log,
    trace: existsSync(trace) ? readFileSync(trace, 'utf8').trimEnd().split('\n') : [],
  }
}

function commit(repository: string): void {
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    ['-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost', 'commit', '--quiet', '-m', 'e2e'],
  ]) {
    const { status, stderr } = spawnSync('git', args, { cwd: repository, encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`)
  }
}

/** With a small environment that holds no proxies and no settings of the machine, and this Node.js first on the path. */
async function capture(act: string, flags: readonly string[], home: string): Promise<string> {
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const child = spawn(act, flags, {
    env: { PATH: path, HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  }
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  return log
}

function readLog(log: string): Pick<Run, 'jobs' | 'gates'> {
  const jobs: Record<string, string> = {}
  const gates: Record<string, string> = {}
  for (const text of log.split('\n').filter((line) => line.startsWith('{'))) {
    const line: Line = JSON.parse(text)
    const job = [line.jobID, ...Object.values(line.matrix ?? {})].join(' ')
    if (line.jobResult !== undefined) jobs[job] = line.jobResult
    if (line.command === 'set-output' && line.name === 'all-advertise') gates[job] = line.arg ?? ''
  }
  return { jobs, gates }
}
