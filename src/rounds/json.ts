const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes UTF-8 to the letter, a byte order mark included; null if it is not valid. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes)
  } catch {
    return null
  }
}

/** Parses JSON; returns what is wrong, without the text that it is wrong about. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The engine's message quotes the body, cut at an arbitrary place; the body is shown beside it.
    const reason = error instanceof Error ? error.message.replace(/, (\.\.\.)?".*/s, '') : ''
    return new SyntaxError(reason)
  }
}

/** How often a key is in the outermost object, in one spelling or several. The text must be valid JSON. */
export function countKeys(json: string, key: string): number {
  let count = 0
  let depth = 0
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (text === undefined) depth += token === '{' || token === '[' ? 1 : -1
    else if (colon !== undefined && depth === 1) {
      const found: string = JSON.parse(text)
      if (found.toUpperCase() === key.toUpperCase()) count++
    }
  }
  return count
}

/** What a JSON value is, in words. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
