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

/** The keys of the outermost object, each as often as it is written. The text must be valid JSON. */
export function topLevelKeys(json: string): string[] {
  const keys: string[] = []
  let depth = 0
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (text !== undefined) {
      if (colon !== undefined && depth === 1) keys.push(JSON.parse(text))
    } else depth += token === '{' || token === '[' ? 1 : -1
  }
  return keys
}
