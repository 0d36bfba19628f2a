/** The longest piece of foreign text that is shown, in UTF-16 units, escapes included. */
export const MAX_SHOWN = 300
/** The same for a piece that is quoted inside a sentence. */
const MAX_QUOTED = 60

/**
 * What a reader cannot see or a terminal obeys: control, format (bidirectional marks among them),
 * line and paragraph separators, lone surrogates, unassigned and private characters, blanks other
 * than the plain one, and everything that Unicode lets a renderer ignore.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u

const visible = (char: string) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`

/** Makes invisible characters visible as `\u{…}` and cuts the text, so that it shows as one harmless line. */
export function showText(text: string, max = MAX_SHOWN): string {
  if (text.length <= max && !INVISIBLE.test(text)) return text
  let shown = ''
  // By character, so that neither a surrogate pair nor an escape is cut in half, nor a long text walked to its end.
  for (const char of text) {
    const next = INVISIBLE.test(char) ? visible(char) : char
    if (shown.length + next.length > max) return `${shown}…`
    shown += next
  }
  return shown
}

/** Whether a text is 1 to `max` characters (code points), all of which show as themselves. */
export const isPrintable = (text: string, max: number): boolean =>
  text !== '' && [...text].length <= max && !INVISIBLE.test(text)

/**
 * Makes text safe for one line of the log. The runner finds `::command::` at the start of a line and
 * `##[command]` anywhere in it (actions/runner, src/Runner.Common/ActionCommand.cs), with comparisons that may
 * ignore characters between; none of those is visible ASCII. Both are disarmed.
 */
export function logText(text: string, max = MAX_SHOWN): string {
  const disarmed = text
    // Escapes only lengthen, so what lies behind is never shown.
    .slice(0, max + 1)
    .replace(/^([^!-~]*):(?=[^ -~]*:)/, (_, before: string) => before + visible(':'))
    .replace(/(#[^ -~]*#[^ -~]*)\[/g, (_, before: string) => before + visible('['))
  return showText(disarmed, max)
}

/**
 * Makes text safe for a cell of a Markdown table: a code span, in which GitHub renders no link, image,
 * mention, emoji or HTML. A pipe would end the cell even there, and a backtick the span (GitHub gives up on
 * fences of more than 80), so both are shown as escapes.
 */
export function cellText(text: string, max = MAX_SHOWN): string {
  const shown = showText(text.slice(0, max + 1).replace(/[|`]/g, visible), max)
  if (shown === '') return ''
  if (shown.trim() === '') return `\`${visible(' ').repeat(shown.length)}\``
  const pad = shown.startsWith(' ') || shown.endsWith(' ') ? ' ' : ''
  return `\`${pad}${shown}${pad}\``
}

/**
 * Serializes a value as JSON for an output that a careless workflow may paste into a shell: inside
 * strings, everything but ASCII letters, digits, the blank and `-_.:/,=@+` becomes a `\u` escape.
 */
export function outputJson(value: unknown): string {
  return JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => {
    if (/^"[A-Za-z0-9 \-_.:/,=@+]*"$/.test(quoted)) return quoted
    const text: string = JSON.parse(quoted)
    return `"${text.replace(/[^A-Za-z0-9 \-_.:/,=@+]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
  })
}

/** The form of a noun for a count: `node` for 1, otherwise `nodes`. */
export const plural = (count: number, noun: string): string => (count === 1 ? noun : `${noun}s`)

/** A count of things as all of them: `the only node`, `both nodes`, `all 3 nodes`. */
export const allOf = (count: number, noun: string): string =>
  count === 1 ? `the only ${noun}` : `${count === 2 ? 'both' : `all ${count}`} ${noun}s`

/** The first texts of a list, up to `max`, and how many more there are: `a`, `a and b`, `a, b and 7 more`. */
export function listSome(texts: readonly string[], max: number): string {
  const more = texts.length - max
  const shown = more > 0 ? [...texts.slice(0, max), `${more} more`] : texts
  return shown.length < 2
    ? shown.join('')
    : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`
}

/** The first items of a list, up to `max`, and a last text that counts the rest. */
export function showFirst<T>(items: readonly T[], max: number, show: (item: T) => string) {
  const shown = items.slice(0, max).map((item) => show(item))
  return items.length > max ? [...shown, `and ${items.length - max} more`] : shown
}

/** Cuts a text at so many UTF-16 units; what is cut off shows as `…`. */
export const cutText = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max)}…`.toWellFormed() : text

/** A piece of text in quotation marks, cut so short that an annotation has room for the sentence around it. */
export const quote = (text: string): string => `"${showText(text, MAX_QUOTED)}"`
