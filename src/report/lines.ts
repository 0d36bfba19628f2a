import type { Inputs } from '../inputs/inputs.ts'
import {
  advertises,
  blockingFirst,
  blockingPeers,
  blocks,
  type PeerResult,
  type TimelineEntry,
  type Verdict,
} from '../rounds/rounds.ts'
import { formatDuration } from '../shared/duration.ts'
import { logText, plural, showFirst } from '../shared/text.ts'
import { VERSION } from '../shared/version.ts'
import { type Finding, findAll, MAX_FINDINGS, REASONS } from './findings.ts'
import { headline } from './headline.ts'
import { problemsOf } from './json.ts'
import { detailOf, forgivenDetail } from './statuses.ts'

/** How many peers or problems an annotation names; with these limits it stays under 4,096 characters. */
const MAX_NAMED = 10
const MAX_REASON = 150
const MAX_PROBLEM = 360
const MAX_NAME = 80
/** The longest address in digits, with its port. */
const MAX_IP = 48
/** How many changes the line of a round names. */
const MAX_CHANGES = 5

/** What the run is about to do, in one line. */
export function startLine({ peers, capability, timeoutMs, waitMs }: Inputs): string {
  const nodes = `${peers.length} ${plural(peers.length, 'node')}`
  const wait = waitMs > 0 ? `, waiting up to ${formatDuration(waitMs)}` : ''
  return `htfifo-gate ${VERSION}: asking ${nodes} for "${logText(capability)}", ${formatDuration(timeoutMs)} each${wait}`
}

/** What is polled, a line for each node. */
export const nodeLines = ({ peers }: Pick<Inputs, 'peers'>): readonly string[] =>
  peers.map(({ name, url, raftAddresses }) => {
    const raft = raftAddresses.length === 0 ? '' : `, members from ${raftAddresses.join(', ')}`
    return `${logText(name)}: ${logText(url + raft)}`
  })

/** One line on how a peer answered. */
export function peerLine(result: PeerResult): string {
  const mark = advertises(result) ? '✓' : '✗'
  const { peer, latencyMs } = result
  const address = peer.name === peer.address ? '' : ` at ${logText(peer.address)}`
  return `${mark} ${logText(peer.name)}${address}: ${reasonOf(result)}, ${formatDuration(latencyMs)}`
}

/** One line on a round, for someone who watches a roll-out. */
export function roundLine(entry: TimelineEntry): string {
  const { round, advertising, total, changes, membership, leftMs } = entry
  const changed = showFirst(changes, MAX_CHANGES, ({ name, from, to }) =>
    [logText(name, MAX_NAME), ' ', from === null ? '' : `${from} → `, to].join(''),
  )
  const members = membership === null ? '' : `, membership ${membership}`
  const left = leftMs > 0 ? `; ${formatDuration(leftMs)} left` : ''
  return `round ${round}: ${advertising} of ${total} advertise${members}; ${changed.join(', ') || 'no change'}${left}`
}

/** The verdict in one line. */
export const headlineLine = (verdict: Verdict): string =>
  `htfifo gate ${headline(verdict, (text) => logText(text, MAX_NAME))}`

/** A line for each thing that keeps the cluster from confirming the list; past 100, the rest is counted. */
export const findingLines = ({ membership }: Verdict): readonly string[] =>
  showFirst(findAll(membership), MAX_FINDINGS, (finding) => findingLine(finding))

function findingLine({ reason, who, address, detail }: Finding, max?: number): string {
  const at = address === '' ? '' : ` at ${logText(address, MAX_NAME)}`
  const why = detail === '' ? '' : `: ${logText(detail, max)}`
  return `${logText(who, MAX_NAME)}${at}: ${REASONS[reason].words}${why}`
}

/**
 * The one error annotation of a closed gate: the verdict, the first ten reasons, old nodes before those that could
 * not be asked, and how many more there are.
 */
export function annotationText(verdict: Verdict): string {
  const lines = [
    ...problemsOf(verdict).map((text) => logText(cutQuote(text), MAX_PROBLEM)),
    ...blockingFirst(blockingPeers(verdict)).map(
      (result) => `${logText(result.peer.name, MAX_NAME)}: ${reasonOf(result, MAX_REASON)}`,
    ),
    ...findAll(verdict.membership).map((finding) => findingLine(finding, MAX_REASON)),
  ]
  return [headlineLine(verdict), ...showFirst(lines, MAX_NAMED, (line) => line)].join('\n')
}

function reasonOf(result: PeerResult, max?: number): string {
  const { status, capabilities, error, addresses } = result
  if (status === 'advertises') {
    const forgiven = forgivenDetail(result)
    return forgiven === '' ? status : `${status} (${logText(forgiven)})`
  }
  const detail =
    error === '' ? `its list is ${JSON.stringify(capabilities)}` : detailOf(status, error)
  const blocking = addresses.filter(blocks)
  const [first] = blocking
  const where =
    first === undefined
      ? ''
      : ` at ${logText(first.address, MAX_IP)} (${blocking.length} of ${addresses.length} addresses not ready)`
  return `${status}${where}${detail === '' ? '' : ': '}${logText(detail, max)}`
}

/** Cuts a text in what it quotes, at its beginning, never in what it says of it, at its end. */
function cutQuote(text: string): string {
  if (text.length <= MAX_PROBLEM || !text.includes('"')) return text
  const head = Math.floor(MAX_PROBLEM / 3)
  return `${text.slice(0, head)}…${text.slice(text.length - (MAX_PROBLEM - head - 1))}`.toWellFormed()
}
