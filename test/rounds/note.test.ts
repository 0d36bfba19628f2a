import { expect, it } from 'vitest'
import { compare } from '../../src/rounds/note.ts'
import { makeRound } from '../support/rounds.ts'

it('those that are not ready are told first, each in the order of the list', () => {
  const before = makeRound('legacy', 'advertises', 'legacy', 'legacy', 'dns')
  const after = makeRound('advertises', 'legacy', 'advertises', 'legacy', 'timeout')
  const names = (changes: ReturnType<typeof compare>) => changes.map(({ name }) => name)
  expect(names(compare([], after))).toEqual(['n2', 'n4', 'n5', 'n1', 'n3'])
  expect(names(compare(before, after))).toEqual(['n2', 'n5', 'n1', 'n3'])
})
