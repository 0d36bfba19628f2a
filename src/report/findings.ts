import type { Member, Membership } from '../membership/membership.ts'
import { cellText, listSome } from '../shared/text.ts'
import { table } from './markdown.ts'
import { detailOf } from './statuses.ts'

/** How many findings are told one by one. */
export const MAX_FINDINGS = 100
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
      'The cluster has a member that was not asked. If its node is in `peers` under another name, write its Raft id in front: `n1=address`. Otherwise add it to `peers` (learners too) and run the gate again. If the node is gone for good, remove it from the cluster instead: `RAFTADMIN_ALLOW_INSECURE=true raftadmin <raft address of the leader> remove_server <id>`.',
  },
  shared: {
    words: 'one process for several names',
    advice:
      'These names lead to one process, so another member was not asked, or their addresses are swapped. Give each Raft id a peer of its own, with the addresses of its own process.',
  },
  changed: {
    words: 'members changed',
    advice:
      'A member joined, left or moved while the gate was asking, or the nodes report one id at several addresses: a stale view, or two clusters. Wait until all nodes agree, then run the gate again; if they never do, check that the list does not mix two clusters.',
  },
  unknown: {
    words: 'members not reported',
    advice:
      'Every node in the list must report its members. Check that `raft-port` is the port of the Raft listeners, and that this runner can reach it; it is asked directly, never through a proxy. If the node knows no members, let it join its cluster, or take it out of `peers` if it belongs to none.',
  },
}

/** A member with what tells it apart, as one piece of foreign text. */
export function describeMember({ id, address, suffrage }: Member): string {
  const known = joinParts([address, suffrage], ', ')
  return known === '' ? id : `${id} (${known})`
}

/** The members that no peer of the list stands for. */
export const unlistedMembers = (membership: Membership | null) =>
  (membership?.members ?? []).filter(({ listed }) => !listed)

/** What keeps the list from being confirmed, the worst first. */
export function findAll(membership: Membership | null): readonly Finding[] {
  if (membership === null) return []
  const { shared, changed, moved, unknown } = membership
  return [
    ...unlistedMembers(membership).map(({ id, address, suffrage, knownBy }) => {
      const detail = joinParts([suffrage, `known by ${tellKnowers(knownBy)}`], ', ')
      return makeFinding('unlisted', id, detail, address)
    }),
    ...shared.map((names) => makeFinding('shared', listSome(names, MAX_LISTED), '')),
    ...moved.map(({ id, members }) => {
      const told = members.map(
        ({ address, knownBy }) => `${address} (reported by ${tellKnowers(knownBy)})`,
      )
      return makeFinding('changed', id, `at several addresses: ${listSome(told, MAX_LISTED)}`)
    }),
    ...changed.map(({ name, before, after }) => {
      const news = [tellNew('joined', before, after), tellNew('left', after, before)]
      return makeFinding('changed', name, joinParts(news, '; '))
    }),
    ...unknown.map(({ name, raftAddress, status, error }) =>
      makeFinding('unknown', name, joinParts([status, detailOf(status, error)], ': '), raftAddress),
    ),
  ]
}

const makeFinding = (reason: Reason, who: string, detail: string, address = ''): Finding => ({
  reason,
  who,
  address,
  detail,
})

/** Of a large cluster not all names are known, so the others are not counted. */
const tellKnowers = (names: readonly string[]) =>
  names.length > MAX_LISTED
    ? `${names.slice(0, MAX_LISTED).join(', ')} and others`
    : listSome(names, MAX_LISTED)

const joinParts = (parts: readonly string[], separator: string) =>
  parts.filter((part) => part !== '').join(separator)

/** The members of one answer that another one lacks; empty where there are none. */
function tellNew(verb: string, these: readonly Member[], those: readonly Member[]): string {
  const known = new Set(these.map(describeMember))
  const found = those.map(describeMember).filter((text) => !known.has(text))
  return found.length === 0 ? '' : `${verb}: ${listSome(found, MAX_LISTED)}`
}

/** What to do about each reason that occurred, in Markdown. */
export const reasonAdvice = (membership: Membership | null): readonly string[] =>
  [...new Set(findAll(membership).map(({ reason }) => reason))].map(
    (reason) => `**${REASONS[reason].words}** (\`${reason}\`): ${REASONS[reason].advice}`,
  )

/** The table of what keeps the list from being confirmed, in Markdown; empty where there is nothing. */
export function findingsTable(membership: Membership | null): string {
  const findings = findAll(membership)
  if (findings.length === 0) return ''
  const rows = findings
    .slice(0, MAX_FINDINGS)
    .map(({ reason, who, address, detail }) => [
      cellText(who),
      cellText(address),
      `❌&nbsp;${REASONS[reason].words}`,
      cellText(detail),
    ])
  const header = ['Member or node', 'Raft address', 'Membership', 'Detail']
  return table(header, rows, findings.length - rows.length)
}
