import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const CLOCK_SKEW_MS = 900_000

const hash = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Uint8Array, text: string) =>
  createHmac('sha256', key).update(text).digest()

/**
 * What is wrong with the signature of a request, an error name and its words, or null: AWS Signature Version 4 of the
 * headers, for the service `sqs`.
 *
 * @param credentials the secret of each access key id
 */
export function findSignatureFault(
  { method = '', url = '', headers }: IncomingMessage,
  body: Uint8Array,
  credentials: Readonly<Record<string, string>>,
  region: string,
): readonly [name: string, message: string] | null {
  if (headers.authorization === undefined) {
    return ['MissingAuthenticationToken', 'missing Authorization header']
  }
  const [, id = '', date = '', place, service, names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization,
    ) ?? []
  if (service === undefined) return ['IncompleteSignature', 'invalid Authorization header']
  if (service !== 'sqs') return ['SignatureDoesNotMatch', 'credential scope service must be sqs']
  if (place !== region) {
    return ['SignatureDoesNotMatch', 'credential scope region does not match server region']
  }
  const secret = credentials[id]
  if (secret === undefined) return ['InvalidClientTokenId', 'unknown access key']
  const stamp = String(headers['x-amz-date'])
  const signedMs = Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'),
  )
  if (!(Math.abs(Date.now() - signedMs) <= CLOCK_SKEW_MS)) {
    return ['RequestTimeTooSkewed', 'the clocks are too far apart']
  }
  const { pathname, search } = new URL(url, 'http://none')
  const fields = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const request = [method, pathname, search.slice(1), fields.join(''), names, hash(body)]
  const scope = `${date}/${region}/sqs/aws4_request`
  const text = ['AWS4-HMAC-SHA256', stamp, scope, hash(request.join('\n'))].join('\n')
  const key = [date, region, 'sqs', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return hmac(key, text).toString('hex') === signature
    ? null
    : ['SignatureDoesNotMatch', 'request signature does not match']
}
