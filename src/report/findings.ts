import type { KnownMember, Member, Membership } from '../membership/membership.ts'
import { describeMember, unlistedMembers } from '../rounds/rounds.ts'
import { detailOf } from './advice.ts'

/** How many findings are told one by one. */
const MAX_FINDINGS = 100
/** How many names or members stand in one detail. */
const MAX_LISTED = 5

/** Why a list is not confirmed by the cluster. */
export type Reason = 'unlisted' | 'shared' | 'changed' | 'unknown'

/** One thing that keeps the list from being confirmed. All but the reason is foreign text. */
export interface MemberFinding {
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
      'The cluster has a member that was not asked. Add it to `peers`, learners too, and run the gate again. If the node is gone for good, remove it from the cluster instead: `RAFTADMIN_ALLOW_INSECURE=true raftadmin <raft address of the leader> remove_server <id>`.',
  },
  shared: {
    words: 'one node for several members',
    advice:
      'These names lead to one node, so another member was not asked. Give each Raft id a peer of its own, with the SQS address of its own process.',
  },
  changed: {
    words: 'members changed',
    advice:
      'A member joined or left while the gate asked. Wait until the change is done, then run the gate again.',
  },
  unknown: {
    words: 'members not reported',
    advice:
      'Every node of the list must report its members. Check that `raft-port` is the port of the Raft listeners, and that this runner may reach it; it is asked directly, never through a proxy. If the node knows no members, let it join its cluster, or take it out of `peers` if it belongs to none.',
  },
}

/** What keeps the list from being confirmed, the worst first; past 100, the rest is counted. */
export function findAll(membership: Membership | null): {
  readonly findings: readonly MemberFinding[]
  readonly more: number
} {
  if (membership === null) return { findings: [], more: 0 }
  const { shared, changed, unknown } = membership
  const unlisted = unlistedMembers(membership)
  const findings = [
    ...unlisted.map((member) => () => findUnlisted(member)),
    ...shared.map((names) => () => finding('shared', some(names))),
    ...changed.map(({ name, before, after }) => () => {
      return finding('changed', name, '', difference(before, after))
    }),
    ...unknown.map(({ name, raftAddress, status, error }) => () => {
      return finding('unknown', name, raftAddress, `${status}: ${detailOf(status, error)}`)
    }),
  ]
    .slice(0, MAX_FINDINGS)
    .map((find) => find())
  const total = unlisted.length + shared.length + changed.length + unknown.length
  return { findings, more: total - findings.length }
}

/** Which reasons there are, the worst first. */
export function reasonsOf(membership: Membership | null): readonly Reason[] {
  if (membership === null) return []
  const { shared, changed, unknown } = membership
  const counts = { unlisted: unlistedMembers(membership).length, shared: shared.length }
  const all = { ...counts, changed: changed.length, unknown: unknown.length }
  return (Object.keys(REASONS) as Reason[]).filter((reason) => all[reason] > 0)
}

const finding = (reason: Reason, who: string, address = '', detail = ''): MemberFinding => ({
  reason,
  who,
  address,
  detail,
})

function findUnlisted({ id, address, suffrage, knownBy }: KnownMember): MemberFinding {
  const detail = [suffrage, `known by ${some(knownBy)}`].filter((text) => text !== '')
  return finding('unlisted', id, address, detail.join(', '))
}

function difference(before: readonly Member[], after: readonly Member[]): string {
  const only = (these: readonly Member[], those: readonly Member[]) => {
    const byId = Map.groupBy(those, ({ id }) => id)
    const isKnown = ({ id, address, suffrage }: Member) =>
      byId.get(id)?.some((other) => other.address === address && other.suffrage === suffrage)
    return these.filter((member) => !isKnown(member))
  }
  const [joined, left] = [only(after, before), only(before, after)]
  return [
    joined.length > 0 ? `joined: ${some(joined, describeMember)}` : '',
    left.length > 0 ? `left: ${some(left, describeMember)}` : '',
  ]
    .filter((text) => text !== '')
    .join('; ')
}

function some<T>(items: readonly T[], describe: (item: T) => string = String): string {
  const more = items.length - MAX_LISTED
  const shown = items.slice(0, MAX_LISTED).map(describe).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}
