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

/** An input of which the written name is a part, such as `ca-cert`; otherwise the one that is most alike. */
function nearest(name: string): InputName {
  const written = name.slice(0, 60).replaceAll('_', '-')
  const likeness = INPUT_NAMES.map((known) => (known.includes(written) ? 1 : alike(written, known)))
  return INPUT_NAMES[likeness.indexOf(Math.max(...likeness))] ?? 'peers'
}

/** How much of two names is common to both, in its order: from 0 to 1 (longest common subsequence). */
function alike(one: string, other: string): number {
  let row: number[] = []
  for (const char of one) {
    const next = [0]
    for (const [at, rival] of [...other].entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[at], row[at + 1], row[at]]
      next.push(char === rival ? diagonal + 1 : Math.max(left, above))
    }
    row = next
  }
  return (2 * (row.at(-1) ?? 0)) / (one.length + other.length)
}
