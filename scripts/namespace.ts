import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a namespace has. */
export interface Space {
  /** Addresses beside the loopback's own, added to its device. */
  readonly addresses?: readonly string[]
  /** Networks of which every address leads to the loopback, without being an address of its device. */
  readonly networks?: readonly string[]
  /** Files that hide those of the machine, by path. */
  readonly files?: Readonly<Record<string, string>>
}

/** Root needs no user namespace, and a user namespace has one user only, which some servers do not bear. */
const FLAGS = ['-m', '-n', ...(process.getuid?.() === 0 ? [] : ['-r'])]

/** Runs a program of Node.js in network and mount namespaces of its own, where nothing can be reached but what it starts. */
export function runInNamespace(
  program: readonly string[],
  { addresses = [], networks = [], files = {} }: Space,
  env: NodeJS.ProcessEnv,
  stdio: 'inherit' | 'pipe',
): SpawnSyncReturns<string> {
  const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-space-'))
  const lines = ['ip link set lo up']
  for (const address of addresses) lines.push(`ip addr add ${address} dev lo`)
  for (const network of networks) lines.push(`ip route add local ${network} dev lo`)
  for (const [index, [path, text]] of Object.entries(files).entries()) {
    const file = join(folder, String(index))
    writeFileSync(file, text)
    lines.push(`mount --bind ${file} ${path}`)
  }
  const script = [...lines, 'exec "$@"'].join('\n')
  const command = [...FLAGS, 'sh', '-ec', script, 'sh', process.execPath, ...program]
  const ended = spawnSync('unshare', command, {
    env: { ...process.env, ...env },
    stdio,
    encoding: 'utf8',
  })
  rmSync(folder, { recursive: true })
  return ended
}

/** Why no such namespace can be made on this machine; empty where one can. */
export function findObstacle(): string {
  const setup = 'ip link set lo up && mount --bind /etc/hosts /etc/hosts'
  const { status, error, stderr } = spawnSync('unshare', [...FLAGS, 'sh', '-c', setup])
  if (error === undefined && status === 0) return ''
  return `no network namespace can be made (${error?.message ?? String(stderr).trim()})`
}
