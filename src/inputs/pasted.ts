import { isPrintable } from '../shared/text.ts'

/** How an "@" may be written; where there is one, user and password may be in front of it. */
export const AT = /@|\uff20|\ufe6b|%40/i

/** What people paste most often: how it looks, and what to say. The first that fits counts. */
const INSTEAD = 'expected a comma or a new line between entries'
const PASTED: readonly (readonly [RegExp, (found: string) => string])[] = [
  [AT, () => 'found user info (an "@"), expected an address without user and password'],
  [
    /\[object \w+\]/,
    (found) => `found "${found}", expected addresses: toJSON(…) or join(…) around a list`,
  ],
  [/\s#|^[^/]*[^/\s]#/, () => 'found "#" behind an entry, expected a comment on a line of its own'],
  [/\\r\\n|\\n|\\r/, (found) => `found "${found}" as plain characters, ${INSTEAD}`],
  [
    /["`\u00ab\u00bb\u2018-\u201f\u2039\u203a]|^'|'$|=\s*'/,
    (found) => `found the quotation mark ${found.trim().slice(-1)}, expected none`,
  ],
  [/[;|]/, (found) => `found "${found}", ${INSTEAD}`],
  [/[\uff0c\u3001\uff1b\uff5c]/, (found) => `found "${found}" (${codePoint(found)}), ${INSTEAD}`],
  [/,/, () => 'found a comma, expected a string for each entry'],
  [/^[-*\u2022]\s/, (found) => `found "${found.trim()} " in front, expected the entry without it`],
  [/\sand\s/i, () => `found "and", ${INSTEAD}`],
  [/^[^\s=]+:\s+\S+$/, () => 'found a blank behind a colon, expected name=address or host:port'],
  [/\s/, () => `found blanks inside an entry, ${INSTEAD} (YAML ">" folds lines)`],
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
  const invisible = AT.test(entry) ? undefined : findInvisible(entry)
  if (invisible !== undefined) return `found the invisible character ${invisible}, expected none`
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

/** The code point of the first character that shows as nothing, tabs aside. */
function findInvisible(text: string): string | undefined {
  const char = [...text].find((one) => one !== '\t' && !isPrintable(one, 1))
  return char === undefined ? undefined : codePoint(char)
}

const codePoint = (char: string) =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
