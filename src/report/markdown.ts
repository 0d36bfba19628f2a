import type { Status } from '../shared/status.ts'
import { cellText } from '../shared/text.ts'

/** How many items of a list are shown. */
const MAX_ITEMS = 50

/** The sign of a status, for a reviewer who looks for five seconds. */
export const mark = (status: Status) => (status === 'advertises' ? '✅' : '❌')

/** A list of foreign texts, each as code; past 50 items, they are counted. */
export function list(texts: readonly string[], mark = ''): string {
  const items = texts.slice(0, MAX_ITEMS).map((text) => `- ${mark}${cellText(text, 500)}`)
  if (texts.length > items.length) items.push(`- and ${texts.length - items.length} more`)
  return items.join('\n')
}

/** A table of cells that are Markdown already. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}
