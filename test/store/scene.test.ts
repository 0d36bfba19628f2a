import { expect, it } from 'vitest'
import { compare } from '../../scripts/store/scene.ts'

const STEP = {
  code: 1,
  stdout: 'polling\n::error::Closed\n',
  stderr: '',
  summary: '',
  outputs: { membership: 'incomplete', rounds: '12' },
}

it('has nothing to say of a step that ended as expected', () => {
  const expected = { code: 1, outputs: { membership: 'incomplete', rounds: /^1\d$/ } } as const
  expect(compare(STEP, { ...expected, log: /^::error/m, noLog: /^::warning/m })).toEqual([])
})

it('tells every difference', () => {
  const outputs = { membership: 'complete', rounds: /^2/, 'queue-left': 'false' }
  expect(compare(STEP, { code: 0, outputs, log: /^::warning/m, noLog: /Closed/ })).toEqual([
    'exit status 1, expected 0',
    'membership is incomplete, expected complete',
    'rounds is 12, expected /^2/',
    'queue-left is not set, expected false',
    'the log lacks /^::warning/m',
    'the log has /Closed/',
  ])
})
