import type { Inputs } from '../inputs/inputs.ts'
import {
  blockingPeers,
  fillHeadline,
  type PeerResult,
  type Turn,
  type Verdict,
} from '../rounds/rounds.ts'
import { formatDuration } from '../shared/duration.ts'
import { logText, plural } from '../shared/text.ts'
import { VERSION } from '../shared/version.ts'
import { STATUSES } from './advice.ts'

/** How many peers or problems an annotation names; with {@link MAX_REASON} it stays under 4,096 characters. */
const MAX_NAMED = 10
const MAX_REASON = 200
const MAX_NAME = 100
/** How many changes one line of progress names. */
const MAX_CHANGES = 5

/** What is polled, in one line. */
export function startLine({ peers, capability, timeoutMs, waitMs }: Inputs): string {
  const nodes = `${peers.length} ${plural(peers.length, 'node')}`
  const wait = waitMs > 0 ? `, waiting up to ${formatDuration(waitMs)}` : ''
  return `htfifo-gate ${VERSION}: asking ${nodes} for "${logText(capability)}", ${formatDuration(timeoutMs)} each${wait}`
}

/** One line on how a peer answered. */
export function peerLine(result: PeerResult): string {
  const mark = result.status === 'advertises' ? '✓' : '✗'
  const { peer, latencyMs } = result
  const address = peer.name === peer.address ? '' : ` at ${logText(peer.address)}`
  return `${mark} ${logText(peer.name)}${address}: ${reason(result)}, ${formatDuration(latencyMs)}`
}

/** One line on a round, for someone who watches a roll-out. */
export function turnLine({ round, advertising, total, changes, leftMs }: Turn): string {
  const shown = changes
    .slice(0, MAX_CHANGES)
    .map(({ name, from, to }) =>
      from === null
        ? `${logText(name, MAX_NAME)} ${to}`
        : `${logText(name, MAX_NAME)} ${from} → ${to}`,
    )
  const more = changes.length - shown.length
  const changed = `${shown.join(', ') || 'no change'}${more > 0 ? `, and ${more} more` : ''}`
  const left = leftMs > 0 ? `; ${formatDuration(leftMs)} left` : ''
  return `round ${round}: ${advertising} of ${total} advertise; ${changed}${left}`
}

/** The verdict in one line. */
export const headlineText = (verdict: Verdict): string =>
  `htfifo gate ${fillHeadline(verdict, (text) => logText(text, MAX_NAME))}`

/** The one error annotation of a closed gate: the verdict, the first ten reasons, and how many more there are. */
export function annotation(verdict: Verdict): string {
  const peers = blockingPeers(verdict)
  const problems = verdict.problems.slice(0, MAX_NAMED).map((text) => logText(text, MAX_REASON))
  const reasons = peers
    .slice(0, MAX_NAMED)
    .map((result) => `${logText(result.peer.name, MAX_NAME)}: ${reason(result, MAX_REASON)}`)
  const lines = [...problems, ...reasons].slice(0, MAX_NAMED)
  const more = verdict.problems.length + peers.length - lines.length
  return [headlineText(verdict), ...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}

function reason({ status, capabilities, error }: PeerResult, max?: number): string {
  if (status === 'advertises') return 'advertises'
  const detail = error === '' ? `its list is ${JSON.stringify(capabilities)}` : error
  return `${status} (${STATUSES[status].words}): ${logText(detail, max)}`
}
