import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runReleaseStep } from '../../scripts/release.ts'
import { ROOT } from '../../scripts/tools.ts'
import { VERSION } from '../../src/shared/version.ts'
import { read } from '../support/pages.ts'
import { type GitHub, OLD, runOn, startGitHub, tagsAt } from './github.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
}
interface Job {
  readonly needs?: string
  readonly environment?: string
  readonly permissions: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

const jobs: Readonly<Record<string, Job>> = parse(read('.github/workflows/release.yml')).jobs
const TAG = `v${VERSION}`
const MAJOR = `v${VERSION.split('.')[0]}`
const COMMIT = 'c'.repeat(40)
const NEXT = 'd'.repeat(40)
const ALL = ['approve', 'build', 'publish', 'verify']
const OUT = [`release ${TAG}`, MAJOR]

/**
 * Runs the jobs of release.yml at a commit, from this one on, until one fails: the steps of scripts/release.ts, and what
 * is attested. All other steps are taken to succeed. Returns the job that failed, if one did, and its problems.
 */
async function rehearse(
  github: GitHub,
  commit: string,
  { from = 'approve', before = (_: string) => {} } = {},
): Promise<{ failed: string | null; problems: readonly string[] }> {
  for (const [name, { steps }] of Object.entries(jobs).slice(ALL.indexOf(from))) {
    before(name)
    for (const step of steps) {
      if (step.uses?.startsWith('actions/attest@')) attest(github, commit, step)
      const [, word] = /^node scripts\/release\.ts (\S+)$/.exec(step.run ?? '') ?? []
      if (word === undefined) continue
      expect(step.env).toEqual({
        VERSION: '$' + '{{ inputs.version }}',
        GH_TOKEN: '$' + '{{ github.token }}',
      })
      const env = {
        VERSION,
        GITHUB_REPOSITORY: 'owner/gate',
        GITHUB_SERVER_URL: 'https://git.example',
        GITHUB_REF: 'refs/heads/main',
        GITHUB_SHA: commit,
      }
      const world = { env, run: runOn(github), wait: async () => {} }
      const problems = await runReleaseStep(word, world).catch((error) => [error.message])
      if (problems.length > 0) return { failed: name, problems }
    }
  }
  return { failed: null, problems: [] }
}

function attest(github: GitHub, commit: string, step: Step): void {
  for (const path of globSync(step.with?.['subject-path']?.trim().split('\n') ?? [], {
    cwd: ROOT,
  })) {
    github.attested.set(join(ROOT, path), commit)
  }
}

const good = { failed: null, problems: [] }
const moved = (main: string, workflows: string) => (github: GitHub) => {
  github.main = main
  github.workflows.set(main, workflows)
}

describe('release.yml', () => {
  it('asks for approval once, before anything else, and builds before it publishes', () => {
    expect(Object.keys(jobs)).toEqual(ALL)
    expect(Object.values(jobs).map(({ needs }) => needs)).toEqual([undefined, ...ALL.slice(0, -1)])
    const asking = ALL.filter((name) => jobs[name]?.environment !== undefined)
    expect(asking).toEqual(['approve'])
    expect(jobs['approve']?.environment).toBe('release')
  })

  it('writes in one job only, in which no package runs', () => {
    const writing = ALL.filter((name) => jobs[name]?.permissions['contents'] === 'write')
    expect(writing).toEqual(['publish'])
    const scripts = jobs['publish']?.steps.map(({ run }) => run).filter(Boolean)
    expect(scripts).toEqual(['node scripts/release.ts publish'])
  })
})

describe('a rehearsal of the release', () => {
  it('makes the first release of all', async () => {
    const github = startGitHub(COMMIT, { tags: new Map(), releases: new Set() })
    expect(await rehearse(github, COMMIT)).toEqual(good)
    expect(github).toMatchObject({ changes: OUT, tags: tagsAt(COMMIT, TAG, MAJOR) })
  })

  it('moves the major tag of an older release', async () => {
    const github = startGitHub(COMMIT, { tags: tagsAt(OLD, `${MAJOR}.0.0`, MAJOR) })
    expect(await rehearse(github, COMMIT)).toEqual(good)
    expect(github.changes).toEqual(OUT)
    expect(github.tags.get(MAJOR)).toBe(COMMIT)
  })

  it('is not kept from it by a main that has moved', async () => {
    const github = startGitHub(COMMIT)
    const before = () => moved(NEXT, 'first')(github)
    expect(await rehearse(github, COMMIT, { before })).toEqual(good)
    expect(github.changes).toEqual(OUT)
  })

  it.each(['build', 'publish'])(
    'says to start anew where the workflows of main changed before the job %s, and changes nothing',
    async (job) => {
      const github = startGitHub(COMMIT)
      const before = (name: string) => {
        if (name === job) moved(NEXT, 'second')(github)
      }
      const first = await rehearse(github, COMMIT, { before })
      expect(first).toEqual({
        failed: job,
        problems: [expect.stringMatching(/start the release anew on main; .* does not help$/)],
      })
      expect(await rehearse(github, COMMIT, { from: job })).toEqual(first)
      expect(github.changes).toEqual([])

      expect(await rehearse(github, NEXT)).toEqual(good)
      expect(github.changes).toEqual(OUT)
    },
  )

  it.each([
    ['the release', /release create/, 'publish'],
    ['the major tag', /git\/refs/, 'publish'],
    ['the tags', /ls-remote/, 'build'],
    ['an attestation', /attestation/, 'verify'],
  ])('goes on where %s failed, and does nothing twice', async (_, down, job) => {
    const github = startGitHub(COMMIT, { down })
    expect(await rehearse(github, COMMIT)).toEqual({
      failed: job,
      problems: expect.arrayContaining([expect.stringMatching(/^down: /)]),
    })
    github.down = null
    expect(await rehearse(github, COMMIT, { from: job })).toEqual(good)
    expect(await rehearse(github, COMMIT)).toEqual(good)
    expect(github.changes).toEqual(OUT)
  })

  it('says how the major tag is moved by hand where the workflows of main changed half-way', async () => {
    const github = startGitHub(COMMIT, { down: /git\/refs/ })
    expect(await rehearse(github, COMMIT)).toMatchObject({ failed: 'publish' })
    github.down = null
    moved(NEXT, 'second')(github)
    const { failed, problems } = await rehearse(github, COMMIT, { from: 'publish' })
    const push = `git push --force https://git.example/owner/gate ${COMMIT}:refs/tags/${MAJOR}`
    expect({ failed, problems }).toEqual({
      failed: 'publish',
      problems: [expect.stringMatching(/^HTTP 403: .*\n.* is out, but /)],
    })
    expect(problems[0]?.endsWith(push)).toBe(true)

    github.tags.set(MAJOR, COMMIT)
    expect(await rehearse(github, COMMIT, { from: 'publish' })).toEqual(good)
    expect(github.changes).toEqual([`release ${TAG}`])
  })

  it('attests every file that users run', async () => {
    const github = startGitHub(COMMIT)
    await rehearse(github, COMMIT)
    for (const path of ['action.yml', 'canary/action.yml', 'dist/index.js', 'dist/licenses.txt']) {
      expect(github.attested.get(join(ROOT, path)), path).toBe(COMMIT)
    }
  })

  it('fails at last where the release can be changed', async () => {
    const github = startGitHub(COMMIT, { immutable: false })
    expect(await rehearse(github, COMMIT)).toEqual({
      failed: 'verify',
      problems: [expect.stringMatching(/immutable/)],
    })
  })
})
