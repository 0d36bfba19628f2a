import { cutText, outputJson } from '../shared/text.ts'

/** The most that the `blocking-peers` output takes, in bytes. */
export const MAX_BLOCKING_BYTES = 96 * 1_024
/** The most that the `unlisted-members` output takes, in bytes. */
export const MAX_UNLISTED_BYTES = 64 * 1_024
/** The longest text in a list, in UTF-16 units. */
const MAX_TEXT = 300
/** What the last entry takes at most. */
const MAX_REST = 32

/** Serializes texts for an output, as a JSON array: as many as fit, and a last entry that counts the rest. */
export function encodeTexts(texts: readonly string[], maxBytes: number): string {
  const items: string[] = []
  let size = MAX_REST
  for (const text of texts) {
    const item = outputJson(cutText(text, MAX_TEXT))
    size += item.length + 1
    if (size > maxBytes) break
    items.push(item)
  }
  const more = texts.length - items.length
  return `[${[...items, ...(more > 0 ? [`"and ${more} more"`] : [])].join(',')}]`
}
