import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { ROOT } from '../../scripts/tools.ts'
import { loadCanaryInputs, loadInputs } from '../../src/inputs/inputs.ts'
import { CANARY_INPUT_NAMES, GATE_INPUT_NAMES, GUARDS } from '../../src/inputs/known.ts'
import { REASONS } from '../../src/report/findings.ts'
import { MAX_BLOCKING_BYTES, MAX_REPORT_BYTES, MAX_UNLISTED_BYTES } from '../../src/report/json.ts'
import { NOTHING_POLLED, render } from '../../src/report/report.ts'
import { STATUSES } from '../../src/report/statuses.ts'
import { refuse } from '../../src/rounds/rounds.ts'
import { VERSION } from '../../src/shared/version.ts'
import { inputEnv } from '../support/inputs.ts'
import { find, type Markdown, parsePage, read, textOf } from '../support/pages.ts'

interface Field {
  readonly description?: string
  readonly required?: boolean
  readonly default?: string
  readonly type?: string
  readonly value?: string
}
type Fields = Readonly<Record<string, Field>>
interface Action {
  readonly inputs: Fields
  readonly outputs: Fields
  readonly runs: { readonly using: string; readonly main: string }
}

const action: Action = parse(read('action.yml'))
const canary: Action = parse(read('canary/action.yml'))
const inputNames = Object.keys(action.inputs)
const outputNames = Object.keys(action.outputs)

const peers = '10.0.0.1'

/** The rows under the one table with this heading, each as its cells. */
function tableRows(path: string, heading: readonly string[]): readonly Markdown[][] {
  const tables = find(parsePage(path), 'table').map((table) =>
    find(table, 'tableRow').map((row) => [...(row.children ?? [])]),
  )
  const found = tables.filter(
    ([head]) => JSON.stringify(head?.map(textOf)) === JSON.stringify(heading),
  )
  expect(found, `tables of ${path} with the columns ${heading.join(' | ')}`).toHaveLength(1)
  return found[0]?.slice(1) ?? []
}

/** The names in backticks in the first cell of a row; a row may be about several. */
const namesIn = ([cell]: readonly Markdown[]): string[] =>
  cell === undefined ? [] : find(cell, 'inlineCode').map(textOf)

describe.each([
  ['action.yml', action, 'dist/index.js', GATE_INPUT_NAMES, loadInputs],
  ['canary/action.yml', canary, '../dist/canary/index.js', CANARY_INPUT_NAMES, loadCanaryInputs],
] as const)('%s', (_, { inputs, outputs, runs }, main, known, loadAll) => {
  const names = Object.keys(inputs)
  const defaults = Object.fromEntries(names.map((name) => [name, inputs[name]?.default ?? '']))
  const load = (values: Readonly<Record<string, string>>) =>
    loadAll({ env: inputEnv(values), file: () => '' })
  const isGuard = (name: string) => name in GUARDS

  it('describes every input and output, and runs the bundle', () => {
    for (const [name, { description }] of Object.entries({ ...inputs, ...outputs })) {
      expect(description, name).toMatch(/^\S.{20,}\.$/s)
    }
    expect(runs).toEqual({ using: 'node24', main })
  })

  it('names the inputs that the source knows, and no other is taken', () => {
    expect(known).toEqual(names)
  })

  it('names the inputs that the source reads', () => {
    const asked = new Set<string>()
    const env = new Proxy(inputEnv({ ...defaults, peers }), {
      get(target, variable) {
        const [, name] = /^INPUT_(.*)$/.exec(String(variable)) ?? []
        if (name !== undefined) asked.add(name.toLowerCase())
        return Reflect.get(target, variable)
      },
    })
    expect(loadAll({ env, file: () => '' }).problems).toEqual([])
    expect([...asked].sort()).toEqual([...names].sort())
  })

  it('requires the inputs without which the source refuses', () => {
    expect(names.filter((name) => inputs[name]?.required === true)).toEqual(['peers'])
    expect(load(defaults).problems).toEqual([expect.stringMatching(/^peers: /)])
    expect(load({ ...defaults, peers }).problems).toEqual([])
  })

  it('has the defaults of the source', () => {
    expect(load({ ...defaults, peers })).toEqual(load({ peers }))
  })

  it.each(names.filter((name) => name !== 'peers' && !isGuard(name)))(
    'has the default that the source takes for an empty %s',
    (name) => {
      expect(load({ ...defaults, peers, [name]: '' })).toEqual(load({ ...defaults, peers }))
    },
  )

  it.each(names.filter(isGuard))(
    'has a default for %s, of which an empty value is a problem',
    (name) => {
      expect(inputs[name]?.default).toMatch(/^(none|1)$/)
      expect(load({ ...defaults, peers, [name]: '' }).problems).toEqual([
        expect.stringMatching(new RegExp(`^${name}: `)),
      ])
    },
  )
})

describe('canary/action.yml', () => {
  it('has the inputs of the gate with their defaults, but for waiting, rounds and headers', () => {
    const missing = inputNames.filter((name) => !(name in canary.inputs))
    expect(missing).toEqual(['wait', 'interval', 'stable-rounds', 'headers'])
    for (const name of inputNames.filter((name) => name in canary.inputs)) {
      expect(canary.inputs[name]?.default, name).toBe(action.inputs[name]?.default)
    }
  })
})

describe('action.yml', () => {
  it('names the limits of the outputs, which together fit into what GitHub takes of a job', () => {
    const limits = {
      report: MAX_REPORT_BYTES,
      'blocking-peers': MAX_BLOCKING_BYTES,
      'unlisted-members': MAX_UNLISTED_BYTES,
    }
    for (const [name, bytes] of Object.entries(limits)) {
      expect(action.outputs[name]?.description).toContain(` ${bytes / 1_024} KiB`)
    }
    // 1 MiB of UTF-16; the outputs are ASCII. The short ones have the rest.
    const sum = Object.values(limits).reduce((total, bytes) => total + bytes, 0)
    expect(sum).toBeLessThan(512 * 1_024 - 1_024)
  })

  it('names the outputs that the source sets', () => {
    const { outputs } = render(refuse(['a problem'], 'htfifo'), NOTHING_POLLED, 0)
    const set = [...Object.keys(outputs), 'all-advertise', 'report-path']
    expect(set.sort()).toEqual([...outputNames].sort())
  })

  it.each([
    ['nothing was polled', ''],
    ['a node was polled', '127.0.0.1:1'],
  ])('names the outputs that the bundle sets when %s', async (_, list) => {
    const { outputs } = await runStep({ peers: list })
    expect(Object.keys(outputs).sort()).toEqual([...outputNames].sort())
  })
})

describe('the reusable workflow', () => {
  const gate = parse(read('.github/workflows/gate.yml'))
  const call: { inputs: Fields; outputs: Fields; secrets: Fields } = gate.on.workflow_call
  const form: Fields = gate.on.workflow_dispatch.inputs
  /** A form shows what is typed to everyone who reads the run, so these come as secrets only. */
  const secret: Readonly<Record<string, string>> = {
    headers: 'HTFIFO_GATE_HEADERS',
    'client-key': 'HTFIFO_GATE_CLIENT_KEY',
    'access-key-id': 'HTFIFO_GATE_ACCESS_KEY_ID',
    'secret-access-key': 'HTFIFO_GATE_SECRET_ACCESS_KEY',
  }
  const all = { ...canary.inputs, ...action.inputs }
  const openOnes = (names: readonly string[]) => names.filter((name) => !(name in secret))
  const gateOnes = openOnes(inputNames)
  const canaryOnes = openOnes(Object.keys(canary.inputs)).filter((name) => !gateOnes.includes(name))
  const stepOf = (wanted: string): { with: Record<string, string>; if?: string } =>
    gate.jobs.gate.steps.find(({ id }: { id?: string }) => id === wanted)

  it.each([
    ['a call', call.inputs],
    ['the form', form],
  ])('takes the inputs of both actions as those of %s', (_, fields) => {
    expect(Object.keys(fields)).toEqual([...gateOnes, 'canary', ...canaryOnes, 'runs-on'])
    for (const name of [...gateOnes, ...canaryOnes]) {
      const { description, required, default: value } = fields[name] ?? {}
      const expected = all[name]
      expect({ name, description, required, value }).toEqual({
        name,
        description: expected?.description,
        required: expected?.required,
        value: expected?.default,
      })
    }
  })

  it('has a form that GitHub takes', () => {
    expect(Object.keys(form).length).toBeLessThanOrEqual(25)
  })

  it('takes what is secret as secrets', () => {
    expect(Object.keys(call.secrets)).toEqual(Object.values(secret))
    for (const [input, id] of Object.entries(secret)) {
      const { description, required } = call.secrets[id] ?? {}
      expect(description).toBe(all[input]?.description)
      expect(required).toBe(false)
    }
  })

  it.each([
    ['gate', action],
    ['canary', canary],
  ])('passes every input of the %s on', (id, { inputs }) => {
    const expected = Object.keys(inputs).map((name) => {
      const known = secret[name]
      return [name, known === undefined ? `\${{ inputs.${name} }}` : `\${{ secrets.${known} }}`]
    })
    expect(stepOf(id).with).toEqual(Object.fromEntries(expected))
  })

  it('runs the canary after the gate, and only where it is asked for', () => {
    expect(form['canary']).toMatchObject({ type: 'boolean', default: false })
    expect(stepOf('canary').if).toBe('$' + '{{ inputs.canary }}')
    expect(stepOf('gate').if).toBeUndefined()
    const ids = gate.jobs.gate.steps.map(({ id }: { id?: string }) => id)
    expect(ids.slice(-2)).toEqual(['gate', 'canary'])
  })

  it('hands every output on but report-path, whose file stays behind, and the second report', () => {
    const handed = [
      ...outputNames.map((name) => ['gate', name, action.outputs[name]] as const),
      ...Object.entries(canary.outputs)
        .filter(([name]) => name !== 'report')
        .map(([name, field]) => ['canary', name, field] as const),
    ].filter(([, name]) => name !== 'report-path')
    expect(Object.keys(call.outputs)).toEqual(handed.map(([, name]) => name))
    for (const [step, name, field] of handed) {
      expect(gate.jobs.gate.outputs[name]).toBe(`\${{ steps.${step}.outputs.${name} }}`)
      expect(call.outputs[name]?.value).toBe(`\${{ jobs.gate.outputs.${name} }}`)
      expect(call.outputs[name]?.description).toBe(field?.description)
    }
  })

  it('says to whose runners it can go where one is chosen, at its head and in the recipes', () => {
    const [head = ''] = read('.github/workflows/gate.yml').split('\nname:')
    const { description = '' } = form['runs-on'] ?? {}
    for (const text of [head, description, read('docs/recipes.md')]) {
      expect(text).toMatch(/account,\s(# )?organization or\s(# )?\s*enterprise/)
    }
  })

  it('names the runner that it needs where it is called, where it refuses, and in the recipes', () => {
    const text = read('.github/workflows/gate.yml')
    expect(text.split('2.334.0')).toHaveLength(3)
    expect(read('docs/recipes.md')).toContain('2.334.0')
  })
})

describe.each([
  ['README.md', action],
  ['docs/canary.md', canary],
])('%s', (page, { inputs, outputs }) => {
  it('tells every input with its default', () => {
    const rows = tableRows(page, ['input', 'default', 'meaning'])
    const told = rows.flatMap((row) =>
      namesIn(row).map((name) => [name, textOf(row[1] ?? { type: 'missing' })]),
    )
    const expected = Object.entries(inputs).map(([name, { required, default: value }]) => [
      name,
      required ? 'required' : (value ?? 'none'),
    ])
    expect(told).toEqual(expected)
  })

  it('tells every output', () => {
    const rows = tableRows(page, ['output', 'value'])
    expect(rows.flatMap((row) => namesIn(row))).toEqual(Object.keys(outputs))
  })
})

describe('docs/troubleshooting.md', () => {
  it('has a section for every status, reason of the membership and step of the canary, named after it', () => {
    const headings = find(parsePage('docs/troubleshooting.md'), 'heading')
    const told = headings.flatMap((heading) => find(heading, 'inlineCode').map(textOf))
    const statuses = Object.keys(STATUSES).filter((status) => status !== 'advertises')
    const { step } = parse(read('canary/action-types.yml')).outputs
    const steps: string[] = step['allowed-values'].filter((name: string) => name !== 'done')
    expect(told).toEqual([...statuses, ...Object.keys(REASONS), ...steps])
  })
})

describe('the version', () => {
  it('is the same in package.json, in its lock and in the source', () => {
    expect(JSON.parse(read('package.json')).version).toBe(VERSION)
    expect(JSON.parse(read('package-lock.json')).version).toBe(VERSION)
  })

  it('has a section in CHANGELOG.md', () => {
    expect(read('CHANGELOG.md')).toMatch(
      new RegExp(`^## ${VERSION.replaceAll('.', '\\.')}( |$)`, 'm'),
    )
  })
})

/** The files of a bundle, its code, and the lines of its licences. */
function bundleIn(folder: string) {
  const files = readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()
  const code = files
    .filter((file) => file.endsWith('.js'))
    .map((file) => read(`${folder}/${file}`))
    .join('\n')
  return { files, code, licenses: read(`${folder}/licenses.txt`).split('\n') }
}

describe('the bundle of the gate', () => {
  const { code, licenses } = bundleIn('dist')

  it('holds exactly one copy of undici, and it is the installed version 8', () => {
    expect(JSON.parse(read('node_modules/undici/package.json')).version).toMatch(/^8\./)
    const parser = read('node_modules/undici/lib/llhttp/llhttp_simd-wasm.js')
    const [wasm = ''] = /[\w+/=]{10000,}/.exec(parser) ?? []
    expect(code.split(wasm)).toHaveLength(2)
    // The bundler writes a number for the name of a module, some parentheses, and nothing else differs.
    const plain = (text: string) =>
      text.replaceAll(/(?:__nccwpck_)?require(?:__)?\([^()]*\)|[()]/g, '')
    for (const file of ['client.js', 'client-h1.js']) {
      const [, body = ''] = read(`node_modules/undici/lib/dispatcher/${file}`).split("'use strict'")
      expect(plain(code).split(plain(body).trim()), file).toHaveLength(2)
    }
    expect(licenses.filter((line) => line === 'undici')).toHaveLength(1)
  })

  it('has no second parser of undici, and none is chosen by the environment', async () => {
    const [wasm = ''] = /[\w+/=]{10000,}/.exec(read('node_modules/undici/lib/milo/simd.js')) ?? []
    expect(wasm).not.toBe('')
    expect(code).not.toContain(wasm)
    const node = await startNode('ready')
    onTestFinished(() => node.close())
    const step = await runStep({ peers: node.address }, { env: { UNDICI_USE_MILO: '1' } })
    expect(step).toMatchObject({ code: 0, stderr: '' })
  })

  it('loads nothing of the canary', () => {
    expect(code).not.toMatch(/src\/canary\/|client-sqs/)
  })
})

describe.each(['dist', 'dist/canary'])('the bundle in %s', (folder) => {
  it('names the licence of every package in it', () => {
    const { code, licenses } = bundleIn(folder)
    // The bundler names the file of each module that it joins with others; those of undici stay apart.
    const joined = code.matchAll(/^.*\bMODULE: \S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\/\S+/gm)
    const names = new Set(['undici', ...[...joined].map(([, name]) => name ?? '')])
    expect(names.size).toBeGreaterThan(2)
    for (const name of names) expect(licenses).toContain(name)
  })

  it('has every file that its action, its own module type and its parts need, and no other', () => {
    const { files, code } = bundleIn(folder)
    const parts = code.matchAll(/require__\.e\((?:\/\*[^*]*\*\/ )?(\d+)\)/g)
    const expected = new Set([...parts].map(([, id]) => `${id}.index.js`))
    expect(files).toEqual([...expected, 'index.js', 'licenses.txt', 'package.json'].sort())
    expect(JSON.parse(read(`${folder}/package.json`))).toEqual({ type: 'module' })
  })
})

it('dist holds the two bundles and nothing else', () => {
  const folders = readdirSync(join(ROOT, 'dist'), { withFileTypes: true })
    .filter((entry) => !entry.isFile())
    .map(({ name }) => name)
  expect(folders).toEqual(['canary'])
})
