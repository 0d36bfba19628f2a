import type { Membership } from '../membership/membership.ts'
import { type AddressResult, advertises, type PeerResult, type Verdict } from '../rounds/rounds.ts'
import { cutText, outputJson, showFirst } from '../shared/text.ts'

/** The most bytes of the output `report`: all outputs of a job together have to stay below 512 Ki characters. */
export const MAX_REPORT_BYTES = 320 * 1_024
/** The most bytes of the output `blocking-peers`. */
export const MAX_BLOCKING_BYTES = 96 * 1_024
/** The most bytes of the output `unlisted-members`. */
export const MAX_UNLISTED_BYTES = 64 * 1_024
/** How many problems a short report has, and the most characters of each. */
const MAX_PROBLEMS = 50
const MAX_PROBLEM = 500
/** How many changes of the members the report has. */
const MAX_CHANGED = 100
/** The longest text in a list of names, in UTF-16 units. */
const MAX_NAME = 300
/** The most bytes of the last entry of such a list, and of its brackets. */
const MAX_REST = 32

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

interface PeerRow
  extends Pick<PeerResult['peer'], 'name' | 'address' | 'url'>,
    Pick<PeerResult, 'status' | 'capabilities' | 'httpStatus' | 'latencyMs' | 'error'> {
  readonly advertises: boolean
  /** How each address answered, where there are several. */
  readonly addresses?: readonly AddressResult[]
}

/** Builds the whole report, with every peer and every member. */
export function makeReport(verdict: Verdict, checkedAt: string | null, durationMs: number): Report {
  const { capability, open, membership, rounds, results } = verdict
  return {
    version: 1,
    capability,
    verdict: open ? 'open' : 'closed',
    problems: problemsOf(verdict),
    membership: membership && reportMembership(membership),
    checkedAt,
    durationMs: Math.round(durationMs),
    rounds,
    peersOmitted: 0,
    peers: results.map(toRow),
  }
}

/** What was wrong with the inputs, or with the gate itself. */
export const problemsOf = ({ crash, problems }: Verdict): readonly string[] =>
  crash === null ? problems : [`the gate failed: ${crash}`]

function toRow(result: PeerResult): PeerRow {
  const { name, address, url } = result.peer
  const { status, capabilities, httpStatus, latencyMs, error, addresses } = result
  const answered = { status, capabilities, httpStatus, latencyMs, error }
  const several = addresses.length > 1 ? { addresses } : {}
  return { name, address, url, advertises: advertises(result), ...answered, ...several }
}

/** An id that is at several hosts is reported like a change from the first to the others. */
function reportMembership(membership: Membership): MembershipReport {
  const { state, groups, members, unknown, changed, moved, shared } = membership
  const moves = moved.map(({ id: name, members: places }) => {
    const all = places.map(({ id, address, suffrage }) => ({ id, address, suffrage }))
    return { name, before: all.slice(0, 1), after: all.slice(1) }
  })
  const changes = [...moves, ...changed].slice(0, MAX_CHANGED)
  return { state, groups, members, unknown, changed: changes, shared, membersOmitted: 0 }
}

/**
 * Serializes a report for the output `report`: valid JSON of at most 320 KiB, safe to paste into a shell.
 *
 * @param short what the output has where the whole report is larger
 */
export function encodeReport(report: object, short: object): string {
  // Escapes only lengthen, and take their time with thousands of peers.
  const isLarge = JSON.stringify(report).length > MAX_REPORT_BYTES
  const json = outputJson(isLarge ? short : report)
  return json.length <= MAX_REPORT_BYTES ? json : outputJson(short)
}

/** A report without its peers and members, and with no more problems than an output has room for. */
export function shortReport(report: Report): Report {
  const { membership, peers, problems } = report
  return {
    ...report,
    problems: showFirst(problems, MAX_PROBLEMS, (problem) => cutText(problem, MAX_PROBLEM)),
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

/** Serializes names for an output, as a JSON array: as many as fit, and a last entry that counts the rest. */
export function encodeNames(names: readonly string[], maxBytes: number): string {
  const items: string[] = []
  let size = MAX_REST
  for (const name of names) {
    const item = outputJson(cutText(name, MAX_NAME))
    size += item.length + 1
    if (size > maxBytes) break
    items.push(item)
  }
  const more = names.length - items.length
  return `[${[...items, ...(more > 0 ? [`"and ${more} more"`] : [])].join(',')}]`
}
