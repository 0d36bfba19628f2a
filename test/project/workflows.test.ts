import { globSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from '../../scripts/tools.ts'
import { read } from '../support/pages.ts'

const slashes = (path: string) => path.replaceAll('\\', '/')
const own = globSync('.github/workflows/*.yml', { cwd: ROOT }).map(slashes).sort()
const examples = globSync('examples/*.yml', { cwd: ROOT }).map(slashes).sort()

interface Step {
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Workflow {
  readonly permissions?: unknown
  readonly concurrency?: unknown
  readonly jobs: Readonly<
    Record<string, { 'timeout-minutes'?: number; permissions?: unknown; steps?: readonly Step[] }>
  >
}

interface Form {
  readonly body: readonly {
    readonly type: string
    readonly id?: string
    readonly attributes: Readonly<Record<string, unknown>>
  }[]
}

const load = (path: string): Workflow => parse(read(path))

/** Every step that comes from another repository, as written, with the comment behind it. */
const remoteUses = (path: string) =>
  [...read(path).matchAll(/uses: *(?!\.\/)(\S+)(?: +# *(.*))?$/gm)].map(([, uses, comment]) => ({
    path,
    uses: uses ?? '',
    comment: comment ?? '',
  }))

describe.each([...own, ...examples])('%s', (path) => {
  it('starts without permissions', () => {
    expect(load(path).permissions).toEqual({})
  })

  it('gives every job a time limit', () => {
    for (const [name, job] of Object.entries(load(path).jobs)) {
      expect(job['timeout-minutes'], name).toBeGreaterThan(0)
    }
  })

  it('leaves no credentials behind where it checks out', () => {
    for (const step of Object.values(load(path).jobs).flatMap(({ steps }) => steps ?? [])) {
      if (!step.uses?.startsWith('actions/checkout@')) continue
      expect(step.with?.['persist-credentials']).toBe(false)
    }
  })

  it('puts no expression into a script', () => {
    for (const { steps = [] } of Object.values(load(path).jobs)) {
      for (const { run = '' } of steps) expect(run).not.toContain('$' + '{{')
    }
  })

  it('pins every action by its full SHA, with the version in a comment', () => {
    for (const { uses, comment } of remoteUses(path)) {
      if (/^OWNER\/htfifo-gate(\/canary)?@v1$/.test(uses)) {
        expect(examples).toContain(path)
        expect(comment).toMatch(/pin the full SHA of a release/)
        continue
      }
      expect(uses).toMatch(/@[0-9a-f]{40}$/)
      expect(comment).toMatch(/^v\d+\.\d+\.\d+$/)
    }
  })

  it('says what a reader needs in its first two lines', () => {
    const [first, second] = read(path).split('\n')
    expect(first).toMatch(own.includes(path) ? /^# Trusts: / : /^# When: /)
    expect(second).toMatch(/^# /)
  })

  it('has a concurrency group, or says why not', () => {
    expect(
      load(path).concurrency !== undefined || read(path).includes('# No concurrency group: '),
    ).toBe(true)
  })
})

it('no example lets the canary, which writes, run for a pull request', () => {
  const forPulls = examples.filter((path) => /^ *(pull_request|merge_group):/m.test(read(path)))
  expect(forPulls).toEqual(['examples/required-check.yml'])
  for (const path of forPulls) expect(read(path)).not.toContain('/canary@')
})

/** Those that run for each push to main. */
const onPush = own.filter((path) => {
  const { on }: { on: { push?: unknown } } = parse(read(path))
  return on.push !== undefined
})

it.each(onPush)('%s has a group for each commit of main, so that none is dropped', (path) => {
  expect(load(path).concurrency).toMatchObject({
    group: expect.stringContaining(
      "github.event_name == 'pull_request' && github.ref || github.sha",
    ),
  })
})

it('there are workflows that run for each push to main', () => {
  expect(onPush.length).toBeGreaterThan(2)
})

it('the same action has the same SHA and version everywhere', () => {
  const versions = new Map<string, Set<string>>()
  for (const { uses, comment } of [...own, ...examples].flatMap(remoteUses)) {
    const [action = '', sha] = uses.split('@')
    const repository = action.split('/').slice(0, 2).join('/')
    versions.set(repository, (versions.get(repository) ?? new Set()).add(`${sha} ${comment}`))
  }
  expect(versions.size).toBeGreaterThan(3)
  for (const [repository, found] of versions) expect([...found], repository).toHaveLength(1)
})

it('ci uploads dist as the source builds it, and not the one that is committed', () => {
  const steps = load('.github/workflows/ci.yml').jobs['everything']?.steps ?? []
  const upload = steps.findIndex(({ uses }) => uses?.startsWith('actions/upload-artifact@'))
  const rebuilt = steps[upload - 1]
  expect(rebuilt?.run).toMatch(/ npm run build$/)
  expect(rebuilt?.if).toBe('$' + '{{ failure() }}')
  expect(steps[upload]?.if).toContain(`failure() && steps.${rebuilt?.id}.outcome == 'success'`)
  expect(steps[upload]?.with).toMatchObject({ path: 'dist/' })
})

it('codeql may read the run that it is in, which private repositories need', () => {
  expect(load('.github/workflows/codeql.yml').jobs['analyze']?.permissions).toMatchObject({
    actions: 'read',
  })
})

const versionsIn = (path: string) =>
  [...read(path).matchAll(/([\w.-]+)(?:@v|==)(\d+\.\d+\.\d+)/g)].map(([, name, version]) => [
    name,
    version,
  ])

it('ci runs the one definition of everything, with the tools at the versions that are written down', () => {
  const { jobs } = load('.github/workflows/ci.yml')
  const scripts = (job: string) => jobs[job]?.steps?.map(({ run }) => run ?? '').join('\n')
  expect(scripts('everything')).toMatch(/ \.ci\/run$/m)
  expect(scripts('platforms')).toMatch(/^npm cit$/m)
  const written = new Map(versionsIn('CONTRIBUTING.md').map(([name, version]) => [name, version]))
  const used = versionsIn('.github/workflows/ci.yml')
  expect(used.map(([name]) => name)).toEqual(['actionlint', 'act', 'zizmor'])
  for (const [name, version] of used) expect(written.get(name), name).toBe(version)
})

describe.each(globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: ROOT }).map(slashes))(
  '%s',
  (path) => {
    it('is a form, or the list of what is beside the forms', () => {
      const form: Form = parse(read(path))
      if (path.endsWith('/config.yml')) {
        expect(Object.keys(form)).toEqual(['blank_issues_enabled', 'contact_links'])
        return
      }
      expect(Object.keys(form)).toEqual(['name', 'description', 'labels', 'body'])
      const fields = form.body.filter(({ type }) => type !== 'markdown')
      expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length)
      for (const { type, attributes } of fields) {
        expect(['input', 'textarea', 'dropdown', 'checkboxes']).toContain(type)
        expect(attributes['label']).toMatch(/\S/)
      }
    })
  },
)

it('the job to require needs every other job of ci, and runs whatever became of them', () => {
  const { jobs }: { jobs: Record<string, { needs?: string[]; if?: string; steps?: Step[] }> } =
    parse(read('.github/workflows/ci.yml'))
  const { ci, ...others } = jobs
  expect(ci?.needs).toEqual(Object.keys(others))
  expect(ci?.if).toBe('$' + '{{ always() }}')
  expect(JSON.stringify(ci?.steps)).toContain(`length == ${Object.keys(others).length}`)
})
