import { readinessOf } from '../rounds/rounds.ts'
import type { Status } from '../shared/status.ts'
import { cellText } from '../shared/text.ts'
import { STATUSES } from './statuses.ts'

/** How many items of a list are shown. */
const MAX_ITEMS = 50

const MARKS = { ready: '✅', old: '❌', wrong: '❗', unasked: '❓' }

/** The sign of a status, for a reviewer who looks for five seconds: an old node is told from one that could not be asked. */
export const mark = (status: Status): string => MARKS[readinessOf(status)]

/** A status in words behind its sign, which no line break parts. */
export const statusWords = (status: Status): string =>
  `${mark(status)}&nbsp;${STATUSES[status].words}`

/** A list of foreign texts, each as code; past 50 items, they are counted. */
export function list(texts: readonly string[], mark = ''): string {
  const items = texts.slice(0, MAX_ITEMS).map((text) => `- ${mark}${cellText(text, 500)}`)
  if (texts.length > items.length) items.push(`- and ${texts.length - items.length} more`)
  return items.join('\n')
}

/** A table of cells that are Markdown already; a column that is empty in all rows is left out. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = header.map((_, at) => rows.length === 0 || rows.some((cells) => cells[at] !== ''))
  const line = (cells: readonly string[]) => `| ${cells.filter((_, at) => used[at]).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}
