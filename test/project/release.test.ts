import { describe, expect, it } from 'vitest'
import {
  type Candidate,
  checkRelease,
  notesOf,
  parseTags,
  publish,
  type Release,
  verifyRelease,
} from '../../scripts/release.ts'
import { type GitHub, OLD, runOn, startGitHub, tagsAt } from './github.ts'

const CHANGELOG = '# Changelog\n\n## 1.2.10 (2026-11-23)\n\n- Newest.\n\n## 1.2.1\n\n- Older.\n'
const COMMIT = 'c'.repeat(40)

const candidate = (rest: Partial<Candidate> = {}): Candidate => ({
  wanted: '1.2.10',
  ref: 'refs/heads/main',
  commit: COMMIT,
  versions: { 'package.json': '1.2.10', 'src/shared/version.ts': '1.2.10' },
  changelog: CHANGELOG,
  tags: tagsAt(OLD, 'v1.2.9', 'v1.2.1', 'v1', 'v0.9.0', 'v2-draft', ''),
  workflows: { commit: 'first', main: 'first' },
  ...rest,
})

describe('a release', () => {
  it('may go out if everything names its version and it is the newest', () => {
    expect(checkRelease(candidate())).toEqual([])
    expect(checkRelease(candidate({ tags: new Map() }))).toEqual([])
  })

  it('may go on where an earlier run left its tag at the same commit', () => {
    expect(checkRelease(candidate({ tags: tagsAt(COMMIT, 'v1.2.10', 'v1') }))).toEqual([])
  })

  it('whose tag is there needs no more than main had then', () => {
    const tags = tagsAt(COMMIT, 'v1.2.10')
    const workflows = { commit: 'first', main: 'second' }
    expect(checkRelease(candidate({ tags, workflows }))).toEqual([])
    expect(checkRelease(candidate({ workflows: null }))).toEqual([])
  })

  it.each<[string, Partial<Candidate>, RegExp]>([
    [
      'whose workflows are no longer those of main',
      { workflows: { commit: 'first', main: 'second' } },
      /^main has moved, .* c{40}, .*: start the release anew on main;/,
    ],
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
    [
      'that exists at another commit',
      { tags: tagsAt(OLD, 'v1.2.10') },
      /^found v1\.2\.10 at 0{40}/,
    ],
    [
      'that is older than another',
      { tags: tagsAt(COMMIT, 'v1.3.0', 'v2.0.0') },
      /^found v1\.3\.0, v2\.0\.0, /,
    ],
  ])('%s may not', (_, rest, problem) => {
    expect(checkRelease(candidate(rest))).toEqual([expect.stringMatching(problem)])
  })

  it('has the notes of its own section', () => {
    expect(notesOf(CHANGELOG, '1.2.10')).toBe('- Newest.')
    expect(notesOf(CHANGELOG, '1.2.1')).toBe('- Older.')
    expect(notesOf(CHANGELOG, '1.2')).toBe('')
  })
})

it('the commit of a tag is found, also where the tag is an object of its own', () => {
  const [object, commit] = ['a'.repeat(40), 'b'.repeat(40)]
  const output = `${OLD}\trefs/tags/v1\n${object}\trefs/tags/v1.0.0\n${commit}\trefs/tags/v1.0.0^{}\n`
  expect([...parseTags(output)]).toEqual([
    ['v1', OLD],
    ['v1.0.0', commit],
  ])
})

const release: Release = {
  repository: 'owner/gate',
  server: 'https://git.example',
  version: '1.2.10',
  commit: COMMIT,
  notes: '- Newest.',
}

const files = ['action.yml', 'dist/index.js']

const serverWith = (rest: Partial<GitHub> = {}): GitHub =>
  startGitHub(COMMIT, {
    tags: tagsAt(OLD, 'v1.2.9', 'v1'),
    releases: new Set(['v1.2.9']),
    attested: new Map(files.map((file) => [file, COMMIT])),
    ...rest,
  })

const outcome = (...changes: string[]) => ({ changes, major: COMMIT, own: COMMIT })

function published(server: GitHub) {
  publish(release, runOn(server))
  return {
    changes: server.changes,
    major: server.tags.get('v1'),
    own: server.tags.get('v1.2.10'),
  }
}

describe('publishing', () => {
  it('creates the release, and moves the major tag last', () => {
    expect(published(serverWith())).toEqual(outcome('release v1.2.10', 'v1'))
  })

  it('makes the major tag where it is the first of its kind', () => {
    const server = serverWith({ tags: new Map(), releases: new Set() })
    expect(published(server)).toEqual(outcome('release v1.2.10', 'v1'))
  })

  it('goes on after a failure at each step, and does nothing twice', () => {
    for (const down of [/release create/, /ls-remote/, /PATCH/]) {
      const server = serverWith({ down })
      expect(() => publish(release, runOn(server))).toThrow('down: ')
      server.down = null
      expect(published(server)).toEqual(outcome('release v1.2.10', 'v1'))
      expect(published(server)).toEqual(outcome('release v1.2.10', 'v1'))
    }
  })

  it('takes a tag that is there without its release', () => {
    const server = serverWith({ tags: tagsAt(COMMIT, 'v1.2.10') })
    expect(published(server)).toEqual(outcome('release v1.2.10', 'v1'))
  })

  it('leaves the major tag alone where the release is at another commit', () => {
    const server = serverWith({ tags: tagsAt(OLD, 'v1.2.10', 'v1') })
    expect(() => publish(release, runOn(server))).toThrow(`found v1.2.10 at ${OLD}`)
    expect(server.tags.get('v1')).toBe(OLD)
  })
})

describe('what is out', () => {
  const out = (rest: Partial<GitHub> = {}) =>
    serverWith({
      tags: tagsAt(COMMIT, 'v1.2.10', 'v1'),
      releases: new Set(['v1.2.10']),
      ...rest,
    })
  it('is as it should be after publishing', () => {
    const server = serverWith()
    publish(release, runOn(server))
    expect(verifyRelease(release, files, runOn(server))).toEqual([])
  })

  it.each<[string, Partial<GitHub>, RegExp[]]>([
    ['the tags moved', { tags: tagsAt(OLD, 'v1.2.10', 'v1') }, [/v1\.2\.10 at 0/, /v1 at 0/]],
    ['a tag is missing', { tags: tagsAt(COMMIT, 'v1') }, [/^found v1\.2\.10 at no commit/]],
    ['the release can change', { immutable: false }, [/immutable/]],
    ['the release is missing', { releases: new Set() }, [/release not found/]],
    [
      'a file is not attested',
      { attested: tagsAt(COMMIT, 'action.yml') },

      [/no attestation: dist\/index\.js/],
    ],
    ['nothing can be asked', { down: /./ }, [/ls-remote/, /view/, /action\.yml/, /dist/]],
  ])('is not where %s', (_, rest, problems) => {
    expect(verifyRelease(release, files, runOn(out(rest)))).toEqual(
      problems.map((problem) => expect.stringMatching(problem)),
    )
  })
})
