import { advertises, blockingPeers, type PeerResult, type Verdict } from '../rounds/rounds.ts'
import { formatDuration } from '../shared/duration.ts'
import { cellText, keepWithin } from '../shared/text.ts'
import { STATUSES } from './advice.ts'
import { mark, table } from './markdown.ts'

/** Up to so many rows stand in the order of the input; past that, blocking peers come first. */
const MAX_ORDERED_ROWS = 20
const MAX_CAPABILITIES = 8

/** The table of the peers, in Markdown; what does not fit into `room`, in bytes, is counted. */
export function peerTable(verdict: Verdict, room: number): string {
  const { results } = verdict
  if (results.length === 0) return ''
  const ordered =
    results.length > MAX_ORDERED_ROWS
      ? [...blockingPeers(verdict), ...results.filter(advertises)]
      : results
  const rows = keepWithin(room, ordered.map(peerRow), (row) => {
    return Buffer.byteLength(row.join(' | ')) + 5
  })
  const omitted = results.length - rows.length
  const more =
    omitted > 0 ? `\n\nAnd ${omitted} more nodes; the report file holds all of them.` : ''
  const header = ['Node', 'Address', 'Status', 'Capabilities', 'Latency', 'Detail']
  return table(header, rows) + more
}

function peerRow({ peer, status, capabilities, latencyMs, error }: PeerResult): string[] {
  const shown = (capabilities ?? []).slice(0, MAX_CAPABILITIES).map((name) => cellText(name, 60))
  const more = (capabilities?.length ?? 0) - shown.length
  if (more > 0) shown.push(`and ${more} more`)
  return [
    cellText(peer.name),
    cellText(peer.address),
    `${mark(status)} ${STATUSES[status].words}`,
    capabilities?.length === 0 ? 'none' : shown.join(', '),
    formatDuration(latencyMs),
    status === 'missing-capability' ? 'not in its list' : cellText(error),
  ]
}
