import { AnswerError, describeTarget } from '../exchange/exchange.ts'

type Fields = Readonly<Record<string, string | readonly string[] | number | undefined>>

/** What a peer said about a call, as far as it has come; `:status` is in the head. */
export interface Reply {
  head?: Fields
  trailers?: Fields
}

/** The longest text of a peer that is kept, in UTF-16 units. */
export const MAX_TEXT = 1_000

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md, by number. */
const GRPC_STATUSES =
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(
    ' ',
  )

/** An answer that gRPC does not allow; the detail says why. */
export const notGrpc = (detail: string): AnswerError =>
  new AnswerError('protocol', `what came back is not an answer of gRPC (${detail})`)

/**
 * Says how a peer refused a call, or null where it did not: an HTTP status other than 200 is `http-error` or `redirect`; a
 * gRPC status other than OK is `unhealthy` if it is UNAVAILABLE, with which a node says that it cannot answer now, and
 * otherwise `http-error`, as the same refusal over HTTP would be.
 */
export function explainRefusal({ head, trailers }: Reply): AnswerError | null {
  const http = Number(head?.[':status'] ?? 200)
  if (http >= 300 && http < 400) {
    const target = describeTarget(head?.['location']?.toString())
    return new AnswerError(
      'redirect',
      `HTTP ${http} redirects ${target}; redirects are not followed`,
    )
  }
  const refusal = [trailers, head].find((block) => (block?.['grpc-status'] ?? '0') !== '0')
  const status = textOf(refusal?.['grpc-status'])
  const name = /^(0|[1-9]\d?)$/.test(status) ? GRPC_STATUSES[Number(status)] : undefined
  const message = decodeMessage(textOf(refusal?.['grpc-message']))
  const said = `gRPC status ${status} ${name}${message && `: ${message}`}`
  if (http !== 200) {
    return new AnswerError(
      'http-error',
      `HTTP ${http}, expected 200${name === undefined ? '' : ` (${said})`}`,
    )
  }
  if (refusal === undefined) return null
  if (name === undefined) return notGrpc(`the gRPC status is "${status}"`)
  return new AnswerError(name === 'UNAVAILABLE' ? 'unhealthy' : 'http-error', said)
}

const textOf = (field: Fields[string]) => field?.toString().slice(0, MAX_TEXT) ?? ''

/** Percent-encoded UTF-8; a text that is not is shown as it came (gRPC over HTTP2, Responses). */
function decodeMessage(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message
  }
}
