import { splitName } from './address.ts'
import type { WrittenEntry, WrittenList } from './list.ts'
import { quote } from './quote.ts'

const STRING = /"(?:[^"\\]|\\.)*"/g
const EXPECTED = 'expected ["n1=kv01", "n2=kv02"] or {"n1": "kv01", "n2": "kv02"}'

/** Whether a list is meant as JSON; `[::1]:9324` is an address. */
export const isJson = (text: string): boolean => /^\s*(\{|\[\s*(["'`\u2018-\u201f{[\]]))/.test(text)

/**
 * Reads a list that is written in JSON: an array of entries, or an object of names and addresses, in the order in which
 * they are written. Nothing is dropped in silence: a name that an object holds twice is a problem, and so is a string
 * that would hold several entries. Problems quote no more than a name.
 */
export function readJsonList(text: string): WrittenList {
  const problem = findProblem(text)
  if (problem !== null) return { entries: [], problems: [`peers: ${problem}`], warnings: [] }
  const strings = (text.match(STRING) ?? []).map((quoted): string => JSON.parse(quoted).trim())
  const isArray = text.trimStart().startsWith('[')
  const entries = isArray
    ? strings.map((string) => ({ ...splitName(string), text: string }))
    : pairs(strings).map(([name, address]) => ({ name, address, text: `${name}=${address}` }))
  return {
    entries: entries.map(
      (entry): WrittenEntry => ({ ...entry, hidden: entry.text.includes('@'), trailing: false }),
    ),
    problems: isArray ? [] : findRepeated(pairs(strings).map(([name]) => name)),
    warnings: [],
  }
}

function findProblem(text: string): string | null {
  try {
    JSON.parse(text)
  } catch {
    return `found JSON that is broken, ${EXPECTED}`
  }
  // What is left without the strings tells the shape, and that nothing but strings is in it.
  const shape = text.replace(STRING, '')
  return /^\s*(\[[\s,]*\]|\{[\s,:]*\})\s*$/.test(shape)
    ? null
    : `found JSON that holds something else than strings, ${EXPECTED}`
}

function pairs(strings: readonly string[]): (readonly [string, string])[] {
  return strings.flatMap((string, index) =>
    index % 2 === 0 ? [[string, strings[index + 1] ?? ''] as const] : [],
  )
}

/** JSON.parse would keep the last address of a name and forget the others. */
function findRepeated(names: readonly string[]): string[] {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const name of names) (seen.has(name) ? repeated : seen).add(name)
  return [...repeated].map((name) => {
    const shown = name.includes('@') ? 'a name' : `the name ${quote(name)}`
    return `peers: found ${shown} more than once in the JSON object, expected a name for each address`
  })
}
