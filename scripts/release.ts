/**
 * The steps of a release, each of which may be run again: `check` before anything is built or published, `publish`, which
 * does what is still missing and moves the major tag last, and `verify`, which looks at what users get. The version is
 * `VERSION`, the commit `GITHUB_SHA`. Every problem is told, and each of them fails the step.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { VERSION } from '../src/shared/version.ts'
import { ROOT } from './tools.ts'

/** What is known when a release is asked for. */
export interface Candidate {
  readonly wanted: string
  readonly ref: string
  readonly commit: string
  /** The version in each place that names it. */
  readonly versions: Readonly<Record<string, string>>
  readonly changelog: string
  /** The tags that exist, each with its commit. */
  readonly tags: ReadonlyMap<string, string>
  /** The tree of `.github/workflows` at the commit and on the default branch; null where nothing is to be published. */
  readonly workflows: Readonly<Record<'commit' | 'main', string>> | null
}

/** A release, and the repository that it belongs to. */
export interface Release {
  /** `owner/name` */
  readonly repository: string
  readonly server: string
  readonly version: string
  readonly commit: string
  readonly notes: string
}

/** Runs a program and returns what it wrote; throws with its error output where it fails. */
export type Run = (program: string, ...words: readonly string[]) => string

/** How often `verify` looks, and how long it waits in between: what was just published may not be there at once. */
const LOOKS = 6
const PAUSE_MS = 10_000

/**
 * What is wrong with a release; nothing if it may go out. Its own tag may exist, at the same commit: then an earlier run
 * failed half-way, and this one goes on. Pure.
 */
export function checkRelease(candidate: Candidate): string[] {
  const { wanted, ref, commit, versions, changelog, tags, workflows } = candidate
  const problems: string[] = []
  if (ref !== 'refs/heads/main') problems.push(`found ${ref || 'no ref'}, expected refs/heads/main`)
  const numbers = parseVersion(wanted)
  if (numbers === null) return [...problems, `found version "${wanted}", expected one like 1.2.3`]
  for (const [place, version] of Object.entries(versions)) {
    if (version !== wanted) problems.push(`${place}: found version ${version}, expected ${wanted}`)
  }
  if (notesOf(changelog, wanted) === '') problems.push(`CHANGELOG.md: found no notes for ${wanted}`)
  const own = tags.get(`v${wanted}`) ?? commit
  if (own !== commit) problems.push(`found v${wanted} at ${own}, expected no such tag or ${commit}`)
  // GitHub asks for "workflows: write" then, which the token of a workflow never has: 403, however often it is tried.
  if (!tags.has(`v${wanted}`) && workflows !== null && workflows.commit !== workflows.main) {
    problems.push(
      `main has moved, and its .github/workflows are not those of ${commit}, so the token of this run may not publish it: ` +
        'start the release anew on main; running this one again does not help',
    )
  }
  const newer = [...tags.keys()].filter((tag) => {
    const other = tag.startsWith('v') ? parseVersion(tag.slice(1)) : null
    return other !== null && compare(other, numbers) > 0
  })
  if (newer.length > 0) problems.push(`found ${newer.join(', ')}, expected older releases only`)
  return problems
}

/** The text under the heading of a version, without blanks around it; empty if there is none. */
export function notesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version)
  return section?.replace(/^.*\n?/, '').trim() ?? ''
}

/** The tags in the output of `git ls-remote`, each with its commit, also where the tag is an object of its own. */
export function parseTags(output: string): Map<string, string> {
  const lines = [...output.matchAll(/^([0-9a-f]{40})\trefs\/tags\/(.+?)(\^\{\})?$/gm)]
  // The line with the commit of a tag object follows that of the object, and replaces it.
  return new Map(lines.map(([, commit = '', tag = '']) => [tag, commit]))
}

/** Creates the release unless it is there, and then lets the major tag point to it. Does nothing twice. */
export function publish(release: Release, run: Run): void {
  const { repository, version, commit, notes } = release
  const tag = `v${version}`
  const major = majorOf(version)
  const published = '.[] | select(.draft | not) | .tag_name'
  const releases = run('gh', 'api', '--paginate', `repos/${repository}/releases`, '--jq', published)
  if (!releases.split('\n').includes(tag)) {
    const file = join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'notes.md')
    writeFileSync(file, `${notes}\n`)
    const target = ['--target', commit, '--title', tag, '--notes-file', file]
    run('gh', 'release', 'create', tag, '--repo', repository, ...target)
  }
  const tags = listTags(release, run)
  const found = tags.get(tag)
  if (found !== commit)
    throw new Error(`found ${tag} at ${found ?? 'no commit'}, expected ${commit}`)
  if (tags.get(major) === commit) return
  const refs = `repos/${repository}/git/refs`
  const move = tags.has(major)
    ? ['--method', 'PATCH', `${refs}/tags/${major}`, '-F', 'force=true']
    : ['--method', 'POST', refs, '-f', `ref=refs/tags/${major}`]
  try {
    run('gh', 'api', '--silent', ...move, '-f', `sha=${commit}`)
  } catch (error) {
    const push = `git push --force ${release.server}/${repository} ${commit}:refs/tags/${major}`
    throw new Error(
      `${messageOf(error)}\n${tag} is out, but ${major} has not moved. Run this again. If main has other workflows by now, ` +
        `the token may not move it; do it by hand then, in a clone: ${push}`,
    )
  }
}

/**
 * What is wrong with a release that is out: its tags, that it can never change, and that each of the files that users run
 * is attested, by the release workflow, for this very commit.
 */
export function verifyRelease(release: Release, files: readonly string[], run: Run): string[] {
  const { repository, version, commit } = release
  const tag = `v${version}`
  const problems: string[] = []
  const attempt = (what: () => void) => {
    try {
      what()
    } catch (error) {
      problems.push(messageOf(error))
    }
  }
  attempt(() => {
    const tags = listTags(release, run)
    for (const name of [tag, majorOf(version)]) {
      const found = tags.get(name) ?? 'no commit'
      if (found !== commit) problems.push(`found ${name} at ${found}, expected ${commit}`)
    }
  })
  attempt(() => {
    const view = ['release', 'view', tag, '--repo', repository, '--json', 'isDraft,isImmutable']
    const { isDraft, isImmutable } = JSON.parse(run('gh', ...view))
    if (isDraft !== false) problems.push(`found a draft of ${tag}, expected a release`)
    if (isImmutable !== true) {
      problems.push(`found ${tag} open to changes, expected it immutable: see the settings`)
    }
  })
  const signer = `${repository}/.github/workflows/release.yml`
  for (const file of files) {
    attempt(() => {
      const by = ['--repo', repository, '--signer-workflow', signer, '--source-digest', commit]
      run('gh', 'attestation', 'verify', file, ...by, '--source-ref', 'refs/heads/main')
    })
  }
  return problems
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

type Numbers = readonly [number, number, number]

function parseVersion(text: string): Numbers | null {
  const [, major, minor, patch] = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(text) ?? []
  return patch === undefined ? null : [Number(major), Number(minor), Number(patch)]
}

const compare = (a: Numbers, b: Numbers): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]

const majorOf = (version: string): string => `v${version.split('.')[0]}`

/** As any user sees them; the token is for repositories that are not public. */
function listTags({ server, repository }: Release, run: Run): Map<string, string> {
  const helper = 'credential.helper=!gh auth git-credential'
  return parseTags(run('git', '-c', helper, 'ls-remote', '--tags', `${server}/${repository}`))
}

function runProgram(program: string, ...words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(`${program} ${words.slice(0, 3).join(' ')}: ${error?.message ?? stderr.trim()}`)
}

/** The tree of `.github/workflows` at a commit, or on the default branch. */
function findWorkflows(repository: string, commit: string | null, run: Run): string {
  const path = `repos/${repository}/contents/.github${commit === null ? '' : `?ref=${commit}`}`
  return run('gh', 'api', path, '--jq', '.[] | select(.name == "workflows") | .sha').trim()
}

/** What a step of the release needs of the world. */
export interface World {
  readonly env: NodeJS.ProcessEnv
  readonly run: Run
  /** Waits before `verify` looks again at what is wrong so far. */
  readonly wait: (problems: readonly string[]) => Promise<unknown>
}

/** Runs `check`, `publish` or `verify`, and returns its problems; throws where a program fails. */
export async function runReleaseStep(
  step: string,
  { env, run, wait }: World,
): Promise<readonly string[]> {
  if (!['check', 'publish', 'verify'].includes(step)) {
    return [`found the step "${step}", expected check, publish or verify`]
  }
  const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
  const repository = env['GITHUB_REPOSITORY'] ?? ''
  const commit = env['GITHUB_SHA'] ?? ''
  const version = env['VERSION'] ?? ''
  const changelog = read('CHANGELOG.md')
  const release: Release = {
    repository,
    server: env['GITHUB_SERVER_URL'] ?? '',
    version,
    commit,
    notes: notesOf(changelog, version),
  }
  const problems = checkRelease({
    wanted: version,
    ref: env['GITHUB_REF'] ?? '',
    commit,
    versions: {
      'package.json': JSON.parse(read('package.json')).version,
      'package-lock.json': JSON.parse(read('package-lock.json')).version,
      'src/shared/version.ts': VERSION,
    },
    changelog,
    tags: listTags(release, run),
    workflows:
      step === 'verify'
        ? null
        : {
            commit: findWorkflows(repository, commit, run),
            main: findWorkflows(repository, null, run),
          },
  })
  if (problems.length > 0 || step === 'check') return problems
  if (step === 'publish') {
    publish(release, run)
    return []
  }
  const tracked = run('git', '-C', ROOT, 'ls-files', 'action.yml', 'canary/action.yml', 'dist')
  const files = tracked.trimEnd().split('\n')
  const paths = files.map((path) => join(ROOT, path))
  for (let look = 1; ; look++) {
    const wrong = verifyRelease(release, paths, run)
    if (wrong.length === 0 || look === LOOKS) return wrong
    await wait(wrong)
  }
}

if (import.meta.main) {
  const wait = (problems: readonly string[]) => {
    console.log(`${problems.join('\n')}\nlooking again in ${PAUSE_MS / 1_000} s`)
    return pause(PAUSE_MS)
  }
  const world: World = { env: process.env, run: runProgram, wait }
  const problems = await runReleaseStep(process.argv[2] ?? '', world).catch((error) => [
    messageOf(error),
  ])
  for (const problem of problems) console.log(`::error::${problem.replaceAll('\n', '%0A')}`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
