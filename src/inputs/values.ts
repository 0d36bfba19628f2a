import { parseDuration } from '../shared/duration.ts'
import { isPrintable } from '../shared/text.ts'
import type { InputName } from './known.ts'
import { quote } from './quote.ts'

/** Where the inputs come from. */
export interface Source {
  /** The value of an input, without blanks around it; empty if it is not set. */
  readonly input: (name: InputName) => string
  /** The text of a file; throws if it cannot be read. */
  readonly file: (path: string) => string
  readonly env: NodeJS.ProcessEnv
}

/** Makes readers of single inputs; each adds to `problems` what is wrong, with what was found and what was expected. */
export function makeFields({ input, file }: Source, problems: string[]) {
  /** A duration within bounds that are written alike, in milliseconds. */
  function duration(name: InputName, fallback: string, min: string, max: string): number {
    const text = input(name) || fallback
    const ms = parseDuration(text)
    if (ms === null || ms < (parseDuration(min) ?? 0) || ms > (parseDuration(max) ?? 0)) {
      problems.push(
        `${name}: found ${quote(text)}, expected a duration from ${min} to ${max}, such as 500ms, 3s or 1m30s`,
      )
    }
    return ms ?? 0
  }

  /** A whole number within bounds; not a number if it is none. */
  function integer(name: InputName, fallback: string, min: number, max: number): number {
    const text = input(name) || fallback
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) {
      problems.push(`${name}: found ${quote(text)}, expected a whole number from ${min} to ${max}`)
      return Number.NaN
    }
    return value
  }

  /** `true` or `false`, as YAML writes them. */
  function flag(name: InputName, fallback: boolean): boolean {
    const text = input(name) || String(fallback)
    if (!/^(true|True|TRUE|false|False|FALSE)$/.test(text)) {
      problems.push(`${name}: found ${quote(text)}, expected true or false`)
      return fallback
    }
    return text.toLowerCase() === 'true'
  }

  /** A printable text of up to 100 characters that is no list. */
  function word(name: InputName, fallback: string): string {
    const text = input(name) || fallback
    const found = `${name}: found ${quote(text)}`
    if (!isPrintable(text, 100)) problems.push(`${found}, expected 1 to 100 printable characters`)
    else if (/[,;]/.test(text)) problems.push(`${found}, expected one ${name}, not a list`)
    return text
  }

  /** PEM text, from the input itself or the file that it names; empty if there is none. */
  function pem(name: InputName): string {
    const text = input(name)
    if (text === '' || text.includes('-----BEGIN ')) return text
    try {
      const content = file(text)
      if (content.trim() !== '') return content
      problems.push(`${name}: the file is empty, expected PEM`)
      return ''
    } catch (error) {
      const code = (error as { code?: unknown }).code
      // What is no path may be a key that lost its first line, also one in the wrong input.
      const found = name.startsWith('client-') || /[\r\n]/.test(text) ? '' : ` ${quote(text)}`
      problems.push(
        `${name}: the file${found} cannot be read (${code}), expected PEM text or the path of a PEM file`,
      )
      return ''
    }
  }

  return { duration, flag, integer, pem, word }
}
