import { type Entry, splitName } from './address.ts'
import { hidesEntries, isQuoted } from './pasted.ts'
import { quote } from './quote.ts'

/** An entry with what a problem may say of it. */
export interface WrittenEntry extends Entry {
  /** As it was written. */
  readonly text: string
  /** It may hold user info, and must not be shown. */
  readonly hidden: boolean
  /** Nothing but the end of its line is behind the comma that makes it an entry. */
  readonly trailing: boolean
}

/** The entries of a list, before any of them is read. */
export interface WrittenList {
  readonly entries: readonly WrittenEntry[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Splits a list at new lines and commas. Blank lines and lines that start with `#` are skipped, with a warning where
 * such a line looks as if it had swallowed entries.
 */
export function splitList(text: string): WrittenList {
  if (isQuoted(text)) {
    const problem = 'peers: found quotation marks around the list or its entries, expected none'
    return { entries: [], problems: [problem], warnings: [] }
  }
  const lines = text.split(/\r\n|\r|\n/)
  const isComment = (line: string) => /^\s*#/.test(line)
  return {
    entries: lines
      .filter((line) => !isComment(line) && line.trim() !== '')
      .flatMap((line) => splitLine(line)),
    problems: lines.filter(isComment).flatMap(hiddenBreak),
    warnings: lines.filter(isComment).filter(hidesEntries).map(commentWarning),
  }
}

/** A password may hold a comma, so everything on a line up to its last `@` is hidden. */
function splitLine(line: string): WrittenEntry[] {
  const parts = line.split(',')
  const last = parts.findLastIndex((part) => part.includes('@'))
  return parts.map((part, index) => {
    const text = part.trim()
    const trailing = text === '' && index === parts.length - 1
    return { ...splitName(text), text, hidden: index <= last, trailing }
  })
}

/** What shows as a new line in many an editor and is none here: what stands behind it would be a comment. */
function hiddenBreak(line: string): string[] {
  const [char] = /[\v\f\u0085\u2028\u2029]/.exec(line.trim()) ?? []
  if (char === undefined) return []
  const code = char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return [`peers: found the invisible character U+${code} in a comment, expected new lines only`]
}

function commentWarning(line: string): string {
  const quoted = line.includes('@') ? '' : ` ${quote(line.trim())}`
  return `peers: the comment${quoted} looks as if it held entries; they are not asked. Was a list folded into one line?`
}
