/**
 * Plays scenes on real clusters of the store: `npm run store -- FOLDER [text]`. FOLDER holds the binaries `elastickv` and
 * `raftadmin` and, for the scenes with older nodes, `elastickv-empty` and `elastickv-legacy`; STORE_SRC is a checkout of the
 * store, for the comparison with its own poller. Prints a line for each scene, and ends with 0 only if all went as expected.
 * A text plays only the scenes whose title contains it. Where GITHUB_STEP_SUMMARY is set, a table of the scenes goes there.
 */
import { appendFileSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CANARY_SCENES } from './canary-scenes.ts'
import { GATE_SCENES } from './gate-scenes.ts'
import { compareOddAnswers } from './judge.ts'
import { makeFolder } from './processes.ts'
import { type Outcome, play } from './stage.ts'
import { count, describeAll, describeScene, describeTable, type Told } from './telling.ts'

const [folder = '', text = ''] = process.argv.slice(2)
const binaries = resolve(folder)
const { STORE_SRC: checkout = '', GITHUB_STEP_SUMMARY: summary } = process.env
const lacks = (name: string) => !existsSync(join(binaries, name))
for (const name of ['elastickv', 'raftadmin'].filter(lacks)) {
  console.error(`usage: npm run store -- FOLDER [text]; "${folder}" has no ${name}`)
  process.exit(1)
}
// All that is temporary lies in one folder, which is removed on every way out.
process.env['TMPDIR'] = makeFolder()

interface Part {
  readonly title: string
  /** Why it cannot be played. */
  readonly missing: string | undefined
  readonly play: () => Promise<Outcome>
}

const parts: Part[] = [...GATE_SCENES, ...CANARY_SCENES].map((scene) => ({
  title: scene.title,
  missing: scene.plan?.nodes?.find(lacks),
  play: () => play(scene, binaries),
}))
parts.push({
  title: "judge: odd answers, by the gate and by the store's own poller",
  missing: checkout === '' ? 'STORE_SRC' : undefined,
  play: () => compareOddAnswers(resolve(checkout)),
})

const now = () => performance.now() / 1_000
const startedAt = now()
const told: Told[] = []
for (const { title, missing, play } of parts.filter((part) => part.title.includes(text))) {
  const from = now()
  const outcome = missing === undefined ? await play().catch(asOutcome) : { missing }
  const one = { title, outcome, seconds: now() - from }
  told.push(one)
  console.log(describeScene(one))
}
const last = describeAll(told, now() - startedAt)
console.log(last)
if (summary !== undefined) appendFileSync(summary, `${describeTable(told)}\n${last}\n`)
process.exit(count(told).good ? 0 : 1)

/** A scene that broke off, such as a cluster that does not come up. */
function asOutcome(error: unknown): Outcome {
  return { seen: 'broke off', differences: [String(error)], log: '' }
}
