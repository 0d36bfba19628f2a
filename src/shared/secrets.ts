/** Shorter values hide nothing, and hiding them would blank out innocent text. In characters. */
const MIN_SECRET = 4
/** The same for a word of a secret, such as the token in `Bearer token`. */
const MIN_WORD = 8
/** This many characters from its beginning are enough to hide what is shown of a secret: an echo may be cut short. */
const MAX_BEGINNING = 32
const HIDDEN = '***'

/** Escapes of URLs, of JSON and of HTML; several of a URL in a row are one character or more in UTF-8. */
const ESCAPES =
  /(?:%[0-9a-f]{2})+|\\(?:u[0-9a-f]{4}|["\\/bfnrt])|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);/gi
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
}

/**
 * Makes a function that hides secrets, and their words of 8 characters or more, in text: in any letter case, as they
 * are, with any of their characters escaped as in a URL, in JSON or in HTML, and in base64 on their own or inside other
 * text. The first 32 characters of a longer form are hidden as well, with all that follows of it. Takes time in
 * proportion to text and secrets. Secrets of fewer than 4 characters are left alone.
 */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const words = secrets.flatMap((secret) =>
    secret.split(/\s+/).filter((word) => word.length >= MIN_WORD),
  )
  const hidden = [...secrets, ...words].filter((secret) => secret.length >= MIN_SECRET)
  const forms = [...new Set(hidden.flatMap(formsOf))].map(makeForm)
  if (forms.length === 0) return (text) => text
  return (text) => {
    const pieces = [{ text: fold(text), origins: null }, decode(text)].flatMap((view) =>
      forms
        .flatMap((form) => findForm(form, view.text))
        .map((span) => toOrigin(span, view.origins)),
    )
    let shown = ''
    let done = 0
    for (const { start, end } of pieces.sort((a, b) => a.start - b.start)) {
      if (start >= done) shown += text.slice(done, start) + HIDDEN
      done = Math.max(done, end)
    }
    return shown + text.slice(done)
  }
}

/** A piece of a text, in UTF-16 units; `end` is behind it. */
interface Span {
  readonly start: number
  readonly end: number
}

function toOrigin({ start, end }: Span, origins: readonly Span[] | null): Span {
  if (origins === null) return { start, end }
  return { start: origins[start]?.start ?? start, end: origins[end - 1]?.end ?? end }
}

/** One spelling for both letter cases of ASCII and for both alphabets of base64; as long as the text itself. */
const fold = (text: string): string =>
  text
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    .replaceAll('-', '+')
    .replaceAll('_', '/')

/** A text without its escapes, folded, and where each of its units comes from; empty if it has no escapes. */
function decode(text: string): { readonly text: string; readonly origins: readonly Span[] } {
  const origins: Span[] = []
  let plain = ''
  let done = 0
  const copy = (end: number) => {
    plain += text.slice(done, end)
    for (let start = done; start < end; start++) origins.push({ start, end: start + 1 })
  }
  for (const { 0: found, index } of text.matchAll(ESCAPES)) {
    const char = decodeEscape(found.toLowerCase())
    copy(index)
    plain += char
    done = index + found.length
    for (let at = 0; at < char.length; at++) origins.push({ start: index, end: done })
  }
  if (done > 0) copy(text.length)
  return { text: fold(plain), origins }
}

function decodeEscape(sequence: string): string {
  if (sequence.startsWith('%')) return Buffer.from(sequence.replaceAll('%', ''), 'hex').toString()
  if (sequence.startsWith('\\')) return JSON.parse(`"${sequence}"`)
  const code = Number(sequence.slice(2, -1).replace('x', '0x'))
  return ENTITIES[sequence] ?? (code <= 0x10ffff ? String.fromCodePoint(code) : '')
}

/** What a peer may echo, folded. Whoever disguises a secret on purpose has it already. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  // The characters of base64 that only the secret decides, by its place in a group of three bytes.
  const base64 = [0, 2, 3].map((first, shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes])
    return fold(shifted.toString('base64').slice(first, Math.floor((shifted.length * 8) / 6)))
  })
  // A secret may hold what looks like an escape, and is searched in texts without them as well.
  return [fold(secret), decode(secret).text, ...base64].filter((form) => form !== '')
}

/** A text to search for, with the length of the longest beginning that each of its beginnings ends with (Knuth, Morris, Pratt). */
interface Form {
  readonly text: string
  readonly overlaps: Int32Array
}

function makeForm(text: string): Form {
  const overlaps = new Int32Array(text.length)
  for (let at = 1, length = 0; at < text.length; at++) {
    while (length > 0 && text[at] !== text[length]) length = overlaps[length - 1] ?? 0
    if (text[at] === text[length]) length++
    overlaps[at] = length
  }
  return { text, overlaps }
}

/** Where a text has a form, or its beginning; those that overlap are one. */
function findForm(form: Form, text: string): Span[] {
  const least = Math.min(form.text.length, MAX_BEGINNING)
  const found: { readonly start: number; end: number }[] = []
  const first = text.indexOf(form.text.slice(0, least))
  for (let at = first, length = 0; first >= 0 && at < text.length; at++) {
    while (length > 0 && text[at] !== form.text[length]) length = form.overlaps[length - 1] ?? 0
    if (text[at] === form.text[length]) length++
    if (length < least) continue
    const last = found.at(-1)
    if (last !== undefined && at - length + 1 < last.end) last.end = at + 1
    else found.push({ start: at - length + 1, end: at + 1 })
  }
  return found
}
