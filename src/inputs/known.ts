import { showText } from '../shared/text.ts'

/** The inputs of action.yml, in its order; a test holds the two together. */
export const INPUT_NAMES = [
  'peers',
  'default-port',
  'timeout',
  'capability',
  'raft-port',
  'expected-peers',
  'wait',
  'interval',
  'stable-rounds',
  'partition-map',
  'headers',
  'ca-certificate',
  'client-certificate',
  'client-key',
  'summary',
] as const

export type InputName = (typeof INPUT_NAMES)[number]

/** How the runner passes an input on: in capitals, with blanks as `_`. */
const PREFIX = 'INPUT_'

/**
 * Finds the inputs that action.yml does not declare, which the runner passes on all the same, also empty ones: a misspelt
 * guard would vanish otherwise. Each problem names the nearest input that there is; values are not told.
 */
export function findUnknownInputs(env: NodeJS.ProcessEnv): readonly string[] {
  const known = new Set(INPUT_NAMES.map((name) => PREFIX + name.toUpperCase()))
  return Object.keys(env)
    .filter((variable) => variable.startsWith(PREFIX) && !known.has(variable))
    .sort()
    .map((variable) => {
      const name = variable.slice(PREFIX.length).toLowerCase()
      return `${showText(name, 60)}: found an unknown input, expected a known one; the nearest is "${nearest(name)}"`
    })
}

/** An input of which the written name is a part, such as `ca-cert`; otherwise the one with the fewest changes. */
function nearest(name: string): InputName {
  const written = name.slice(0, 60).replaceAll('_', '-')
  const distances = INPUT_NAMES.map((known) =>
    known.includes(written) ? 0 : distance(written, known),
  )
  return INPUT_NAMES[distances.indexOf(Math.min(...distances))] ?? 'peers'
}

/** How many characters must be put in, taken out or replaced (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [index, char] of [...from].entries()) {
    const next = [index + 1]
    for (const [at, other] of [...to].entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[at], row[at + 1], row[at]]
      next.push(Math.min(left + 1, above + 1, diagonal + (char === other ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
