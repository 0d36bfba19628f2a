import { expect, it } from 'vitest'
import {
  count,
  describeAll,
  describeScene,
  describeTable,
  type Told,
} from '../../scripts/store/telling.ts'

const good: Told = {
  title: 'one',
  outcome: { seen: 'open', differences: [], log: 'a log' },
  seconds: 1.23,
}
const wrong: Told = {
  title: 'two',
  outcome: { seen: 'open', differences: ['a | <b>'], log: '::error::x\r::error::y\n' },
  seconds: 2,
}
const unplayed: Told = { title: 'three', outcome: { missing: 'elastickv-empty' }, seconds: 0 }

it('is good only if something was played and all of it went as expected', () => {
  expect(count([good, unplayed]).good).toBe(true)
  expect(count([good, wrong]).good).toBe(false)
  expect(count([unplayed]).good).toBe(false)
  expect(count([]).good).toBe(false)
})

it('tells a scene in one line, and below it what differs', () => {
  expect(describeScene(good)).toBe('✓ one: open (1.2 s)')
  expect(describeScene(unplayed)).toBe('– three: not played, elastickv-empty')
  expect(describeScene(wrong).split('\n')).toEqual([
    '✗ two: open (2.0 s)',
    '    a | <b>',
    '    │ ::error::x',
    '    │ ::error::y',
  ])
})

it('ends with how many', () => {
  expect(describeAll([good, unplayed], 61)).toBe('1 scenes in 61 s, all as expected, 1 not played')
  expect(describeAll([good, wrong], 61)).toBe('2 scenes in 61 s, 1 NOT as expected')
  expect(describeAll([], 0)).toBe('no scene has that text in its title')
})

it('makes a table whose cells hold text and nothing else', () => {
  expect(describeTable([wrong, unplayed]).split('\n').slice(2)).toEqual([
    '| ✗ | two | open<br>a \\| &lt;b> | 2.0 s |',
    '| – | three | not played, elastickv-empty | 0.0 s |',
    '',
  ])
})
