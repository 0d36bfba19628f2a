/** The longest piece of foreign text that is shown, in characters (code points). */
export const MAX_SHOWN = 300

/**
 * What a reader cannot see or a terminal obeys: control, format (bidirectional marks among them),
 * line and paragraph separators, lone surrogates, unassigned and private characters, blanks other
 * than the plain one, and everything that Unicode lets a renderer ignore.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu

const visible = (char: string) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`

/** Makes invisible characters visible as `\u{…}` and cuts the text, so that it shows as one harmless line. */
export function showText(text: string, max = MAX_SHOWN): string {
  // Cut first by UTF-16 units: a hostile text is never walked further than needed.
  const characters = [...text.slice(0, 2 * max + 2)]
  const cut = characters.length > max
  const shown = (cut ? characters.slice(0, max) : characters).join('')
  return shown.replace(INVISIBLE, visible) + (cut ? '…' : '')
}

/**
 * Makes text safe for one line of the log. The runner finds `::command::` at the start of a line and
 * `##[command]` anywhere in it (actions/runner, src/Runner.Common/ActionCommand.cs); both are disarmed.
 */
export function logText(text: string, max = MAX_SHOWN): string {
  return showText(text, max)
    .replace(/^( *):(?=:)/, (_, blanks: string) => `${blanks}${visible(':')}`)
    .replaceAll('##[', `##${visible('[')}`)
}

/**
 * Makes text safe for a cell of a Markdown table: a code span, in which GitHub renders no link, image,
 * mention, emoji or HTML. A pipe would end the cell even there, so it is shown as an escape.
 */
export function cellText(text: string, max = MAX_SHOWN): string {
  const shown = showText(text, max).replaceAll('|', visible('|'))
  if (shown.trim() === '') return shown === '' ? '' : `\`${visible(' ').repeat(shown.length)}\``
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = longest > 0 || shown.startsWith(' ') || shown.endsWith(' ') ? ' ' : ''
  return fence + pad + shown + pad + fence
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
