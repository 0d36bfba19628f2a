import type { Readable } from 'node:stream'

/** The largest answer that is read, in bytes; ten messages of the canary take about 8 KiB. */
export const MAX_ANSWER_BYTES = 1_048_576

/** An answer of more than {@link MAX_ANSWER_BYTES}. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

/** Reads an answer whole, and stops with a {@link TooLargeError} where it grows too large. */
export async function collectBody(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    // Leaving the loop destroys the stream, and with it the connection.
    if (size > MAX_ANSWER_BYTES)
      throw new TooLargeError(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
