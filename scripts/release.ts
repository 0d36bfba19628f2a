/**
 * Checks a release before anything is built or published: `VERSION` is the version of package.json, its lock,
 * src/shared/version.ts and CHANGELOG.md, it is newer than every release, and the run is on main. Writes `tag`, `major` and
 * `notes`, the path of a file with the section of CHANGELOG.md, to GITHUB_OUTPUT. Tells every problem, and fails if
 * there is one.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VERSION } from '../src/shared/version.ts'
import { ROOT } from './tools.ts'

/** What is known when a release is asked for. */
export interface Candidate {
  readonly wanted: string
  readonly ref: string
  /** The version in each place that names it. */
  readonly versions: Readonly<Record<string, string>>
  readonly changelog: string
  /** The tags that exist. */
  readonly tags: readonly string[]
}

/** What is wrong with a release; nothing if it may go out. Pure. */
export function checkRelease({ wanted, ref, versions, changelog, tags }: Candidate): string[] {
  const problems: string[] = []
  if (ref !== 'refs/heads/main') problems.push(`found ${ref || 'no ref'}, expected refs/heads/main`)
  const numbers = parseVersion(wanted)
  if (numbers === null) return [...problems, `found version "${wanted}", expected one like 1.2.3`]
  for (const [place, version] of Object.entries(versions)) {
    if (version !== wanted) problems.push(`${place}: found version ${version}, expected ${wanted}`)
  }
  if (notesOf(changelog, wanted) === '') problems.push(`CHANGELOG.md: found no notes for ${wanted}`)
  const newer = tags.filter((tag) => {
    const other = tag.startsWith('v') ? parseVersion(tag.slice(1)) : null
    return other !== null && compare(other, numbers) >= 0
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

type Numbers = readonly [number, number, number]

function parseVersion(text: string): Numbers | null {
  const [, major, minor, patch] = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(text) ?? []
  return patch === undefined ? null : [Number(major), Number(minor), Number(patch)]
}

const compare = (a: Numbers, b: Numbers): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]

function listTags(): string[] {
  const api = `repos/${process.env['GITHUB_REPOSITORY']}/git/matching-refs/tags/v`
  const { status, stdout, stderr } = spawnSync(
    'gh',
    ['api', '--paginate', api, '--jq', '.[].ref'],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`the tags cannot be listed: ${stderr}`)
  return stdout.split('\n').map((ref) => ref.replace('refs/tags/', ''))
}

function main(): void {
  const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
  const wanted = process.env['VERSION'] ?? ''
  const changelog = read('CHANGELOG.md')
  const problems = checkRelease({
    wanted,
    ref: process.env['GITHUB_REF'] ?? '',
    versions: {
      'package.json': JSON.parse(read('package.json')).version,
      'package-lock.json': JSON.parse(read('package-lock.json')).version,
      'src/shared/version.ts': VERSION,
    },
    changelog,
    tags: listTags(),
  })
  for (const problem of problems) console.log(`::error::${problem}`)
  if (problems.length > 0) {
    process.exitCode = 1
    return
  }
  const notes = join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'notes.md')
  writeFileSync(notes, `${notesOf(changelog, wanted)}\n`)
  const outputs = `tag=v${wanted}\nmajor=v${wanted.split('.')[0]}\nnotes=${notes}\n`
  appendFileSync(process.env['GITHUB_OUTPUT'] ?? '/dev/stdout', outputs)
}

if (import.meta.main) main()
