/** Shorter values hide nothing, and hiding them would blank out innocent text. In characters. */
const MIN_SECRET = 4
/** The same for a word of a secret, such as the token in `Bearer token`. */
const MIN_PART = 8
/** What the outputs of the gate itself hold: the runner drops the outputs of a job that hold a masked value. */
const PLAIN = /^(true|false|null|open|closed|\d{1,5})$/

const HIDDEN = '***'

/** Whether the runner can be told to mask a secret without losing the outputs of the gate. */
export const isMaskable = (secret: string): boolean =>
  secret.length >= MIN_SECRET && !PLAIN.test(secret)

/**
 * Makes a function that hides secrets in text, as they are and in the encodings in which a peer may echo them:
 * with any of their characters as a JSON or URL escape, in base64 on its own or inside other text, in hexadecimal.
 */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const parts = secrets
    .flatMap((secret) => [secret, ...secret.split(/\s+/).filter((part) => part.length >= MIN_PART)])
    .filter((secret) => secret.length >= MIN_SECRET)
    // The longest first, so that no part of a secret is left over.
    .sort((a, b) => b.length - a.length)
  const forms = [...new Set(parts)].flatMap((secret) => [
    inAnyEscape(secret),
    ...base64Forms(secret).map(inAnyEscape),
    insensitive(Buffer.from(secret).toString('hex')),
  ])
  if (forms.length === 0) return (text) => text
  const pattern = new RegExp(forms.join('|'), 'g')
  return (text) => text.replace(pattern, HIDDEN)
}

const inAnyEscape = (text: string) => [...text].map(anyEscape).join('')

/** A pattern for a character as it is, as `\uXXXX`, after a backslash, or as `%XX`. */
function anyEscape(char: string): string {
  const units = char.split('').map((unit) => `\\\\u${insensitive(hex(unit.charCodeAt(0), 4))}`)
  const bytes = [...Buffer.from(char)].map((byte) => `%${insensitive(hex(byte, 2))}`)
  const blank = char === ' ' ? '|\\+' : ''
  const plain = char.replace(/\W/g, '\\$&')
  return `(?:\\\\?${plain}|${units.join('')}|${bytes.join('')}${blank})`
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')

const insensitive = (digits: string) =>
  digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

/** The characters of base64 that only the secret decides, by its place in a group of three bytes. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 2, 3].flatMap((first, shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes])
    const last = Math.floor((shifted.length * 8) / 6)
    return (['base64', 'base64url'] as const).map((kind) =>
      shifted.toString(kind).slice(first, last),
    )
  })
}
