import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ROOT } from '../../scripts/tools.ts'

/** A node that writes down its process id and never serves. */
const NODE = `#!${process.execPath}
require('node:fs').appendFileSync(process.env.PIDS, process.pid + '\\n')
setInterval(() => {}, 1000)
process.on('SIGTERM', () => {}).on('SIGINT', () => {})
`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-test-'))
})
afterEach(() => {
  for (const pid of readPids().filter(isRunning)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true })
})

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
  chmodSync(join(folder, name), 0o755)
}

const readPids = () =>
  existsSync(join(folder, 'pids'))
    ? readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number)
    : []

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Runs the script on a folder of binaries, and calls back once three nodes are up. */
async function runStore(onNodes: (pid: number) => void): Promise<number | null> {
  const script = join(ROOT, 'scripts/store/store.ts')
  const temporary = mkdtempSync(join(folder, 'tmp-'))
  const child = spawn(process.execPath, [script, folder, 'three of three'], {
    env: { ...process.env, TMPDIR: temporary, PIDS: join(folder, 'pids') },
    stdio: 'ignore',
  })
  const watch = setInterval(() => {
    if (readPids().length < 3) return
    clearInterval(watch)
    onNodes(child.pid ?? 0)
  }, 50)
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  clearInterval(watch)
  expect(readdirSync(temporary)).toEqual([])
  return code
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('stops all nodes and leaves no file behind after %s', async (signal, code) => {
  write('elastickv', NODE)
  write('raftadmin', NODE)
  expect(await runStore((pid) => process.kill(pid, signal))).toBe(code)
  const pids = readPids()
  expect(pids.length).toBeGreaterThanOrEqual(3)
  // The system takes a moment to take them away.
  await expect.poll(() => pids.filter(isRunning), { timeout: 5_000 }).toEqual([])
})

it('tells a node that ends at once, and fails', async () => {
  write('elastickv', '#!/bin/sh\nexit 3\n')
  write('raftadmin', NODE)
  expect(await runStore(() => {})).toBe(1)
})

it('fails where a binary is missing', async () => {
  write('elastickv', NODE)
  expect(await runStore(() => {})).toBe(1)
  expect(readPids()).toEqual([])
})
