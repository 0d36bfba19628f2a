import { quote } from '../shared/text.ts'
import { splitName } from './address.ts'

/** One entry of the list, before its address is read. */
export interface Entry {
  /** How a problem names it: by its number, or its key in JSON, and by its text where that can hold no secret. */
  readonly label: string
  /** What is in front of the `=`; null where there is none. */
  readonly name: string | null
  readonly address: string
  /** What is wrong with it before its address is read; null if nothing is. */
  readonly problem: string | null
  /** As it was written. */
  readonly pasted: string
}

/** The entries of a list, before any of them is read. */
export interface WrittenList {
  readonly entries: readonly Entry[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** A list, or its first and its last entry, in quotation marks, of an editor, a chat or a shell. */
const QUOTED =
  /^["'`\u00ab\u00bb\u2018-\u201f\u2039\u203a].*["'`\u00ab\u00bb\u2018-\u201f\u2039\u203a]$/s
/** What stands between the parts of an entry, or of several on one line. */
const SEPARATORS = /[\s=,;|\uff0c\u3001\uff1b\uff5c"'`\u2018-\u201f]|\\[nr]/
const HOST_PORT = /^(?:\[[0-9a-f:.]*\]|[\p{L}\p{M}\p{N}._-]*)(?::\d{0,5})?$/iu

const COMMA_AT_END =
  'empty peer address, found a comma at the end of the list or of a line, expected none'

/** A comment ends at whatever shows as a new line in an editor, so that no node vanishes in it. */
const COMMENT = /^#[^\v\f\u0085\u2028\u2029]*/

/**
 * Splits a list at new lines and commas. Blank lines and lines that start with `#` are skipped, with a warning where
 * such a line looks as if it had swallowed entries.
 */
export function splitList(text: string): WrittenList {
  if (QUOTED.test(text.trim())) {
    const problem = 'peers: found quotation marks around the list or its entries, expected none'
    return { entries: [], problems: [problem], warnings: [] }
  }
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim())
  const comments = lines.filter((line) => line.startsWith('#'))
  const parts = lines
    .map((line) => line.replace(COMMENT, ''))
    .filter((line) => line !== '')
    .flatMap((line) => {
      const texts = line.split(',').map((part) => part.trim())
      // A password may hold a comma, so nothing of its line is shown.
      const shown = texts.every(isPlain)
      return texts.map((text, at) => ({
        text,
        shown,
        problem: text === '' && at === texts.length - 1 ? COMMA_AT_END : null,
      }))
    })
  return {
    entries: parts.map(({ text, shown, problem }, index) => makeEntry(index, text, shown, problem)),
    problems: [],
    warnings: comments.filter(hidesEntries).map((line) => {
      const quoted = isPlain(line.slice(1)) ? ` ${quote(line)}` : ''
      return `peers: the comment${quoted} looks as if it held entries; they are not asked. Was a list folded into one line?`
    }),
  }
}

/**
 * Whether a comment looks as if entries of the list had ended up in it: a `=` and a comma, or several words that look
 * like entries.
 */
function hidesEntries(comment: string): boolean {
  const words = comment.split(/[\s,;|]|\\n/)
  const entries = words.filter((word) => /[^=]=[^=]|[^:]:\d+$|:\/\/./.test(word))
  return entries.length > 1 || (comment.includes('=') && comment.includes(','))
}

/** Whether a list is meant as JSON; `[::1]:9324` is an address. */
export const isJson = (text: string): boolean =>
  /^\s*(\{|\[\s*(["'`\u2018-\u201f{[\]]|(null|true|false|-?\d[\d.]*)\s*[,\]]))/.test(text)

/**
 * Reads a list that is written in JSON: an array of entries, or an object of names and addresses, in the order in which
 * they are written, also those that an object holds twice. Each value that is no string is a problem of its own.
 */
export function readJsonList(text: string): WrittenList {
  try {
    JSON.parse(text)
  } catch {
    const problem =
      'peers: found JSON that is broken, expected ["n1=kv01", "n2=kv02"] or {"n1": "kv01", "n2": "kv02"}'
    return { entries: [], problems: [problem], warnings: [] }
  }
  const isArray = text.trimStart().startsWith('[')
  const values: readonly unknown[] = JSON.parse(isArray ? text : asArray(text))
  const entries = isArray
    ? values.map((value, index) => {
        const string = typeof value === 'string' ? value.trim() : null
        return makeEntry(index, string ?? '', isPlain(string ?? ''), explainValue(value))
      })
    : values.flatMap((key, at) =>
        at % 2 === 0 ? [makePair(at / 2, String(key).trim(), values[at + 1])] : [],
      )
  return { entries, problems: [], warnings: [] }
}

/** A JSON object as an array of its keys and values, because JSON.parse would drop and reorder some of an object. */
function asArray(object: string): string {
  const outer: Readonly<Record<string, string>> = { '{': '[', '}': ']', ':': ',' }
  let depth = 0
  return object.replace(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g, (token) => {
    if (token === '}' || token === ']') depth--
    const isOuter = depth === (token === ':' ? 1 : 0)
    if (token === '{' || token === '[') depth++
    return (isOuter && outer[token]) || token
  })
}

function makePair(index: number, key: string, value: unknown): Entry {
  const address = typeof value === 'string' ? value.trim() : ''
  return {
    label: isPlain(key) && key !== '' ? `entry ${quote(key)}` : `entry ${index + 1}`,
    name: key,
    address,
    problem: explainValue(value),
    pasted: `${key}=${address}`,
  }
}

/** What is wrong with a value in JSON; null for a string. */
function explainValue(value: unknown): string | null {
  if (typeof value === 'string') return null
  const kinds: Readonly<Record<string, string>> = { object: 'an object', number: 'a number' }
  const kind = Array.isArray(value) ? 'an array' : value === null ? null : kinds[typeof value]
  return `found ${kind ?? value}, expected a string with an address`
}

function makeEntry(index: number, text: string, shown: boolean, problem: string | null): Entry {
  const quoted = shown && text !== '' ? ` ${quote(text)}` : ''
  return { label: `entry ${index + 1}${quoted}`, ...splitName(text), problem, pasted: text }
}

/** Whether a text holds hosts and ports only, so that no part of it can be a password, a token or a query. */
function isPlain(text: string): boolean {
  const slashes = text.indexOf('//')
  const [front, behind] =
    slashes < 0 ? [text, ''] : [text.slice(0, slashes), text.slice(slashes + 2)]
  return HOST_PORT.test(behind) && front.split(SEPARATORS).every((part) => HOST_PORT.test(part))
}
