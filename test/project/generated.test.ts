import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../scripts/tools.ts'

const FILE = 'src/membership/raft-admin_pb.ts'

it('holds what the .proto generates (npm run generate)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'generated-'))
  try {
    const buf = join(ROOT, 'node_modules/@bufbuild/buf/bin/buf')
    execFileSync(process.execPath, [buf, 'generate', '--output', folder], { cwd: ROOT })
    const text = (root: string) => readFileSync(join(root, FILE), 'utf8')
    expect(text(ROOT)).toBe(text(folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
