import { isPrintable } from '../shared/text.ts'

/** Every quotation mark that an editor, a chat or a shell may put around a value. */
const QUOTES = '"\'`\u00ab\u00bb\u2018-\u201f\u2039\u203a'
const QUOTED = new RegExp(`^[${QUOTES}].*[${QUOTES}]$`, 's')
const QUOTE = /["`\u00ab\u00bb\u2018-\u201f\u2039\u203a]|^'|'$|=\s*'/

const INSTEAD = 'expected a comma or a new line between entries'

/** What people paste most often: how it looks, and what to say. The first that fits is told. */
const PASTED: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/\s#|^[^/]*[^/\s]#/, () => 'found "#" behind an entry, expected a comment on a line of its own'],
  [/\\r\\n|\\n|\\r/, (found) => `found "${found}" as plain characters, ${INSTEAD}`],
  [QUOTE, (found) => `found the quotation mark ${found.trim().slice(-1)}, expected none`],
  [/[;|]/, (found) => `found "${found}", ${INSTEAD}`],
  [/[\uff0c\u3001\uff1b\uff5c]/, (found) => `found "${found}" (${codePoint(found)}), ${INSTEAD}`],
  [/,/, () => 'found a comma, expected a string for each entry'],
  [/^[-*\u2022]\s/, (found) => `found "${found.trim()} " in front, expected the entry without it`],
  [/\sand\s/i, () => `found "and", ${INSTEAD}`],
  [/^[^\s=]+:\s+\S+$/, () => 'found a blank behind a colon, expected name=address or host:port'],
  [
    /\s/,
    () =>
      'found blanks inside an entry, expected a comma or a new line between two (YAML ">" folds lines)',
  ],
  [
    /^\[[^\]]*$|^[^[]*\]$/,
    () => 'found one bracket without the other, expected none around a list',
  ],
]

/**
 * Finds out what was pasted where an entry is wrong, and says what to write instead; null if it is none of the usual.
 * Quotes nothing but the separators that it knows.
 */
export function explainPasted(entry: string): string | null {
  const invisible = [...entry].find((char) => char !== '\t' && !isPrintable(char, 1))
  if (invisible !== undefined) {
    return `found the invisible character ${codePoint(invisible)}, expected none`
  }
  // Without a pattern, which would walk a long row of blanks once for each of them.
  const at = entry.indexOf('=')
  const tight =
    at < 0 ? entry : `${entry.slice(0, at).trimEnd()}=${entry.slice(at + 1).trimStart()}`
  for (const [pattern, say] of PASTED) {
    const found = pattern.exec(tight)?.[0]
    if (found !== undefined) return say(found)
  }
  return null
}

/** Whether a whole list, or its first and its last entry, stand in quotation marks. */
export const isQuoted = (list: string): boolean => QUOTED.test(list.trim())

/**
 * Whether a comment looks as if entries of the list had ended up in it: a `=` and a comma, or several words that look
 * like entries.
 */
export function hidesEntries(comment: string): boolean {
  const words = comment.split(/[\s,;|]|\\n/)
  const entries = words.filter((word) => /[^=]=[^=]|[^:]:\d+$|:\/\/./.test(word))
  return entries.length > 1 || (comment.includes('=') && comment.includes(','))
}

const codePoint = (char: string) =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
