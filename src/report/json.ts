import type { Membership } from '../membership/membership.ts'
import { type AddressResult, advertises, type PeerResult, type Verdict } from '../rounds/rounds.ts'
import type { Status } from '../shared/status.ts'
import { cutText, outputJson } from '../shared/text.ts'

/** The most that the `report` output takes, in bytes: all outputs of a job together have to stay below 512 Ki characters. */
export const MAX_REPORT_BYTES = 320 * 1_024
/** How many problems the `report` output has where it is cut, and the most characters of each. */
const MAX_PROBLEMS = 50
const MAX_PROBLEM = 500

/** The report, version 1, as docs/report.schema.json describes it. Fields are only ever added. */
export interface Report {
  readonly version: 1
  readonly capability: string
  readonly verdict: 'open' | 'closed'
  readonly problems: readonly string[]
  /** What the cluster says of the list; null where it was not asked. */
  readonly membership: MembershipReport | null
  /** When the last round ended, ISO 8601 UTC; null if there was none. */
  readonly checkedAt: string | null
  /** The whole run, in milliseconds. */
  readonly durationMs: number
  readonly rounds: number
  /** How many peers were left out to keep within {@link MAX_REPORT_BYTES}. */
  readonly peersOmitted: number
  readonly peers: readonly PeerRow[]
}

interface MembershipReport
  extends Pick<Membership, 'state' | 'groups' | 'members' | 'unknown' | 'changed' | 'shared'> {
  /** How many members were left out, likewise. */
  readonly membersOmitted: number
}

interface PeerRow {
  readonly name: string
  readonly address: string
  readonly url: string
  readonly advertises: boolean
  readonly status: Status
  readonly capabilities: readonly string[] | null
  readonly httpStatus: number | null
  readonly latencyMs: number
  readonly error: string
  /** How each address answered, where there are several. */
  readonly addresses?: readonly AddressResult[]
}

/** Builds the whole report, with every peer and every member. */
export function makeReport(verdict: Verdict, checkedAt: string | null, durationMs: number): Report {
  const { crash, problems } = verdict
  return {
    version: 1,
    capability: verdict.capability,
    verdict: verdict.open ? 'open' : 'closed',
    problems: crash === null ? problems : [`the gate failed: ${crash}`],
    membership: verdict.membership === null ? null : reportMembership(verdict.membership),
    checkedAt,
    durationMs: Math.round(durationMs),
    rounds: verdict.rounds,
    peersOmitted: 0,
    peers: verdict.results.map(toRow),
  }
}

function toRow(result: PeerResult): PeerRow {
  const { peer, status, capabilities, httpStatus, latencyMs, error, addresses } = result
  return {
    name: peer.name,
    address: peer.address,
    url: peer.url,
    advertises: advertises(result),
    status,
    capabilities,
    httpStatus,
    latencyMs,
    error,
    ...(addresses.length > 1 ? { addresses } : {}),
  }
}

/** An id that is at several hosts is told like a change from one to the others. */
function reportMembership(membership: Membership): MembershipReport {
  const { state, groups, members, unknown, changed, moved, shared } = membership
  const moves = moved.map(({ id, places }) => {
    const [before = [], ...after] = places.map(({ member: { id, address, suffrage } }) => [
      { id, address, suffrage },
    ])
    return { name: id, before, after: after.flat() }
  })
  const changes = [...changed, ...moves]
  return { state, groups, members, unknown, changed: changes, shared, membersOmitted: 0 }
}

/**
 * Serializes the report for the `report` output: valid JSON of at most 320 KiB, safe to paste into a shell. Where the
 * whole report is larger, it has no peers and no members but their counts.
 */
export function encodeReport(report: Report): string {
  const whole = outputJson(report)
  return whole.length <= MAX_REPORT_BYTES ? whole : outputJson(shortReport(report))
}

/** A report without its peers and members, and with no more problems than an output has room for. */
export function shortReport(report: Report): Report {
  const { membership, peers, problems } = report
  const shown = problems.slice(0, MAX_PROBLEMS).map((problem) => cutText(problem, MAX_PROBLEM))
  const more = problems.length - shown.length
  return {
    ...report,
    problems: more > 0 ? [...shown, `and ${more} more problems`] : shown,
    membership: membership && {
      ...membership,
      members: [],
      unknown: [],
      changed: [],
      shared: [],
      membersOmitted: membership.members.length,
    },
    peersOmitted: peers.length,
    peers: [],
  }
}
