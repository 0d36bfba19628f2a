import type { Message as Received } from '@aws-sdk/client-sqs'
import { type Answer, failed, type Message, ok } from './queue.ts'
import { unreadable } from './sqs-failure.ts'

/**
 * The address of a queue as a server gave it. It has to name the queue that was asked for: what is deleted in the end
 * is what this address names.
 */
export function checkUrl(url: string | undefined, name: string): Answer<string> {
  if (
    typeof url === 'string' &&
    URL.canParse(url) &&
    new URL(url).pathname.split('/').at(-1) === name
  ) {
    return ok(url)
  }
  const found = url === undefined ? 'none' : `"${url}"`
  return failed(unreadable(`found ${found}, expected the address of the queue ${name}`))
}

/** A whole number as the server writes it, as text; null where it is none. */
export const readCount = (value: unknown): number | null =>
  typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null

/** A message as the library gives it, which is as the server sent it. */
export function readMessage({ Body, Attributes, ReceiptHandle }: Received): Message {
  const group = readText(Attributes?.MessageGroupId)
  return { body: readText(Body) ?? '', group, receipt: readText(ReceiptHandle) ?? '' }
}

const readText = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The tags of a queue; one that is no text counts as empty. */
export const readTags = (
  tags: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(tags ?? {}).map(([key, tag]) => [key, readText(tag) ?? '']))
