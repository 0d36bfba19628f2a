import { expect, it } from 'vitest'
import { REASONS } from '../../src/canary/advice.ts'
import { reasonOf } from '../../src/canary/reason.ts'

const refused = (httpStatus: number, code: string, words: string) =>
  ({ httpStatus, code, words, fate: 'refused' }) as const

const PEERS =
  'PartitionCount > 1 requires every cluster peer to advertise the htfifo capability via /sqs_health; one or more peers did not — see server logs for details'
const MAP =
  "PartitionCount > 1 requires every requested partition to be covered by the cluster's partition routing map; one or more partitions are not routable — see server logs for details"

it.each([
  ['capability-refused', 'create', refused(400, 'InvalidAttributeValue', PEERS)],
  [
    'leader-not-capable',
    'create',
    refused(
      400,
      'InvalidAttributeValue',
      'PartitionCount > 1 requires the htfifo capability, which this node does not advertise',
    ),
  ],
  ['map-lacks-queue', 'create', refused(400, 'InvalidAttributeValue', MAP)],
  [
    'partition-count',
    'create',
    refused(400, 'InvalidAttributeValue', 'PartitionCount must be a power of two'),
  ],
  [
    'partition-count',
    'create',
    refused(400, 'InvalidAttributeValue', 'PartitionCount exceeds the per-queue cap of 32'),
  ],
  [
    'attribute-refused',
    'create',
    refused(400, 'InvalidAttributeName', 'unsupported attribute: PartitionCount'),
  ],
  [
    'queue-exists',
    'create',
    refused(400, 'QueueNameExists', 'queue already exists with different attributes'),
  ],
  ['refused-otherwise', 'create', refused(400, 'InvalidAttributeValue', 'something new')],
  ['credentials', 'name', refused(403, 'InvalidClientTokenId', 'unknown access key')],
  [
    'credentials',
    'name',
    refused(403, 'SignatureDoesNotMatch', 'request signature does not match'),
  ],
  [
    'credentials',
    'name',
    refused(403, 'MissingAuthenticationToken', 'missing Authorization header'),
  ],
  [
    'region',
    'name',
    refused(403, 'SignatureDoesNotMatch', 'credential scope region does not match server region'),
  ],
  [
    'clock',
    'name',
    refused(
      403,
      'RequestTimeTooSkewed',
      "The difference between the request time and the server's time is too large",
    ),
  ],
  ['no-leader', 'send', refused(503, 'ServiceUnavailable', 'no raft leader currently available')],
  [
    'no-leader',
    'receive',
    refused(
      503,
      'ServiceUnavailable',
      'leader proxy error: dial tcp 10.0.0.1:9324: connect: connection refused',
    ),
  ],
  ['no-leader', 'send', refused(503, 'Unknown', 'x')],
  ['leader-unmapped', 'send', refused(503, 'ServiceUnavailable', 'leader address not found')],
  ['throttled', 'send', refused(400, 'Throttling', "Rate exceeded for queue 'q' action 'Send'")],
  [
    'queue-missing',
    'send',
    refused(400, 'AWS.SimpleQueueService.NonExistentQueue', 'queue does not exist'),
  ],
  ['queue-missing', 'receive', refused(400, 'QueueDoesNotExist', 'queue does not exist')],
  ['internal-error', 'send', refused(500, 'InternalFailure', 'internal error')],
  ['receive-refused', 'receive', refused(500, 'InternalFailure', 'internal error')],
  ['receive-refused', 'empty', refused(500, 'InternalFailure', 'internal error')],
  ['unreadable', 'name', refused(302, 'Unknown', 'UnknownError')],
  ['unreadable', 'name', refused(404, 'Unknown', 'UnknownError')],
  ['refused-otherwise', 'name', refused(400, 'constructor', '')],
  ['refused-otherwise', 'name', refused(400, 'ended', '')],
] as const)('reads %s, at %s', (reason, step, failure) => {
  expect(reasonOf(step, failure)).toBe(reason)
})

it.each([
  ['timeout', 'timeout'],
  ['disconnected', 'disconnected'],
  ['dns', 'unreachable'],
  ['refused', 'unreachable'],
  ['unreachable', 'unreachable'],
  ['tls', 'tls'],
  ['malformed', 'unreadable'],
  ['protocol', 'unreadable'],
  ['toString', 'unreadable'],
])('reads the word %s of a call without an answer as %s', (code, reason) => {
  const failure = { code, httpStatus: null, words: PEERS, fate: 'unknown' } as const
  expect(reasonOf('send', failure)).toBe(reason)
})

it('has words and advice for each reason, as a sentence', () => {
  for (const [reason, { words, advice }] of Object.entries(REASONS)) {
    expect(reason).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(words, reason).toMatch(/^[A-Za-z][^.]+$/)
    expect(advice, reason).toMatch(/^[A-Z].*\.$/s)
  }
})
