import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { read } from '../support/pages.ts'

interface Typing {
  readonly type: string
  readonly separator?: string
  readonly 'list-item'?: Typing
  readonly 'allowed-values'?: readonly string[]
}
type Fields<T> = Readonly<Record<string, T>>

/** The keys that go with each type, by the documentation of github-actions-typing. */
const KEYS: Fields<readonly string[]> = {
  string: [],
  boolean: [],
  integer: [],
  enum: ['allowed-values'],
  list: ['list-item', 'separator'],
}

describe.each(['', 'canary/'])('%saction-types.yml', (folder) => {
  const types: { inputs: Fields<Typing>; outputs: Fields<Typing> } = parse(
    read(`${folder}action-types.yml`),
  )
  const action: {
    inputs: Fields<{ default?: string }>
    outputs: Fields<{ description: string }>
  } = parse(read(`${folder}action.yml`))

  it.each(['inputs', 'outputs'] as const)('has the %s of action.yml, in its order', (kind) => {
    expect(Object.keys(types[kind])).toEqual(Object.keys(action[kind]))
  })

  it('gives each type the keys that go with it', () => {
    for (const [name, { type, ...rest }] of Object.entries({ ...types.inputs, ...types.outputs })) {
      expect(Object.keys(rest).sort(), name).toEqual(KEYS[type])
    }
  })

  it('has the default of each input in its type', () => {
    const forms: Fields<RegExp> = { integer: /^\d+$/, boolean: /^(true|false)$/ }
    for (const [name, { type }] of Object.entries(types.inputs)) {
      const value = action.inputs[name]?.default
      if (value !== undefined) expect(value, name).toMatch(forms[type] ?? /./)
    }
  })

  it('has the values of an output that its description names, and no other', () => {
    for (const [name, { 'allowed-values': values = [] }] of Object.entries(types.outputs)) {
      const words = action.outputs[name]?.description.match(/[a-z-]+/g) ?? []
      expect(words, name).toEqual(expect.arrayContaining([...values]))
    }
  })
})
