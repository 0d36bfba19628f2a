import type { Member, Membership } from '../membership/membership.ts'
import { cellText, listSome } from '../shared/text.ts'
import { table } from './markdown.ts'
import { detailOf } from './statuses.ts'

/** How many findings are told one by one. */
const MAX_FINDINGS = 100
/** How many names or members one detail has. */
const MAX_LISTED = 5

/** Why a list is not confirmed by the cluster. */
export type Reason = 'unlisted' | 'shared' | 'changed' | 'unknown'

/** One thing that keeps the list from being confirmed. All but the reason is foreign text. */
export interface Finding {
  readonly reason: Reason
  readonly who: string
  /** A Raft address; empty where there is none to tell. */
  readonly address: string
  readonly detail: string
}

/** Words for the table, and what an operator does about it, in Markdown. */
export const REASONS: Readonly<
  Record<Reason, { readonly words: string; readonly advice: string }>
> = {
  unlisted: {
    words: 'not in the list',
    advice:
      'The cluster has a member that was not asked. If its node is in `peers` under another name, write its Raft id in front: `n1=address`. Otherwise add it, learners too, and run the gate again. If the node is gone for good, remove it from the cluster instead: `RAFTADMIN_ALLOW_INSECURE=true raftadmin <raft address of the leader> remove_server <id>`.',
  },
  shared: {
    words: 'one process for several names',
    advice:
      'These names led to one process, so another member was not asked. Give each Raft id a peer of its own, with the addresses of its own process.',
  },
  changed: {
    words: 'members changed',
    advice:
      'A member joined, left or moved while the gate asked, or the nodes report one id at several hosts: a stale view, or two clusters. Wait until the change is done on all nodes, then run the gate again.',
  },
  unknown: {
    words: 'members not reported',
    advice:
      'Every node of the list must report its members. Check that `raft-port` is the port of the Raft listeners, and that this runner may reach it; it is asked directly, never through a proxy. If the node knows no members, let it join its cluster, or take it out of `peers` if it belongs to none.',
  },
}

/** A member with what tells it apart, as one piece of foreign text. */
export function describeMember({ id, address, suffrage }: Member): string {
  const known = [address, suffrage].filter((text) => text !== '')
  return known.length === 0 ? id : `${id} (${known.join(', ')})`
}

/** The members that no peer of the list stands for. */
export const unlistedMembers = (membership: Membership | null) =>
  (membership?.members ?? []).filter(({ listed }) => !listed)

/** What keeps the list from being confirmed, the worst first; past 100, the rest is counted. */
export function findAll(membership: Membership | null): {
  readonly findings: readonly Finding[]
  readonly more: number
} {
  if (membership === null) return { findings: [], more: 0 }
  const { shared, changed, moved, unknown } = membership
  const first = <T>(items: readonly T[]) => items.slice(0, MAX_FINDINGS)
  const unlisted = unlistedMembers(membership)
  const findings: Finding[] = [
    ...first(unlisted).map(({ id, address, suffrage, knownBy }) => {
      const told = [suffrage, `known by ${listSome(knownBy, MAX_LISTED)}`]
      const detail = told.filter((text) => text !== '').join(', ')
      return { reason: 'unlisted' as const, who: id, address, detail }
    }),
    ...first(shared).map((names) => ({
      reason: 'shared' as const,
      who: listSome(names, MAX_LISTED),
      address: '',
      detail: '',
    })),
    ...first(moved).map(({ id, places }) => {
      const told = places.map(
        ({ member, knownBy }) => `${member.address} (reported by ${listSome(knownBy, MAX_LISTED)})`,
      )
      const detail = `at several hosts: ${listSome(told, MAX_LISTED)}`
      return { reason: 'changed' as const, who: id, address: '', detail }
    }),
    ...first(changed).map(({ name, before, after }) => ({
      reason: 'changed' as const,
      who: name,
      address: '',
      detail: tellDifference(before, after),
    })),
    ...first(unknown).map(({ name, raftAddress, status, error }) => ({
      reason: 'unknown' as const,
      who: name,
      address: raftAddress,
      detail: `${status}: ${detailOf(status, error)}`,
    })),
  ]
  const total = unlisted.length + shared.length + moved.length + changed.length + unknown.length
  const shown = first(findings)
  return { findings: shown, more: total - shown.length }
}

function tellDifference(before: readonly Member[], after: readonly Member[]): string {
  const only = (these: readonly Member[], those: readonly Member[]) => {
    const known = new Set(those.map(describeMember))
    return these.map(describeMember).filter((text) => !known.has(text))
  }
  const [joined, left] = [only(after, before), only(before, after)]
  return [
    joined.length > 0 ? `joined: ${listSome(joined, MAX_LISTED)}` : '',
    left.length > 0 ? `left: ${listSome(left, MAX_LISTED)}` : '',
  ]
    .filter((text) => text !== '')
    .join('; ')
}

/** What to do about each reason that occurred, in Markdown. */
export function reasonAdvice(membership: Membership | null): readonly string[] {
  if (membership === null) return []
  const occurred: Readonly<Record<Reason, boolean>> = {
    unlisted: unlistedMembers(membership).length > 0,
    shared: membership.shared.length > 0,
    changed: membership.changed.length + membership.moved.length > 0,
    unknown: membership.unknown.length > 0,
  }
  return (Object.keys(REASONS) as Reason[])
    .filter((reason) => occurred[reason])
    .map((reason) => `**${REASONS[reason].words}** (\`${reason}\`): ${REASONS[reason].advice}`)
}

/** The table of what keeps the list from being confirmed, in Markdown; empty where there is nothing. */
export function findingsTable(membership: Membership | null): string {
  const { findings, more } = findAll(membership)
  if (findings.length === 0) return ''
  const rows = findings.map(({ reason, who, address, detail }) => [
    cellText(who),
    cellText(address),
    `❌&nbsp;${REASONS[reason].words}`,
    cellText(detail),
  ])
  const rest = more > 0 ? `\n\nAnd ${more} more; the report file holds all of them.` : ''
  return table(['Member or node', 'Raft address', 'Membership', 'Detail'], rows) + rest
}
