import { showText } from '../shared/text.ts'

/** The default of every input, of the gate first, in the order of action.yml; a test holds the two together. */
export const DEFAULTS = {
  peers: '',
  'default-port': '9324',
  timeout: '3s',
  capability: 'htfifo',
  'raft-port': 'none',
  'expected-peers': 'none',
  wait: '0s',
  interval: '5s',
  'stable-rounds': '1',
  'partition-map': 'none',
  headers: '',
  'ca-certificate': '',
  'client-certificate': '',
  'client-key': '',
  summary: 'true',
  queue: 'htfifo-canary.fifo',
  partitions: '',
  messages: '3',
  limit: '60s',
  'access-key-id': '',
  'secret-access-key': '',
  region: 'us-east-1',
  'require-spread': 'false',
} as const

export type InputName = keyof typeof DEFAULTS

/** What guards the gate, with what is expected: an empty one is a problem, because a variable that is not set must take no guard away. */
export const GUARDS: Readonly<Partial<Record<InputName, string>>> = {
  'raft-port': 'a port or several with commas, or "none"',
  'expected-peers': 'a whole number, or "none"',
  'partition-map': 'queue.fifo:N=g0,…,gN-1, or "none"',
  'stable-rounds': 'a whole number such as 1',
}

const NAMES = Object.keys(DEFAULTS) as InputName[]
const FIRST_OF_CANARY = NAMES.indexOf('queue')
const GATE_ONLY: readonly InputName[] = ['wait', 'interval', 'stable-rounds', 'headers']

/** The inputs of the gate, in the order of action.yml. */
export const GATE_INPUT_NAMES: readonly InputName[] = NAMES.slice(0, FIRST_OF_CANARY)

/** The inputs of the canary, in the order of canary/action.yml. */
export const CANARY_INPUT_NAMES: readonly InputName[] = NAMES.filter(
  (name) => !GATE_ONLY.includes(name),
)

/** The variable in which the runner passes an input on: in capitals, with blanks as `_`. */
export const variableOf = (name: InputName): string => PREFIX + name.toUpperCase()
const PREFIX = 'INPUT_'

/**
 * Finds the inputs that the action does not declare, which the runner passes on all the same, also empty ones: a
 * misspelt guard would vanish otherwise. Each problem names the nearest input that there is; values are not shown.
 */
export function findUnknownInputs(
  env: NodeJS.ProcessEnv,
  names: readonly InputName[],
): readonly string[] {
  const known = new Set(names.map(variableOf))
  return Object.keys(env)
    .filter((variable) => variable.startsWith(PREFIX) && !known.has(variable))
    .sort()
    .map((variable) => {
      const name = variable.slice(PREFIX.length).toLowerCase()
      return `${showText(name, 30)}: found an unknown input (the variable ${showText(variable, 36)}, from "with:" or "env:"), expected a known one; the nearest is "${findNearest(name, names)}"`
    })
}

/** An input of which the written name is a part, such as `ca-cert`; otherwise the one that is most alike. */
function findNearest(name: string, names: readonly InputName[]): InputName {
  const written = name.replaceAll('_', '-')
  const likeness = names.map((known) => (known.includes(written) ? 1 : compare(written, known)))
  return names[likeness.indexOf(Math.max(...likeness))] ?? 'peers'
}

/** How alike two names are, from 0 to 1: how many pairs of neighbouring letters they share (Dice's coefficient). */
function compare(one: string, other: string): number {
  const [pairs, others] = [pairsOf(one), pairsOf(other)]
  const shared = [...pairs].filter((pair) => others.has(pair))
  return (2 * shared.length) / (pairs.size + others.size || 1)
}

const pairsOf = (name: string) =>
  new Set(Array.from({ length: name.length }, (_, at) => name.slice(at, at + 2)))
