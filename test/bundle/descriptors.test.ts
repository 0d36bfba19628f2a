import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { answering, GOOD, reply, serve } from '../support/servers.ts'
import { fileOf, runTraced } from '../support/traces.ts'

it.each([
  ['healthy', 'advertises', answering(reply(GOOD)), '10s'],
  ['silent', 'timeout', () => undefined, '300ms'],
] as const)(
  'peers for which no file descriptor is left are unreachable, and say so, among %s ones',
  async (_, status, behave, timeout) => {
    const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-descriptors-'))
    const node = join(folder, 'limited-node')
    const script = `#!/bin/sh\nulimit -n 64\nexec "${process.execPath}" "$@"\n`
    writeFileSync(node, script, { mode: 0o755 })
    await using server = await serve(behave)
    const peers = Array.from({ length: 300 }, (_, n) => `http://${server.address}/${n}`)
    const step = await runTraced({ peers: peers.join('\n'), timeout }, { node })
    rmSync(folder, { recursive: true })
    expect(step.code).toBe(1)
    const rows = fileOf(step).peers
    const starved = rows.filter((row) => row.status === 'unreachable')
    expect(starved.length).toBeGreaterThan(0)
    for (const { error } of starved) expect(error).toContain('no free file descriptor (ulimit -n)')
    expect(new Set(rows.map((row) => row.status))).toEqual(new Set([status, 'unreachable']))
  },
)
