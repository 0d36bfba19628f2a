import { describe, expect, it } from 'vitest'
import { courseTable } from '../../src/report/progress.ts'
import type { Change, Turn } from '../../src/rounds/turn.ts'
import { makeCourse } from '../support/rounds.ts'

const turn = (round: number, rest: Partial<Turn> = {}): Turn => ({
  round,
  atMs: round * 1_000,
  advertising: 1,
  total: 3,
  leftMs: 0,
  membership: null,
  changes: [],
  ...rest,
})
const tell = (turns: readonly Turn[], turnsOmitted = 0) =>
  courseTable(makeCourse([], { rounds: 99, turns, turnsOmitted }))

describe('the table of a run of several rounds', () => {
  it('tells when each node came up or fell back, and how the membership went along', () => {
    const turns = [
      turn(1, {
        membership: 'unknown',
        changes: [
          { name: 'n1', from: null, to: 'advertises' },
          { name: 'n2', from: null, to: 'legacy' },
          { name: 'n3', from: null, to: 'unhealthy' },
        ],
      }),
      turn(4, {
        advertising: 2,
        membership: 'unknown',
        changes: [
          { name: 'n1', from: 'advertises', to: 'refused' },
          { name: 'n2', from: 'legacy', to: 'advertises' },
        ],
      }),
      turn(95, { advertising: 3, membership: 'complete' }),
    ]
    expect(tell(turns)).toBe(`### How it went

Rounds in which something changed:

| Round | After | Advertise | Changed |
| --- | --- | --- | --- |
| 1 | 1s | 1 of 3 | ❌&nbsp;\`n2\` old binary<br>❗&nbsp;\`n3\` unhealthy<br>membership unknown |
| 4 | 4s | 2 of 3 | ❓&nbsp;\`n1\` ready → connection refused<br>✅&nbsp;\`n2\` old binary → ready |
| 95 | 1m35s | 3 of 3 | membership complete |`)
  })

  it('counts the rounds that it leaves out', () => {
    expect(tell([turn(1), turn(9)], 7)).toMatch(
      /\| 9 \| 9s \| 1 of 3 \|\n\n7 more rounds with changes are not shown\.$/,
    )
  })

  it('shows the first twenty changes of a round, and counts the others', () => {
    const changes = Array.from({ length: 23 }, (_, at): Change => {
      return { name: `n${at + 1}`, from: null, to: 'dns' }
    })
    const cell = (count: number) =>
      tell([turn(1, { changes: changes.slice(0, count) })])
        .split(' | ')
        .at(-1)
        ?.split('<br>')
    expect(cell(20)?.at(-1)).toBe('❓&nbsp;`n20` name look-up failed |')
    expect(cell(23)?.slice(19)).toEqual(['❓&nbsp;`n20` name look-up failed', 'and 3 more |'])
  })
})
