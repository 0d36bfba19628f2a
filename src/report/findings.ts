import type { Member, Membership } from '../membership/membership.ts'
import { describeMember, unlistedMembers } from '../rounds/rounds.ts'
import { detailOf } from './advice.ts'

/** How many findings are told one by one. */
const MAX_FINDINGS = 100
/** How many names or members stand in one detail. */
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
    words: 'members not told',
    advice:
      'Only the word of every node confirms the list. Check that `raft-port` is the port of the Raft listeners, and that this runner may reach it; it is asked straight, never through a proxy.',
  },
}

/** What keeps the list from being confirmed, the worst first; past 100, the rest is counted. */
export function findAll(membership: Membership | null): {
  readonly findings: readonly Finding[]
  readonly more: number
} {
  if (membership === null) return { findings: [], more: 0 }
  const { shared, changed, unknown } = membership
  const unlisted = unlistedMembers(membership)
  const findings = [
    ...unlisted.slice(0, MAX_FINDINGS).map((member): Finding => {
      const { id, address, suffrage, knownBy } = member
      const detail = [suffrage, `known by ${some(knownBy)}`].filter((text) => text !== '')
      return { reason: 'unlisted', who: id, address, detail: detail.join(', ') }
    }),
    ...shared.slice(0, MAX_FINDINGS).map((names): Finding => {
      return { reason: 'shared', who: some(names), address: '', detail: '' }
    }),
    ...changed.slice(0, MAX_FINDINGS).map(({ name, before, after }): Finding => {
      return { reason: 'changed', who: name, address: '', detail: difference(before, after) }
    }),
    ...unknown.slice(0, MAX_FINDINGS).map(({ name, raftAddress, status, error }): Finding => {
      const detail = `${status}: ${detailOf(status, error)}`
      return { reason: 'unknown', who: name, address: raftAddress, detail }
    }),
  ].slice(0, MAX_FINDINGS)
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

function difference(before: readonly Member[], after: readonly Member[]): string {
  const only = (these: readonly Member[], those: readonly Member[]) => {
    const known = new Set(those.map(describeMember))
    return these.map(describeMember).filter((text) => !known.has(text))
  }
  const [joined, left] = [only(after, before), only(before, after)]
  return [
    joined.length > 0 ? `joined: ${some(joined)}` : '',
    left.length > 0 ? `left: ${some(left)}` : '',
  ]
    .filter((text) => text !== '')
    .join('; ')
}

function some(texts: readonly string[]): string {
  const more = texts.length - MAX_LISTED
  const shown = texts.slice(0, MAX_LISTED).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}
