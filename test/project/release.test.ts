import { describe, expect, it } from 'vitest'
import { type Candidate, checkRelease, notesOf } from '../../scripts/release.ts'

const CHANGELOG = '# Changelog\n\n## 1.2.10 (2026-11-23)\n\n- Newest.\n\n## 1.2.1\n\n- Older.\n'

const candidate = (rest: Partial<Candidate> = {}): Candidate => ({
  wanted: '1.2.10',
  ref: 'refs/heads/main',
  versions: { 'package.json': '1.2.10', 'src/shared/version.ts': '1.2.10' },
  changelog: CHANGELOG,
  tags: ['v1.2.9', 'v1.2.1', 'v1', 'v0.9.0', 'v2-draft', ''],
  ...rest,
})

describe('a release', () => {
  it('may go out if everything names its version and it is the newest', () => {
    expect(checkRelease(candidate())).toEqual([])
    expect(checkRelease(candidate({ tags: [] }))).toEqual([])
  })

  it.each<[string, Partial<Candidate>, RegExp]>([
    ['from a branch', { ref: 'refs/heads/fix' }, /refs\/heads\/main/],
    ['with a tag as its version', { wanted: 'v1.2.10' }, /expected one like 1\.2\.3/],
    ['that is a pre-release', { wanted: '1.2.10-rc.1' }, /expected one like 1\.2\.3/],
    ['without version', { wanted: '' }, /expected one like 1\.2\.3/],
    [
      'that a file does not name',
      { versions: { 'package.json': '1.2.9' } },
      /^package\.json: found version 1\.2\.9, expected 1\.2\.10$/,
    ],
    ['without notes', { changelog: '# Changelog\n\n## 1.2.1\n\n- Older.\n' }, /no notes/],
    ['with empty notes', { changelog: '## 1.2.10\n\n## 1.2.1\n\n- Older.\n' }, /no notes/],
    ['that exists', { tags: ['v1.2.10'] }, /^found v1\.2\.10, /],
    ['that is older than another', { tags: ['v1.3.0', 'v2.0.0'] }, /^found v1\.3\.0, v2\.0\.0, /],
  ])('%s may not', (_, rest, problem) => {
    expect(checkRelease(candidate(rest))).toEqual([expect.stringMatching(problem)])
  })

  it('has the notes of its own section', () => {
    expect(notesOf(CHANGELOG, '1.2.10')).toBe('- Newest.')
    expect(notesOf(CHANGELOG, '1.2.1')).toBe('- Older.')
    expect(notesOf(CHANGELOG, '1.2')).toBe('')
  })
})
