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
 * text. The first 32 characters of a longer form are hidden as well, with all that follows of it. A text in which escapes
 * held a secret is shown without its escapes. Secrets of fewer than 4 characters are left alone.
 */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const words = secrets.flatMap((secret) =>
    secret.split(/\s+/).filter((word) => word.length >= MIN_WORD),
  )
  const hidden = [...secrets, ...words].filter((secret) => secret.length >= MIN_SECRET)
  const forms = [...new Set(hidden.flatMap(formsOf))]
  if (forms.length === 0) return (text) => text
  return (text) => {
    const plain = decode(text)
    const shown = hide(plain, forms)
    return shown === plain ? hide(text, forms) : shown
  }
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
  return [fold(secret), fold(decode(secret)), ...base64].filter((form) => form !== '')
}

/** One spelling for both letter cases of ASCII and for both alphabets of base64; as long as the text itself. */
const fold = (text: string): string =>
  text
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    .replaceAll('-', '+')
    .replaceAll('_', '/')

/** A text without its escapes. */
const decode = (text: string): string =>
  text.replace(ESCAPES, (found) => decodeEscape(found.toLowerCase()))

function decodeEscape(sequence: string): string {
  if (sequence.startsWith('%')) return Buffer.from(sequence.replaceAll('%', ''), 'hex').toString()
  if (sequence.startsWith('\\')) return JSON.parse(`"${sequence}"`)
  const code = Number(sequence.slice(2, -1).replace('x', '0x'))
  return ENTITIES[sequence] ?? (code <= 0x10ffff ? String.fromCodePoint(code) : '')
}

/** Hides every piece of a text that is one of the forms, or begins as it. */
function hide(text: string, forms: readonly string[]): string {
  const folded = fold(text)
  const pieces = forms.flatMap((form) => findForm(form, folded))
  let shown = ''
  let done = 0
  for (const { start, end } of pieces.sort((a, b) => a.start - b.start)) {
    if (start >= done) shown += text.slice(done, start) + HIDDEN
    done = Math.max(done, end)
  }
  return shown + text.slice(done)
}

/** Where a text has a form, or its beginning, in UTF-16 units; `end` is behind it. Takes time in proportion to the text. */
function findForm(form: string, text: string): { readonly start: number; readonly end: number }[] {
  const beginning = form.slice(0, MAX_BEGINNING)
  const found = []
  for (let start = text.indexOf(beginning); start >= 0; ) {
    let end = start + beginning.length
    while (end < text.length && text[end] === form[end - start]) end++
    found.push({ start, end })
    // The next one may begin in this one.
    start = text.indexOf(beginning, end - beginning.length + 1)
  }
  return found
}
