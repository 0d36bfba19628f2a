import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../scripts/tools.ts'

const MAX_LINES = 200

/** The rooms of the source in the order of the flow; each may use those before it. */
const ROOMS = ['shared', 'step', 'inputs', 'exchange', 'membership', 'rounds', 'report', 'canary']
/** What stands outside of the rooms: the two entries, and what each of them loads first. */
const OUTSIDE = ['begin-gate.ts', 'gate.ts', 'begin-canary.ts', 'canary.ts']

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

it('has nothing but the rooms and the entries', () => {
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

it('imports in one direction inside a room as well', () => {
  const targets = Map.groupBy(imports, ({ file }) => file)
  const done = new Set<string>()
  const findCycle = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const { target } of targets.get(file) ?? []) {
      const cycle = findCycle(target, [...path, file])
      if (cycle !== undefined) return cycle
    }
    done.add(file)
    return undefined
  }
  expect(files.map((file) => findCycle(file, [])).filter(Boolean)).toEqual([])
})

it.each(files)(`keeps %s within ${MAX_LINES} lines`, (file) => {
  const lines = readFileSync(join(ROOT, 'src', file), 'utf8')
    .trimEnd()
    .split('\n')
  expect(lines.length).toBeLessThanOrEqual(MAX_LINES)
})

it('has the unit tests in the same rooms as what they test', () => {
  const tests = walk('test').filter((file) => ROOMS.includes(dirname(file)))
  const strays = tests.filter((file) => {
    const tested = file.replace(/(\.[a-z]+)?\.test\.ts$/, '.ts')
    return !existsSync(join(ROOT, 'src', tested))
  })
  expect(tests.length).toBeGreaterThan(0)
  expect(strays).toEqual([])
})

it.each(['gate', 'canary'])(
  'begins the step of the %s before anything else is loaded',
  (action) => {
    const [first] = readFileSync(join(ROOT, 'src', `${action}.ts`), 'utf8').split('\n')
    // With a name in it, the formatter would sort the import behind those of packages.
    expect(first).toBe(`import './begin-${action}.ts'`)
    const began = readFileSync(join(ROOT, 'src', `begin-${action}.ts`), 'utf8')
    expect([...began.matchAll(/from '([^']+)'/g)].map(([, path]) => path)).toEqual([
      './step/step.ts',
    ])
  },
)
