import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../scripts/tools.ts'

const MAX_LINES = 120

/** The rooms of the source in the order of the flow; each may use those before it. */
const ROOMS = ['shared', 'inputs', 'exchange', 'membership', 'rounds', 'report']
/** What stands outside of the rooms: the entry, what must hold before it, and how it ends. */
const OUTSIDE = ['main.ts', 'startup.ts', 'crash.ts', 'end.ts']

const walk = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  )
const files = walk('src')
const roomOf = (file: string) => file.split('/').at(-2) ?? ''
const imports = files.flatMap((file) =>
  [
    ...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(
      /(?:\bfrom|\bimport) *\(?'(\.[^']+)'/g,
    ),
  ].map(([, path = '']) => ({ file, target: normalize(join(dirname(file), path)) })),
)

it('has nothing but the rooms and the entry', () => {
  const places = new Set(files.map((file) => (file.includes('/') ? dirname(file) : file)))
  expect([...places].sort()).toEqual([...ROOMS, ...OUTSIDE].sort())
})

it('has a front file in each room', () => {
  for (const room of ROOMS.slice(1)) expect(files, room).toContain(`${room}/${room}.ts`)
})

it('enters a room by its front only', () => {
  const past = imports.filter(({ file, target }) => {
    const room = roomOf(target)
    const front = room === '' || room === 'shared' || target === `${room}/${room}.ts`
    return room !== roomOf(file) && !front
  })
  expect(imports.length).toBeGreaterThan(files.length)
  expect(past).toEqual([])
})

it('imports downwards only', () => {
  const level = (file: string) => (roomOf(file) === '' ? ROOMS.length : ROOMS.indexOf(roomOf(file)))
  expect(imports.filter(({ file, target }) => level(target) > level(file))).toEqual([])
})

it.each(files)('keeps %s within 120 lines', (file) => {
  const lines = readFileSync(join(ROOT, 'src', file), 'utf8')
    .trimEnd()
    .split('\n')
  expect(lines.length).toBeLessThanOrEqual(MAX_LINES)
})

it('has the unit tests in the same rooms as what they test', () => {
  const tests = walk('test').filter((file) => ROOMS.includes(roomOf(file)))
  const strays = tests.filter((file) => {
    const tested = file.replace(/(\.[a-z]+)?\.test\.ts$/, '.ts')
    return !existsSync(join(ROOT, 'src', tested))
  })
  expect(tests.length).toBeGreaterThan(0)
  expect(strays).toEqual([])
})
