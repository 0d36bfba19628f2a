import { readdirSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { loadInputs } from '../../src/inputs/inputs.ts'
import { GATE_INPUT_NAMES } from '../../src/inputs/known.ts'
import { STATUSES } from '../../src/report/advice.ts'
import { REASONS } from '../../src/report/findings.ts'
import { render } from '../../src/report/report.ts'
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

const action: { inputs: Fields; outputs: Fields; runs: { using: string; main: string } } = parse(
  read('action.yml'),
)
const inputNames = Object.keys(action.inputs)
const outputNames = Object.keys(action.outputs)

/** Loads inputs with these values and notes which names the source asks for. */
function load(values: Readonly<Record<string, string>>) {
  const asked = new Set<string>()
  const env = new Proxy(inputEnv(values), {
    get(target, variable) {
      const [, name] = /^INPUT_(.*)$/.exec(String(variable)) ?? []
      if (name !== undefined) asked.add(name.toLowerCase())
      return Reflect.get(target, variable)
    },
  })
  const loaded = loadInputs({ env, file: () => '' })
  return { ...loaded, asked }
}

const peers = '10.0.0.1'
const defaults = Object.fromEntries(
  Object.entries(action.inputs).map(([name, field]) => [name, field.default ?? '']),
)

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

describe('action.yml', () => {
  it('describes every input and output, and runs the bundle', () => {
    for (const [name, { description }] of Object.entries({ ...action.inputs, ...action.outputs })) {
      expect(description, name).toMatch(/^\S.{20,}\.$/s)
    }
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
  })

  it('names the inputs that the source reads', () => {
    expect([...load({ peers }).asked].sort()).toEqual([...inputNames].sort())
  })

  it('names the inputs that the source knows, and no other is taken', () => {
    expect(GATE_INPUT_NAMES).toEqual(inputNames)
  })

  it('requires the inputs without which the source refuses', () => {
    const required = inputNames.filter((name) => action.inputs[name]?.required === true)
    expect(required).toEqual(['peers'])
    expect(load({}).problems).toEqual([expect.stringMatching(/^peers: /)])
    expect(load({ peers }).problems).toEqual([])
  })

  it('has the defaults of the source', () => {
    expect(load({ ...defaults, peers })).toEqual(load({ peers }))
  })

  it('names the outputs that the source sets', () => {
    const nothing = { checkedAt: null, durationMs: 0, warnings: [], course: null, queues: [] }
    const { outputs } = render(refuse(['a problem'], 'htfifo'), nothing)
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
  }
  const open = inputNames.filter((name) => !(name in secret))
  const step: { with: Record<string, string> } = gate.jobs.gate.steps.find(
    ({ id }: { id?: string }) => id === 'gate',
  )

  it.each([
    ['a call', call.inputs],
    ['the form', form],
  ])('takes the inputs of the action as those of %s', (_, fields) => {
    expect(Object.keys(fields)).toEqual([...open, 'runs-on'])
    for (const name of open) {
      const { description, required, default: value } = fields[name] ?? {}
      const expected = action.inputs[name]
      expect({ name, description, required, value }).toEqual({
        name,
        description: expected?.description,
        required: expected?.required,
        value: expected?.default,
      })
    }
  })

  it('takes what is secret as secrets', () => {
    expect(Object.keys(call.secrets)).toEqual(Object.values(secret))
    for (const [name, { description, required }] of Object.entries(secret).map(
      ([input, id]) => [input, call.secrets[id] ?? {}] as const,
    )) {
      expect(description).toBe(action.inputs[name]?.description)
      expect(required).toBe(false)
    }
  })

  it('passes every input on', () => {
    const expected = inputNames.map((name) => {
      const id = secret[name]
      return [name, id === undefined ? `\${{ inputs.${name} }}` : `\${{ secrets.${id} }}`]
    })
    expect(step.with).toEqual(Object.fromEntries(expected))
  })

  it('hands every output on but report-path, whose file stays behind on its runner', () => {
    const handed = outputNames.filter((name) => name !== 'report-path')
    expect(Object.keys(call.outputs)).toEqual(handed)
    for (const name of handed) {
      expect(gate.jobs.gate.outputs[name]).toBe(`\${{ steps.gate.outputs.${name} }}`)
      expect(call.outputs[name]?.value).toBe(`\${{ jobs.gate.outputs.${name} }}`)
      expect(call.outputs[name]?.description).toBe(action.outputs[name]?.description)
    }
  })
})

describe('README.md', () => {
  it('tells every input with its default', () => {
    const rows = tableRows('README.md', ['input', 'default', 'meaning'])
    const told = rows.flatMap((row) =>
      namesIn(row).map((name) => [name, textOf(row[1] ?? { type: 'missing' })]),
    )
    const expected = inputNames.map((name) => {
      const { required, default: value } = action.inputs[name] ?? {}
      return [name, required ? 'required' : (value ?? 'none')]
    })
    expect(told).toEqual(expected)
  })

  it('tells every output', () => {
    const rows = tableRows('README.md', ['output', 'value'])
    expect(rows.flatMap((row) => namesIn(row))).toEqual(outputNames)
  })
})

describe('docs/troubleshooting.md', () => {
  it('has a section for every status and every reason of the membership, named after it', () => {
    const headings = find(parsePage('docs/troubleshooting.md'), 'heading')
    const told = headings.flatMap((heading) => find(heading, 'inlineCode').map(textOf))
    const statuses = Object.keys(STATUSES).filter((status) => status !== 'advertises')
    expect(told).toEqual([...statuses, ...Object.keys(REASONS)])
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

describe('the bundle', () => {
  const files = readdirSync(new URL('../../dist', import.meta.url)).sort()
  const code = files
    .filter((file) => file.endsWith('.js'))
    .map((file) => read(`dist/${file}`))
    .join('\n')
  const licenses = read('dist/licenses.txt').split('\n')

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

  it('names the licence of every package in it', () => {
    // The bundler names the file of each module that it joins with others; those of undici stay apart.
    const joined = code.matchAll(/^.*\bMODULE: \S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\/\S+/gm)
    const names = new Set(['undici', ...[...joined].map(([, name]) => name ?? '')])
    expect(names.size).toBeGreaterThan(2)
    for (const name of names) expect(licenses).toContain(name)
  })

  it('has every file that action.yml, its own module type and its parts need, and no other', () => {
    const parts = code.matchAll(/require__\.e\((?:\/\*[^*]*\*\/ )?(\d+)\)/g)
    const expected = new Set([...parts].map(([, id]) => `${id}.index.js`))
    expect(files).toEqual([...expected, 'index.js', 'licenses.txt', 'package.json'].sort())
    expect(JSON.parse(read('dist/package.json'))).toEqual({ type: 'module' })
  })
})
