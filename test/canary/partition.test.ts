import { expect, it } from 'vitest'
import { nameGroups, partitionOf } from '../../src/canary/partition.ts'

// The vectors of the FNV authors (http://www.isthe.com/chongo/tech/comp/fnv/), FNV-1a of 32 bits.
it.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['b', 0xe70c2de5],
  ['foobar', 0xbf9cf968],
])('hashes "%s" as FNV-1a does', (text, hash) => {
  for (const partitions of [2, 4, 8, 16, 32]) {
    expect(partitionOf(text, partitions)).toBe(hash % partitions)
  }
})

it('hashes the bytes of UTF-8, not characters', () => {
  // 0xc3 0xa9, by hand.
  let hash = 0x811c9dc5n
  for (const byte of [0xc3n, 0xa9n]) hash = ((hash ^ byte) * 0x01000193n) & 0xffffffffn
  expect(partitionOf('é', 32)).toBe(Number(hash & 31n))
})

it.each([1, 2, 4, 8, 16, 32])(
  'names a group for each of %i partitions, of this run alone',
  (count) => {
    const groups = nameGroups('run-7', count)
    expect(groups.map((group) => partitionOf(group, count))).toEqual([...Array(count).keys()])
    for (const group of groups) expect(group).toMatch(/^run-7-\d+$/)
    expect(new Set(groups).size).toBe(count)
    for (const group of nameGroups('run-8', count)) expect(groups).not.toContain(group)
  },
)
