import type { Course, RoundNote } from '../rounds/rounds.ts'
import { formatDuration } from '../shared/duration.ts'
import { cellText } from '../shared/text.ts'
import { STATUSES } from './advice.ts'
import { mark, table } from './markdown.ts'

/** How many changes of one round are shown. */
const MAX_CHANGES = 20

/** How many peers advertised when, and when each came up or fell back, in Markdown: the rounds in which something changed. */
export function courseTable({ notes, notesOmitted }: Course): string {
  const rows = notes.map((note, index) => [
    String(note.round),
    formatDuration(note.atMs),
    `${note.advertising} of ${note.total}`,
    changesCell(note, notes[index - 1]?.membership ?? null),
  ])
  const more = notesOmitted > 0 ? `\n\n${notesOmitted} more rounds with changes are not shown.` : ''
  const head = '### How it went\n\nRounds in which something changed:\n\n'
  return head + table(['Round', 'After', 'Advertise', 'Changed'], rows) + more
}

function changesCell({ changes, membership }: RoundNote, before: RoundNote['membership']): string {
  // At the start every peer is new; who advertises already is not worth a word.
  const told = changes.filter(({ from, to }) => from !== null || to !== 'advertises')
  const shown = told.slice(0, MAX_CHANGES).map(({ name, from, to }) => {
    const before = from === null ? '' : `${STATUSES[from].words} → `
    return `${mark(to)}&nbsp;${cellText(name, 60)} ${before}${STATUSES[to].words}`
  })
  if (told.length > shown.length) shown.push(`and ${told.length - shown.length} more`)
  if (membership !== before) shown.push(`membership ${membership}`)
  return shown.join('<br>')
}
