import { describe, expect, it } from 'vitest'
import {
  type Candidate,
  checkRelease,
  notesOf,
  parseTags,
  publish,
  type Release,
  type Run,
  verifyRelease,
} from '../../scripts/release.ts'

const CHANGELOG = '# Changelog\n\n## 1.2.10 (2026-11-23)\n\n- Newest.\n\n## 1.2.1\n\n- Older.\n'
const COMMIT = 'c'.repeat(40)
const OLD = '0'.repeat(40)

const tagsAt = (commit: string, ...names: string[]) => new Map(names.map((name) => [name, commit]))

const candidate = (rest: Partial<Candidate> = {}): Candidate => ({
  wanted: '1.2.10',
  ref: 'refs/heads/main',
  commit: COMMIT,
  versions: { 'package.json': '1.2.10', 'src/shared/version.ts': '1.2.10' },
  changelog: CHANGELOG,
  tags: tagsAt(OLD, 'v1.2.9', 'v1.2.1', 'v1', 'v0.9.0', 'v2-draft', ''),
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

/** What GitHub holds, as far as a release asks for it or changes it; `down` is a command that fails. */
interface Server {
  readonly tags: Map<string, string>
  readonly releases: Set<string>
  immutable: boolean
  readonly attested: Set<string>
  down: RegExp | null
  /** What was changed, in order. */
  readonly changes: string[]
}

const serverWith = (rest: Partial<Server> = {}): Server => ({
  tags: tagsAt(OLD, 'v1.2.9', 'v1'),
  releases: new Set(['v1.2.9']),
  immutable: true,
  attested: new Set(['action.yml', 'dist/index.js']),
  down: null,
  changes: [],
  ...rest,
})

const outcome = (...changes: string[]) => ({ changes, major: COMMIT, own: COMMIT })

function published(server: Server) {
  publish(release, runOn(server))
  return {
    changes: server.changes,
    major: server.tags.get('v1'),
    own: server.tags.get('v1.2.10'),
  }
}

/** Runs `gh` and `git` against a model of the server. */
function runOn(server: Server): Run {
  const option = (words: readonly string[], name: string) => words[words.indexOf(name) + 1] ?? ''
  return (program, ...words) => {
    const line = [program, ...words].join(' ')
    if (server.down?.test(line)) throw new Error(`down: ${line}`)
    if (line.includes('ls-remote')) {
      return [...server.tags].map(([name, commit]) => `${commit}\trefs/tags/${name}\n`).join('')
    }
    if (line.startsWith('gh api --paginate repos/owner/gate/releases ')) {
      return `${[...server.releases].join('\n')}\n`
    }
    const [command, verb, subject = ''] = words
    if (command === 'release' && verb === 'create') {
      if (server.releases.has(subject)) throw new Error('already exists')
      server.releases.add(subject)
      if (!server.tags.has(subject)) server.tags.set(subject, option(words, '--target'))
      server.changes.push(`release ${subject}`)
      return ''
    }
    if (command === 'release' && verb === 'view') {
      if (!server.releases.has(subject)) throw new Error('release not found')
      return JSON.stringify({ isDraft: false, isImmutable: server.immutable })
    }
    if (command === 'attestation') {
      expect(line).toContain(
        '--repo owner/gate --signer-workflow owner/gate/.github/workflows/release.yml' +
          ` --source-digest ${COMMIT} --source-ref refs/heads/main`,
      )
      if (!server.attested.has(subject)) throw new Error(`no attestation: ${subject}`)
      return ''
    }
    expect(line).toMatch(/^gh api --silent --method (PATCH|POST) repos\/owner\/gate\/git\/refs/)
    expect(line).toContain(`sha=${COMMIT}`)
    const moved = line.includes('PATCH') ? 'git/refs/tags/v1 -F force=true' : 'ref=refs/tags/v1'
    expect(line).toContain(moved)
    expect(server.tags.has('v1')).toBe(line.includes('PATCH'))
    server.tags.set('v1', COMMIT)
    server.changes.push('v1')
    return ''
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
  const out = (rest: Partial<Server> = {}) =>
    serverWith({
      tags: tagsAt(COMMIT, 'v1.2.10', 'v1'),
      releases: new Set(['v1.2.10']),
      ...rest,
    })
  const files = ['action.yml', 'dist/index.js']

  it('is as it should be after publishing', () => {
    const server = serverWith()
    publish(release, runOn(server))
    expect(verifyRelease(release, files, runOn(server))).toEqual([])
  })

  it.each<[string, Partial<Server>, RegExp[]]>([
    ['the tags moved', { tags: tagsAt(OLD, 'v1.2.10', 'v1') }, [/v1\.2\.10 at 0/, /v1 at 0/]],
    ['a tag is missing', { tags: tagsAt(COMMIT, 'v1') }, [/^found v1\.2\.10 at no commit/]],
    ['the release can change', { immutable: false }, [/immutable/]],
    ['the release is missing', { releases: new Set() }, [/release not found/]],
    [
      'a file is not attested',
      { attested: new Set(['action.yml']) },
      [/no attestation: dist\/index\.js/],
    ],
    ['nothing can be asked', { down: /./ }, [/ls-remote/, /view/, /action\.yml/, /dist/]],
  ])('is not where %s', (_, rest, problems) => {
    expect(verifyRelease(release, files, runOn(out(rest)))).toEqual(
      problems.map((problem) => expect.stringMatching(problem)),
    )
  })
})
