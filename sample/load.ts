import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The ports on which every address of 127.0.0.0/8 answers; see farm.ts. */
export interface Farm {
  readonly ready: number
  readonly silent: number
  readonly secure: number | null
  /** The Raft listener of all nodes. */
  readonly raft: number | null
  close(): void
}

/**
 * Starts a process with thousands of nodes; with a certificate and a key, both paths, it speaks TLS as well, and with
 * `members=` and a number it has Raft listeners that know so many members.
 */
export async function startFarm(
  ...words: [] | [members: `members=${number}`] | [certificate: string, key: string]
): Promise<Farm> {
  const script = fileURLToPath(new URL('farm.ts', import.meta.url))
  const child = spawn(process.execPath, [script, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ports = await new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`the farm ended with ${code}`)))
    child.stdout.once('data', (line) => resolve(String(line)))
  })
  return { ...JSON.parse(ports), close: () => child.stdin.end() }
}

/** The nth of many loopback addresses, from 0 on. */
export const loopback = (n: number): string =>
  `127.${1 + Math.floor(n / 62_500)}.${Math.floor(n / 250) % 250}.${1 + (n % 250)}`
