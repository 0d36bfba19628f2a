/**
 * Plays scenes on real clusters of the store: `npm run store -- FOLDER [text]`. FOLDER holds the binaries `elastickv` and
 * `raftadmin` and, for the scenes with older nodes, `elastickv-empty` and `elastickv-legacy`; STORE_SRC is a checkout of the
 * store, for the comparison with its own poller. Prints a line for each scene and ends with 0 only if all went as expected. A
 * text plays only the scenes whose title contains it. Where GITHUB_STEP_SUMMARY is set, a table of the scenes goes there.
 */
import { appendFileSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CANARY_SCENES } from './canary-scenes.ts'
import { GATE_SCENES } from './gate-scenes.ts'
import { buildPoller, describeJudgement, describeSurprise, judgeOddAnswers } from './judge.ts'
import { type Outcome, play } from './stage.ts'

const [folder, text = ''] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: npm run store -- FOLDER [text in the title of a scene]')
  process.exit(1)
}
const binaries = resolve(folder)
const checkout = process.env['STORE_SRC'] ?? ''

interface Part {
  readonly title: string
  /** Why it cannot be played; null if it can. */
  readonly missing: string | null
  readonly play: () => Promise<Outcome>
}

const scenes: Part[] = [...GATE_SCENES, ...CANARY_SCENES].map((scene) => {
  const needed = ['elastickv', 'raftadmin', ...(scene.plan?.nodes ?? [])]
  const missing = needed.find((name) => !existsSync(join(binaries, name)))
  return {
    title: scene.title,
    missing: missing === undefined ? null : `${folder} has no ${missing}`,
    play: () => play(scene, binaries),
  }
})

const judge: Part = {
  title: 'judge: odd answers, as the poller of the store sees them',
  missing: checkout === '' ? 'STORE_SRC is not set' : null,
  async play() {
    const judgements = await judgeOddAnswers(await buildPoller(resolve(checkout)))
    const stricter = judgements.filter(({ stricter }) => stricter !== null)
    for (const one of stricter) console.log(`    ${describeJudgement(one)}`)
    return {
      seen: `${judgements.length} answers, the gate is stricter in ${stricter.length}`,
      differences: judgements.flatMap((one) => describeSurprise(one) ?? []),
      log: '',
    }
  },
}

const chosen = [...scenes, judge].filter(({ title }) => title.includes(text))
const rows: string[] = []
let wrong = chosen.length === 0 ? 1 : 0
let unplayed = 0
const startedAt = performance.now()
for (const part of chosen) {
  const { title, missing } = part
  const from = performance.now()
  const { seen, differences, log }: Outcome =
    missing === null
      ? await part.play().catch((error) => ({ seen: '', differences: [String(error)], log: '' }))
      : { seen: `not played: ${missing}`, differences: [], log: '' }
  const good = differences.length === 0
  const sign = missing !== null ? '–' : good ? '✓' : '✗'
  const seconds = `${((performance.now() - from) / 1_000).toFixed(1)} s`
  console.log(`${sign} ${title}: ${seen} (${seconds})`)
  for (const difference of differences) console.log(`    ${difference}`)
  if (!good) console.log(log.replaceAll(/^/gm, '    │ '))
  rows.push(
    `| ${[sign, title, [seen, ...differences].join('<br>'), seconds].map(cell).join(' | ')} |`,
  )
  if (missing !== null) unplayed++
  else if (!good) wrong++
}

const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
const played = `${chosen.length - unplayed} scenes in ${seconds} s`
const left = unplayed === 0 ? '' : `, ${unplayed} not played`
console.log(`${played}, ${wrong === 0 ? 'all as expected' : `${wrong} NOT as expected`}${left}`)
const summary = process.env['GITHUB_STEP_SUMMARY']
if (summary !== undefined) {
  const head = '| | scene | seen | time |\n| --- | --- | --- | --- |'
  appendFileSync(summary, `${[head, ...rows].join('\n')}\n\n${played}${left}\n`)
}
// Ends what still holds the process, such as a poller that hangs, and all nodes.
process.exit(wrong === 0 ? 0 : 1)

/** Text of the scene as a cell of a table. */
function cell(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').replaceAll('|', '\\|')
}
