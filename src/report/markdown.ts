import { readinessOf } from '../rounds/rounds.ts'
import type { Status } from '../shared/status.ts'
import { cellText, showFirst } from '../shared/text.ts'
import { STATUSES } from './statuses.ts'

/** How many items of a list are shown. */
const MAX_ITEMS = 50

const MARKS = { ready: '✅', old: '❌', wrong: '❗', unasked: '❓' }

/** The sign of a status, for a reviewer who looks for five seconds: an old node is told from one that could not be asked. */
export const mark = (status: Status): string => MARKS[readinessOf(status)]

/** A status in words behind its sign, which no line break parts. */
export const statusWords = (status: Status): string =>
  `${mark(status)}&nbsp;${STATUSES[status].words}`

/** A list of foreign texts, each as code; past 50 items, the rest is counted. */
export const list = (texts: readonly string[], mark = ''): string =>
  showFirst(texts, MAX_ITEMS, (text) => mark + cellText(text, 500))
    .map((item) => `- ${item}`)
    .join('\n')

/** A table of cells that are Markdown already, and how many rows it lacks; a column that is empty in all rows is left out. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  more = 0,
): string {
  const used = header.map((_, at) => rows.length === 0 || rows.some((cells) => cells[at] !== ''))
  const line = (cells: readonly string[]) => `| ${cells.filter((_, at) => used[at]).join(' | ')} |`
  const lines = [line(header), line(header.map(() => '---')), ...rows.map(line)]
  if (more > 0) lines.push('', `And ${more} more; see the report file (\`report-path\`).`)
  return lines.join('\n')
}
