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

const types: { inputs: Fields<Typing>; outputs: Fields<Typing> } = parse(read('action-types.yml'))
const action: { inputs: Fields<{ default?: string }>; outputs: Fields<unknown> } = parse(
  read('action.yml'),
)

/** The keys that go with each type, by the documentation of github-actions-typing. */
const KEYS: Fields<readonly string[]> = {
  string: [],
  boolean: [],
  integer: [],
  enum: ['allowed-values'],
  list: ['list-item', 'separator'],
}

describe.each(['inputs', 'outputs'] as const)('the types of the %s', (kind) => {
  it('are those of action.yml, in its order', () => {
    expect(Object.keys(types[kind])).toEqual(Object.keys(action[kind]))
  })

  it.each(Object.entries(types[kind]))('know the type of %s', (_, { type, ...rest }) => {
    expect(Object.keys(rest).sort()).toEqual(KEYS[type])
  })
})

it('the default of each input is of its type', () => {
  const forms: Fields<RegExp> = { integer: /^\d+$/, boolean: /^(true|false)$/ }
  for (const [name, { type }] of Object.entries(types.inputs)) {
    const value = action.inputs[name]?.default
    if (value !== undefined) expect(value, name).toMatch(forms[type] ?? /./)
  }
})
