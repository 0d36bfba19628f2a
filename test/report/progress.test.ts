import { describe, expect, it } from 'vitest'
import { courseTable } from '../../src/report/progress.ts'
import type { Change, RoundNote } from '../../src/rounds/note.ts'
import { makeCourse } from '../support/rounds.ts'

const note = (round: number, rest: Partial<RoundNote> = {}): RoundNote => ({
  round,
  atMs: round * 1_000,
  advertising: 1,
  total: 3,
  leftMs: 0,
  membership: null,
  changes: [],
  ...rest,
})
const tell = (notes: readonly RoundNote[], notesOmitted = 0) =>
  courseTable(makeCourse([], { rounds: 99, notes, notesOmitted }))

describe('the table of a run of several rounds', () => {
  it('tells when each node came up or fell back, and how the membership went along', () => {
    const notes = [
      note(1, {
        membership: 'unknown',
        changes: [
          { name: 'n1', from: null, to: 'advertises' },
          { name: 'n2', from: null, to: 'legacy' },
          { name: 'n3', from: null, to: 'unhealthy' },
        ],
      }),
      note(4, {
        advertising: 2,
        membership: 'unknown',
        changes: [
          { name: 'n1', from: 'advertises', to: 'refused' },
          { name: 'n2', from: 'legacy', to: 'advertises' },
        ],
      }),
      note(95, { advertising: 3, membership: 'complete' }),
    ]
    expect(tell(notes)).toBe(`### How it went

Rounds in which something changed:

| Round | After | Advertise | Changed |
| --- | --- | --- | --- |
| 1 | 1s | 1 of 3 | ❌&nbsp;\`n2\` old binary<br>❗&nbsp;\`n3\` unhealthy<br>membership unknown |
| 4 | 4s | 2 of 3 | ❓&nbsp;\`n1\` ready → connection refused<br>✅&nbsp;\`n2\` old binary → ready |
| 95 | 1m35s | 3 of 3 | membership complete |`)
  })

  it('counts the rounds that it leaves out', () => {
    expect(tell([note(1), note(9)], 7)).toMatch(
      /\| 9 \| 9s \| 1 of 3 \|\n\n7 more rounds with changes are not shown\.$/,
    )
  })

  it('shows the first twenty changes of a round, and counts the others', () => {
    const changes = Array.from({ length: 23 }, (_, at): Change => {
      return { name: `n${at + 1}`, from: null, to: 'dns' }
    })
    const cell = (count: number) =>
      tell([note(1, { changes: changes.slice(0, count) })])
        .split(' | ')
        .at(-1)
        ?.split('<br>')
    expect(cell(20)?.at(-1)).toBe('❓&nbsp;`n20` name look-up failed |')
    expect(cell(23)?.slice(19)).toEqual(['❓&nbsp;`n20` name look-up failed', 'and 3 more |'])
  })
})
