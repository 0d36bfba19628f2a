import { type AddressResult, advertises, type PeerResult, type Verdict } from '../rounds/rounds.ts'
import type { Status } from '../shared/status.ts'
import { keepWithin, outputJson } from '../shared/text.ts'
import { limitMembership, type MembershipReport, reportMembership } from './membership-json.ts'

/** The most that the `report` output takes, in bytes; a job has 1 MB for all its outputs. */
export const MAX_REPORT_BYTES = 512 * 1_024
/** The most that problems take in the `report` output, in bytes; the file has all of them. */
const MAX_PROBLEM_BYTES = 128 * 1_024

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
  return {
    version: 1,
    capability: verdict.capability,
    verdict: verdict.open ? 'open' : 'closed',
    problems: verdict.problems,
    membership: reportMembership(verdict.membership),
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

/**
 * Serializes the report for the `report` output: valid JSON of at most 512 KiB, safe to paste into a shell.
 * The membership has its own part of that; of the peers, what does not fit is left out from the end of the list,
 * advertising peers first, and counted.
 */
export function encodeReport(full: Report): string {
  const problems = limitProblems(full.problems)
  const report = { ...full, problems, membership: limitMembership(full.membership) }
  const rows = report.peers.map((peer) => outputJson(peer))
  const frame = outputJson({ ...report, peersOmitted: rows.length, peers: [] })
  let size = frame.length + rows.reduce((sum, row) => sum + row.length + 1, 0)
  const omitted = new Set<number>()
  for (const advertising of [true, false]) {
    for (let index = rows.length - 1; index >= 0 && size > MAX_REPORT_BYTES; index--) {
      if (report.peers[index]?.advertises !== advertising) continue
      omitted.add(index)
      size -= (rows[index]?.length ?? 0) + 1
    }
  }
  const head = outputJson({ ...report, peersOmitted: omitted.size, peers: [] })
  const kept = rows.filter((_, index) => !omitted.has(index))
  return `${head.slice(0, -2)}${kept.join(',')}]}`
}

function limitProblems(problems: readonly string[]): readonly string[] {
  const kept = keepWithin(MAX_PROBLEM_BYTES, problems, (problem) => outputJson(problem).length + 1)
  const more = problems.length - kept.length
  return more > 0 ? [...kept, `and ${more} more problems`] : kept
}
