import type { Leaders, Listener, Member } from './findings.ts'

/** Where the leaders of the groups are; `not-checked` where Raft addresses are not known or did not answer. */
export type Placement = 'spread' | 'single' | 'one-group' | 'not-checked'

/** A Raft group, as its listeners reported it. */
interface Group {
  readonly listeners: readonly Listener[]
  readonly leader: Member
}

/** The listeners that name the same leader address are one group. */
export function groupListeners(listeners: readonly Listener[]): readonly Group[] {
  const groups = new Map<string, { leader: Member; listeners: Listener[] }>()
  for (const listener of listeners) {
    if (listener.leader === null) continue
    const { address } = listener.leader
    const group = groups.get(address) ?? { leader: listener.leader, listeners: [] }
    group.listeners.push(listener)
    groups.set(address, group)
  }
  return [...groups.values()]
}

/** A listener that others name as their leader while it names another one, as in an election. */
export function findDeposed(listeners: readonly Listener[]): Listener | undefined {
  const named = new Set(listeners.map(({ leader }) => leader?.address))
  return listeners.find(
    ({ member, leader }) =>
      member !== null && named.has(member.address) && leader?.address !== member.address,
  )
}

/** Where the leaders are. One node has one Raft id in all of its groups. */
export function placementOf(listeners: readonly Listener[] | null): Placement {
  if (listeners === null || listeners.length === 0) return 'not-checked'
  if (listeners.some(({ leader }) => leader === null)) return 'not-checked'
  if (findDeposed(listeners) !== undefined) return 'not-checked'
  const groups = groupListeners(listeners)
  if (groups.length === 1) return 'one-group'
  return new Set(groups.map(({ leader }) => nodeOf(leader))).size > 1 ? 'spread' : 'single'
}

/** Where the leaders were over a whole run, by what says less; what was not asked after the messages counts for nothing. */
export function placementOver({ before, after }: Leaders): Placement {
  const [first, second] = [placementOf(before), placementOf(after)]
  if (first === 'not-checked' || second === 'not-checked') return first
  const order: readonly Placement[] = ['single', 'spread', 'one-group']
  return order.find((placement) => placement === first || placement === second) ?? first
}

/** A node by its Raft id, or by the host of its address where the leader reported none. */
export const nodeOf = ({ id, address }: Member): string => id || address.replace(/:\d+$/, '')

/** A member in a few words; foreign text. */
export const nameMember = (member: Member | null | undefined): string =>
  member?.id || member?.address || 'nobody'

/** A group before and after the messages. */
export interface GroupCourse {
  readonly raftAddresses: readonly string[]
  /** Null where not all listeners named the same one. */
  readonly before: Member | null
  readonly after: Member | null
}

/** The groups as they were before, and who led the same listeners after. */
export function followGroups({ before, after }: Leaders): readonly GroupCourse[] {
  const later = new Map((after ?? []).map(({ raftAddress, leader }) => [raftAddress, leader]))
  return groupListeners(before ?? []).map(({ listeners, leader }) => {
    const raftAddresses = listeners.map(({ raftAddress }) => raftAddress)
    const leaders = raftAddresses.map((address) => later.get(address) ?? null)
    const [first = null] = leaders
    const agreed = leaders.every((one) => one !== null && one.address === first?.address)
    return { raftAddresses, before: leader, after: agreed ? first : null }
  })
}

/** Whether a group has another leader than before, as far as that is known. */
export const hasMoved = ({ before, after }: GroupCourse): boolean =>
  before !== null && after !== null && before.address !== after.address
