import type { Status } from '../shared/status.ts'
import type { PeerResult } from './result.ts'

/** What a status means for a release, the most certain trouble first: a node that is old, one that gave no usable answer, one that could not be asked. */
export const GROUPS = ['old', 'wrong', 'unasked', 'ready'] as const
export type Group = (typeof GROUPS)[number]

const GROUP_OF: Readonly<Record<Status, Group>> = {
  advertises: 'ready',
  legacy: 'old',
  'missing-capability': 'old',
  unhealthy: 'wrong',
  malformed: 'wrong',
  'too-large': 'wrong',
  cached: 'wrong',
  redirect: 'wrong',
  'http-error': 'wrong',
  protocol: 'wrong',
  timeout: 'unasked',
  dns: 'unasked',
  refused: 'unasked',
  unreachable: 'unasked',
  disconnected: 'unasked',
  tls: 'unasked',
  proxy: 'unasked',
  cancelled: 'unasked',
}

/** The group of a status; only `advertises` is `ready`. */
export const groupOf = (status: Status): Group => GROUP_OF[status]

/** The results by group, in the order of {@link GROUPS}; those of a group keep the order of the input. */
export const inGroups = (results: readonly PeerResult[]): readonly PeerResult[] =>
  GROUPS.flatMap((group) => results.filter(({ status }) => groupOf(status) === group))

/** How many results there are of a group. */
export const countGroup = (results: readonly PeerResult[], group: Group): number =>
  results.filter(({ status }) => groupOf(status) === group).length
