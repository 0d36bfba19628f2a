/**
 * The gate against an empty Node.js, `curl --parallel` and `wait-on`, all in one run, interleaved, on one list of healthy
 * peers on the loopback, whose servers are a process of their own. Prints a Markdown table of medians. Needs Linux, curl,
 * GNU time and npm, which fetches `wait-on` for the run.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { loopback, startFarm } from '../sample/load.ts'
import { BUNDLE } from '../sample/runner.ts'

const SIZES = [1, 10, 100, 1_000, 5_000]
const GROWTH = [1_000, 2_000, 5_000, 10_000, 20_000]
const RUNS = 9

interface Sample {
  readonly status: number | null
  readonly wallMs: number
  readonly cpuMs: number
  readonly memoryKiB: number
}
interface Command {
  readonly name: string
  readonly argv: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-bench-'))
const farm = await startFarm()
execFileSync('npm', ['install', '--prefix', folder, '--no-save', 'wait-on@9.5.1'], {
  stdio: 'ignore',
})
const file = (name: string, text = ''): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const addresses = (count: number, port: number) =>
  Array.from({ length: count }, (_, n) => `${loopback(n)}:${port}`)

/** Sets a list that is too long for the environment of a new process from inside it. */
const preload = file(
  'preload.mjs',
  `import { readFileSync } from 'node:fs'
process.env.INPUT_PEERS = readFileSync(process.env.PEERS_FILE, 'utf8')`,
)

function gate(peers: readonly string[], timeout = '3s'): Command {
  const env = {
    GITHUB_OUTPUT: file('output'),
    GITHUB_STEP_SUMMARY: file('summary'),
    RUNNER_TEMP: folder,
    INPUT_TIMEOUT: timeout,
  }
  const list = peers.join('\n')
  return list.length < 125_000
    ? { name: 'gate', argv: [process.execPath, BUNDLE], env: { ...env, INPUT_PEERS: list } }
    : {
        name: 'gate',
        argv: [process.execPath, '--import', preload, BUNDLE],
        env: { ...env, PEERS_FILE: file('peers', list) },
      }
}

function rivals(peers: readonly string[]): Command[] {
  const transfers = peers.map((peer) => `url = "http://${peer}/sqs_health"\noutput = "/dev/null"`)
  const curl = file('curl.cfg', ['silent', 'parallel', ...transfers].join('\n'))
  const resources = peers.map((peer) => `http-get://${peer}/sqs_health`)
  const waitOn = file('wait-on.json', JSON.stringify({ resources, interval: 100, timeout: 60_000 }))
  return [
    { name: 'empty Node.js', argv: [process.execPath, '-e', '0'] },
    { name: 'curl --parallel', argv: ['curl', '-H', 'Accept: application/json', '-K', curl] },
    {
      name: 'wait-on',
      argv: [process.execPath, join(folder, 'node_modules/wait-on/bin/wait-on'), '-c', waitOn],
    },
  ]
}

function measure({ argv, env = {} }: Command): Sample {
  const usage = join(folder, 'usage')
  const startedAt = performance.now()
  const { status } = spawnSync('/usr/bin/time', ['-o', usage, '-f', '%U %S %M', ...argv], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'ignore',
  })
  const wallMs = performance.now() - startedAt
  const line = readFileSync(usage, 'utf8').trim().split('\n').at(-1) ?? ''
  const [user = 0, system = 0, memoryKiB = 0] = line.split(' ').map(Number)
  return { status, wallMs, cpuMs: (user + system) * 1_000, memoryKiB }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Runs all commands in turns and returns the samples of each. */
function race(commands: readonly Command[], runs: number): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>(commands.map(({ name }) => [name, []]))
  for (let run = 0; run < runs; run++) {
    for (const command of commands) samples.get(command.name)?.push(measure(command))
  }
  return samples
}

function row(label: string, count: number, samples: readonly Sample[], baseMs: number): string {
  const wallMs = median(samples.map((sample) => sample.wallMs))
  const cpuMs = median(samples.map((sample) => sample.cpuMs))
  const memory = median(samples.map((sample) => sample.memoryKiB)) / 1_024
  const failed = samples.filter(({ status }) => status !== 0).length
  const cells = [count, label, Math.round(wallMs), (wallMs / baseMs).toFixed(2)]
  const status = failed === 0 ? 'all' : `${samples.length - failed} of ${samples.length}`
  return `| ${[...cells, Math.round(cpuMs), Math.round(memory), status].join(' | ')} |`
}

const HEADER = `| peers | command | wall ms | × gate's rival | CPU ms | peak MiB | runs that passed |
| --- | --- | --- | --- | --- | --- | --- |`

const date = new Date().toISOString().slice(0, 10)
const curlVersion = execFileSync('curl', ['--version'], { encoding: 'utf8' }).split(' ')[1]
console.log(
  `${date}, ${cpus().length} × ${cpus()[0]?.model}, Node.js ${process.versions.node}, curl ${curlVersion}, medians of ${RUNS} interleaved runs\n`,
)
console.log(HEADER.replace("gate's rival", 'empty'))
for (const size of SIZES) {
  const peers = addresses(size, farm.ready)
  const samples = race([gate(peers), ...rivals(peers)], RUNS)
  const baseMs = median((samples.get('empty Node.js') ?? []).map(({ wallMs }) => wallMs))
  for (const [name, taken] of samples) console.log(row(name, size, taken, baseMs))
}
console.log(`\nGrowth: the gate alone\n\n${HEADER.replace("gate's rival", '1,000 peers')}`)
let baseMs = 0
for (const size of GROWTH) {
  const taken = race([gate(addresses(size, farm.ready))], 3).get('gate') ?? []
  baseMs ||= median(taken.map(({ wallMs }) => wallMs))
  console.log(row('gate, healthy peers', size, taken, baseMs))
}
for (const [size, timeout] of [
  [2_000, '2s'],
  [20_000, '2s'],
] as const) {
  const half = addresses(size, farm.ready).map((peer, n) => {
    return n % 2 === 0 ? peer : `${peer.split(':')[0]}:${farm.silent}`
  })
  const taken = race([gate(half, timeout)], 3).get('gate') ?? []
  console.log(row(`gate, every second peer silent, timeout ${timeout}`, size, taken, baseMs))
}
const tooLong = addresses(20_000, farm.ready).join('\n')
const { error } = spawnSync('true', { env: { INPUT_PEERS: tooLong } })
console.log(`\nA list of ${tooLong.length} bytes as one environment variable: ${error ?? 'fits'}`)
farm.close()
rmSync(folder, { recursive: true })
