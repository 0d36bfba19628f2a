import { parseDuration } from '../shared/duration.ts'
import { isPort } from '../shared/ip.ts'
import { isPrintable, quote } from '../shared/text.ts'
import { DEFAULTS, findUnknownInputs, GUARDS, type InputName, variableOf } from './known.ts'

/** Where the inputs come from. */
export interface Source {
  /** The environment of the step, which has each input as `INPUT_NAME`. */
  readonly env: NodeJS.ProcessEnv
  /** The text of a file; throws if it cannot be read. */
  readonly file: (path: string) => string
}

export type Reader = ReturnType<typeof makeReader>

/** Makes readers of single inputs, each of which adds to `problems` what is wrong; inputs with other names are problems. */
export function makeReader({ env, file }: Source, names: readonly InputName[]) {
  const problems = [...findUnknownInputs(env, names)]

  /**
   * The value of an input, without blanks around it; its default if it is empty or not set. The runner sets a variable
   * for each input of action.yml, so an empty one was passed as such, which is a problem for a guard.
   */
  function text(name: InputName): string {
    const value = env[variableOf(name)]?.trim()
    const expected = value === '' ? GUARDS[name] : undefined
    if (expected !== undefined) {
      problems.push(`${name}: found an empty value, expected ${expected} (is a variable not set?)`)
    }
    return value || DEFAULTS[name]
  }

  /** A value that may be left out; null if it says `none`. */
  function optional(name: InputName): string | null {
    const value = text(name)
    return value === 'none' ? null : value
  }

  /** A duration within bounds that are written alike, in milliseconds. */
  function duration(name: InputName, min: string, max: string): number {
    const value = text(name)
    const ms = parseDuration(value)
    if (ms === null || ms < (parseDuration(min) ?? 0) || ms > (parseDuration(max) ?? 0)) {
      problems.push(
        `${name}: found ${quote(value)}, expected a duration from ${min} to ${max}, such as 500ms, 3s or 1m30s`,
      )
    }
    return ms ?? 0
  }

  /** A whole number within bounds; not a number if it is none, or says `none`, which is no problem where that is the default. */
  function integer(name: InputName, min: number, max: number): number {
    const value = text(name)
    const mayBeNone = DEFAULTS[name] === 'none'
    if (mayBeNone && value === 'none') return Number.NaN
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    const expected = `a whole number from ${min} to ${max}${mayBeNone ? ', or "none"' : ''}`
    problems.push(`${name}: found ${quote(value)}, expected ${expected}`)
    return Number.NaN
  }

  /** Ports, separated by commas, none of them twice; empty if the input says `none`. */
  function ports(name: InputName): readonly number[] {
    const value = optional(name)
    if (value === null) return []
    const parts = value.split(',').map((part) => part.trim())
    const wrong = parts.find((part) => !isPort(part))
    const numbers = [...new Set(parts.map(Number))]
    if (wrong === undefined && numbers.length === parts.length) return numbers
    const found = wrong === undefined ? `a port twice in ${quote(value)}` : quote(wrong)
    problems.push(
      `${name}: found ${found}, expected a port from 1 to 65535, or several with commas, or "none"`,
    )
    return []
  }

  /** `true` or `false`, as YAML writes them. */
  function flag(name: InputName): boolean {
    const value = text(name)
    if (!/^(true|True|TRUE|false|False|FALSE)$/.test(value)) {
      problems.push(`${name}: found ${quote(value)}, expected true or false`)
      return DEFAULTS[name] === 'true'
    }
    return value.toLowerCase() === 'true'
  }

  /** A printable text of up to 100 characters that is no list. */
  function word(name: InputName): string {
    const value = text(name)
    const found = `${name}: found ${quote(value)}`
    if (!isPrintable(value, 100)) problems.push(`${found}, expected 1 to 100 printable characters`)
    else if (/[,;]/.test(value)) problems.push(`${found}, expected one ${name}, not a list`)
    return value
  }

  /** PEM text, from the input itself or the file that it names; empty if there is none. */
  function pem(name: InputName): string {
    const value = text(name)
    if (value === '' || value.includes('-----BEGIN ')) return value
    try {
      const content = file(value)
      if (content.trim() !== '') return content
      problems.push(`${name}: the file is empty, expected PEM`)
    } catch (error) {
      const code = (error as { code?: unknown }).code
      // What is no path may be a key that lost its first line, also one in the wrong input.
      const found = name.startsWith('client-') || /[\r\n]/.test(value) ? '' : ` ${quote(value)}`
      problems.push(
        `${name}: the file${found} cannot be read (${code}), expected PEM text or the path of a PEM file`,
      )
    }
    return ''
  }

  /** Two inputs that mean nothing without each other: both or neither. */
  function pair(one: InputName, other: InputName): void {
    const [given, missing] = text(one) === '' ? [other, one] : [one, other]
    if (text(given) !== '' && text(missing) === '') {
      problems.push(`${missing}: found none, expected one, because ${given} is given`)
    }
  }

  return { problems, text, optional, duration, integer, ports, flag, word, pem, pair }
}
