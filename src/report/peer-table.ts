import { advertises, blockingFirst, type PeerResult, type Verdict } from '../rounds/rounds.ts'
import { formatDuration } from '../shared/duration.ts'
import { cellText } from '../shared/text.ts'
import { statusWords, table } from './markdown.ts'
import { detailOf } from './statuses.ts'

const MAX_CAPABILITIES = 8
/** More rows than this have the blocking ones first. */
const MAX_UNSORTED = 20

/**
 * The table of the peers, in Markdown, past twenty with the blocking ones first; under a peer with several addresses, those that block.
 * What does not fit into `room`, in bytes, is counted.
 */
export function peerTable({ results }: Verdict, room: number): string {
  if (results.length === 0) return ''
  const rows: (readonly string[])[] = []
  let left = room
  let omitted = results.length
  const ordered = results.length > MAX_UNSORTED ? blockingFirst(results) : results
  for (const result of ordered) {
    const own = [peerRow(result), ...addressRows(result)]
    left -= own.reduce((sum, row) => sum + Buffer.byteLength(row.join(' | ')) + 5, 0)
    if (left <= 0) break
    rows.push(...own)
    omitted--
  }
  const more =
    omitted > 0 ? `\n\nAnd ${omitted} more nodes; the report file holds all of them.` : ''
  const header = ['Node', 'Address', 'Status', 'Capabilities', 'Latency', 'Detail']
  return table(header, rows) + more
}

function peerRow(result: PeerResult): readonly string[] {
  const { peer, status, capabilities, latencyMs, error, addresses } = result
  const shown = (capabilities ?? []).slice(0, MAX_CAPABILITIES).map((name) => cellText(name, 60))
  const more = (capabilities?.length ?? 0) - shown.length
  if (more > 0) shown.push(`and ${more} more`)
  const blocking = addresses.filter((one) => !advertises(one)).length
  return [
    cellText(peer.name),
    cellText(peer.address),
    statusWords(status),
    capabilities?.length === 0 ? 'none' : shown.join(', '),
    formatDuration(latencyMs),
    blocking > 0
      ? `${blocking} of ${addresses.length} addresses not ready`
      : cellText(detailOf(status, error)),
  ]
}

const addressRows = ({ addresses }: PeerResult): readonly string[][] =>
  addresses
    .filter((one) => !advertises(one))
    .map(({ address, status, error }) => [
      '↳',
      cellText(address),
      statusWords(status),
      '',
      '',
      cellText(detailOf(status, error)),
    ])
