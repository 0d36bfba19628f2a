import { execFileSync } from 'node:child_process'
import type { Run } from '../../scripts/release.ts'

/** What GitHub holds, as far as a release asks for it or changes it. */
export interface GitHub {
  readonly tags: Map<string, string>
  readonly releases: Set<string>
  /** The commit of main. */
  main: string
  /** The tree of `.github/workflows` at each commit; `first` where nothing is said. */
  readonly workflows: Map<string, string>
  immutable: boolean
  /** The files that are attested for a commit, by their path as it was given to `gh`. */
  readonly attested: Map<string, string>
  /** Commands that fail. */
  down: RegExp | null
  /** What was changed, in order. */
  readonly changes: string[]
}

/** A commit that is long over. */
export const OLD = '0'.repeat(40)

/** Tags at one commit. */
export const tagsAt = (commit: string, ...names: string[]): Map<string, string> =>
  new Map(names.map((name) => [name, commit]))

/** A stand-in of GitHub, with an older release unless told otherwise, and main at this commit. */
export const startGitHub = (main: string, rest: Partial<GitHub> = {}): GitHub => ({
  tags: tagsAt(OLD, 'v0.9.0', 'v0'),
  releases: new Set(['v0.9.0']),
  main,
  workflows: new Map(),
  immutable: true,
  attested: new Map(),
  down: null,
  changes: [],
  ...rest,
})

/**
 * Runs `gh` and `git` against the stand-in, with the token of a workflow of `owner/gate`: it may not publish or move a tag
 * to a commit whose workflows are not those of main, and nobody may move the tag of an immutable release.
 */
export function runOn(github: GitHub): Run {
  const option = (words: readonly string[], name: string) => words[words.indexOf(name) + 1] ?? ''
  const field = (words: readonly string[], name: string) =>
    words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const workflowsAt = (commit: string) => github.workflows.get(commit) ?? 'first'
  const setTag = (tag: string, commit: string) => {
    if (workflowsAt(commit) !== workflowsAt(github.main)) {
      throw new Error('HTTP 403: Resource not accessible by integration')
    }
    if (github.immutable && github.releases.has(tag)) throw new Error('HTTP 422: immutable')
    github.tags.set(tag, commit)
  }
  return (program, ...words) => {
    const line = [program, ...words].join(' ')
    if (github.down?.test(line)) throw new Error(`down: ${line}`)
    if (program === 'git' && words.includes('ls-files')) {
      return execFileSync(program, words, { encoding: 'utf8' })
    }
    if (program === 'git' && words.includes('ls-remote')) {
      return [...github.tags].map(([name, commit]) => `${commit}\trefs/tags/${name}\n`).join('')
    }
    const [command, verb = '', subject = ''] = words
    if (command === 'release' && option(words, '--repo') === 'owner/gate') {
      if (verb === 'create') {
        if (github.releases.has(subject)) throw new Error('already exists')
        // The target counts only where the tag is not there yet.
        if (!github.tags.has(subject)) setTag(subject, option(words, '--target'))
        github.releases.add(subject)
        github.changes.push(`release ${subject}`)
        return ''
      }
      if (verb === 'view') {
        if (!github.releases.has(subject)) throw new Error('release not found')
        return JSON.stringify({ isDraft: false, isImmutable: github.immutable })
      }
    }
    if (command === 'attestation' && verb === 'verify') {
      const commit = github.attested.get(subject)
      const asked =
        `--repo owner/gate --signer-workflow owner/gate/.github/workflows/release.yml` +
        ` --source-digest ${commit} --source-ref refs/heads/main`
      if (!line.endsWith(asked)) throw new Error(`no attestation: ${subject}`)
      return ''
    }
    if (line.startsWith('gh api --paginate repos/owner/gate/releases --jq ')) {
      return `${[...github.releases].join('\n')}\n`
    }
    if (command === 'api' && verb.startsWith('repos/owner/gate/contents/.github')) {
      const [, commit = github.main] = verb.split('?ref=')
      return `${workflowsAt(commit)}\n`
    }
    const refs = /^gh api --silent --method (PATCH|POST) repos\/owner\/gate\/git\/refs(\/\S+)? /
    const [, method, path = ''] = refs.exec(line) ?? []
    if (method === undefined) throw new Error(`the stand-in does not know: ${line}`)
    const ref = method === 'PATCH' ? path.slice(1) : field(words, 'ref').replace('refs/', '')
    const tag = ref.replace('tags/', '')
    if (github.tags.has(tag) !== (method === 'PATCH')) throw new Error('HTTP 422: Reference')
    if (method === 'PATCH' && field(words, 'force') !== 'true') throw new Error('HTTP 422: force')
    setTag(tag, field(words, 'sha'))
    github.changes.push(tag)
    return ''
  }
}
