import { formatDuration } from '../shared/duration.ts'
import { plural } from '../shared/text.ts'
import { type CanaryOnly, findProxied, readCanary } from './canary.ts'
import { type ClusterInputs, readCluster } from './cluster.ts'
import { findSecrets, isMaskable, parseHeaders } from './headers.ts'
import { CANARY_INPUT_NAMES, DEFAULTS, GATE_INPUT_NAMES } from './known.ts'
import { makeReader, type Reader, type Source } from './values.ts'

export type { Peer } from './address.ts'
export type { Credentials } from './canary.ts'
export { CERTIFICATE, type TlsFiles } from './certificates.ts'
export { OWN_HEADERS } from './headers.ts'
export type { QueuePartitions } from './partition-map.ts'
export type { Route } from './proxies.ts'

/** The capability where the input is empty. */
export const DEFAULT_CAPABILITY = DEFAULTS.capability

/** All inputs of the gate, checked; each has its name in known.ts and its words in action.yml. */
export interface Inputs extends ClusterInputs {
  readonly waitMs: number
  readonly intervalMs: number
  readonly stableRounds: number
  readonly headers: Readonly<Record<string, string>>
}

/** All inputs of the canary, checked; as inputs of the gate they are those of one round without headers. */
export interface CanaryInputs extends Inputs, CanaryOnly {}

export interface Loaded<T extends Inputs = Inputs> {
  readonly inputs: T
  /** Everything that is wrong with any input; if there is something, nothing may be polled. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
  /** What must appear nowhere. */
  readonly secrets: readonly string[]
  /** Those of the secrets that the runner is told to mask. */
  readonly masks: readonly string[]
}

/**
 * Reads and checks all inputs of the gate, and reports all problems together; each names the input, what was found and
 * what was expected, and never holds a secret.
 */
export function loadInputs(source: Source): Loaded {
  const reader = makeReader(source, GATE_INPUT_NAMES)
  const { inputs, warnings, proxies } = readCluster(reader, source.env)
  const { headers, ...fields } = parseHeaders(reader.text('headers'))
  reader.problems.push(...fields.problems)
  return {
    inputs: { ...inputs, ...readRounds(reader), headers },
    problems: reader.problems,
    warnings: [...warnings, ...fields.warnings],
    ...hide([...findSecrets(headers), ...proxies.secrets], proxies.userNames),
  }
}

/** Reads and checks all inputs of the canary, as {@link loadInputs} does those of the gate. */
export function loadCanaryInputs(source: Source): Loaded<CanaryInputs> {
  const reader = makeReader(source, CANARY_INPUT_NAMES)
  const { inputs, warnings, proxies } = readCluster(reader, source.env)
  const canary = readCanary(reader, inputs)
  reader.problems.push(...findProxied(inputs))
  const { accessKeyId = '', secretAccessKey = '' } = canary.credentials ?? {}
  const once = { waitMs: 0, intervalMs: 0, stableRounds: 1, headers: {} }
  return {
    inputs: { ...inputs, ...once, ...canary },
    problems: reader.problems,
    warnings,
    ...hide([accessKeyId, secretAccessKey, ...proxies.secrets], proxies.userNames),
  }
}

function readRounds({ problems, duration, integer }: Reader) {
  const waitMs = duration('wait', '0s', '24h')
  const intervalMs = duration('interval', '100ms', '1h')
  const stableRounds = integer('stable-rounds', 1, 1_000)
  // A round takes time as well: one that would start just as the wait ends, starts after it.
  const fitting = Math.ceil(waitMs / intervalMs)
  if (waitMs > 0 && stableRounds > fitting) {
    problems.push(
      `stable-rounds: found ${stableRounds}, but only ${fitting} ${plural(fitting, 'round')} ${fitting === 1 ? 'fits' : 'fit'} into wait ${formatDuration(waitMs)} at interval ${formatDuration(intervalMs)}, expected fewer rounds or a longer wait`,
    )
  }
  return { waitMs, intervalMs, stableRounds }
}

/** The name of a user is often part of a path, and the runner drops outputs that hold what it masks: it is hidden only. */
function hide(values: readonly string[], userNames: readonly string[]) {
  const secrets = [...new Set(values.filter((value) => value !== ''))]
  return { secrets: [...secrets, ...userNames], masks: secrets.filter(isMaskable) }
}
