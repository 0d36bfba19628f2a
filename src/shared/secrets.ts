/** Shorter values hide nothing, and hiding them would blank out innocent text. In characters. */
const MIN_SECRET = 4
/** The same for a word of a secret, such as the token in `Bearer token`. */
const MIN_PART = 8
const HIDDEN = '***'

/** So many characters of a form give it away: whoever cuts an echo short still shows the rest up to the cut. */
const MAX_NEEDLE = 32

/**
 * Makes a function that hides secrets, and their words, in text: as they are, in JSON, in a URL, and in base64 on its
 * own or inside other text. Of a form of more than 32 characters, its beginning is hidden as well. Takes time in
 * proportion to the text, however long the secrets are. Secrets of fewer than four characters are left alone.
 */
export function makeRedactor(secrets: readonly string[]): (text: string) => string {
  const words = secrets.flatMap((secret) =>
    secret.split(/\s+/).filter((word) => word.length >= MIN_PART),
  )
  const hidden = [...secrets, ...words].filter((secret) => secret.length >= MIN_SECRET)
  const forms = [...new Set(hidden.flatMap(formsOf))]
  return (text) => {
    // All are found before any is replaced: secrets may begin alike, or hold one another.
    const pieces = forms.flatMap((form) => find(form, text)).sort((a, b) => a.start - b.start)
    let shown = ''
    let done = 0
    for (const { start, end } of pieces) {
      if (start >= done) shown += text.slice(done, start) + HIDDEN
      done = Math.max(done, end)
    }
    return shown + text.slice(done)
  }
}

/** What a peer may echo, by mistake or in a message of an error. Whoever disguises a secret on purpose has it already. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const url = encodeURIComponent(secret.toWellFormed())
  return [
    secret,
    json,
    // As Go writes JSON.
    json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
    url,
    url.replace(/%../g, (byte) => byte.toLowerCase()),
    ...base64Forms(secret),
  ]
}

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

/** Where a text has a form, or its first {@link MAX_NEEDLE} characters and however many follow. */
function find(form: string, text: string): { start: number; end: number }[] {
  const needle = form.slice(0, MAX_NEEDLE)
  const found: { start: number; end: number }[] = []
  for (let start = text.indexOf(needle); start >= 0; ) {
    let end = start + needle.length
    while (end < text.length && text[end] === form[end - start]) end++
    found.push({ start, end })
    start = end === text.length ? -1 : text.indexOf(needle, start + 1)
  }
  return found
}
