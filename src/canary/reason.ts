import type { Reason } from './advice.ts'
import type { ProofStep } from './findings.ts'
import { type Failure, saysNoQueue } from './queue.ts'

/** The canary's own words for a call without a readable answer. */
const OWN: ReadonlyMap<string, Reason> = new Map([
  ['timeout', 'timeout'],
  ['disconnected', 'disconnected'],
  ['dns', 'unreachable'],
  ['refused', 'unreachable'],
  ['unreachable', 'unreachable'],
  ['tls', 'tls'],
])

/** What the server says in words only, under a code that many refusals share (sqs_capability_gate.go, sqs_partitioning.go, leader_http_proxy.go, sqs_auth.go). */
const WORDS: readonly (readonly [RegExp, Reason])[] = [
  [/requires every cluster peer to advertise/i, 'capability-refused'],
  [/this node does not advertise/i, 'leader-not-capable'],
  [/requires every requested partition to be covered/i, 'map-lacks-queue'],
  [/must be a power of two|exceeds the per-queue cap/i, 'partition-count'],
  [/leader address not found/i, 'leader-unmapped'],
  [/region does not match/i, 'region'],
]

/** Codes of the server that say enough by themselves. */
const CODES: ReadonlyMap<string, Reason> = new Map([
  ['QueueNameExists', 'queue-exists'],
  ['InvalidAttributeName', 'attribute-refused'],
  ['RequestTimeTooSkewed', 'clock'],
  ['Throttling', 'throttled'],
])

/** The reason that a failed call has at this step; a 500 after all sends were accepted has one of its own. */
export function reasonOf(step: ProofStep, failure: Failure): Reason {
  const { fate, code, words, httpStatus } = failure
  if (fate !== 'refused') return OWN.get(code) ?? 'unreadable'
  if (saysNoQueue(failure)) return 'queue-missing'
  const known = WORDS.find(([pattern]) => pattern.test(words))
  if (known !== undefined) return known[1]
  const reason = CODES.get(code)
  if (reason !== undefined) return reason
  // A node answers 403 where it does not accept a signature, and each call with 200, 400, 403 or 5xx.
  if (httpStatus === 403) return 'credentials'
  if (httpStatus === 503) return 'no-leader'
  if (httpStatus !== null && httpStatus >= 500) {
    return step === 'receive' || step === 'empty' ? 'receive-refused' : 'internal-error'
  }
  return httpStatus === 400 ? 'refused-otherwise' : 'unreadable'
}
