import { isSafeWord } from './command.ts'

/** A member of the cluster, by its Raft id and its Raft address. */
export interface Member {
  readonly id: string
  readonly address: string
}

/** What one Raft listener said when it was asked who leads its group. All texts are foreign. */
export interface Listener {
  /** The address that was asked. */
  readonly raftAddress: string
  /** The node's name in the list. */
  readonly node: string
  /** Who the listener is, by the members of the cluster; null where that is not known. */
  readonly member: Member | null
  /** The leader that it named; null if it named none or did not answer. */
  readonly leader: Member | null
  /** Why there is no answer; empty if there is one. */
  readonly error: string
}

/** Where the leaders of the groups are; `not-checked` where Raft addresses are not known or did not tell. */
export type Placement = 'spread' | 'single' | 'one-group' | 'not-checked'

/** A Raft group, as its listeners told it. */
export interface Group {
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

/** Where the leaders are. One node has one Raft id in all of its groups. */
export function placementOf(listeners: readonly Listener[] | null): Placement {
  if (listeners === null || listeners.length === 0) return 'not-checked'
  if (listeners.some(({ leader }) => leader === null)) return 'not-checked'
  const groups = groupListeners(listeners)
  if (groups.length === 1) return 'one-group'
  return new Set(groups.map(({ leader }) => nodeOf(leader))).size > 1 ? 'spread' : 'single'
}

/** A node by its Raft id, or by the host of its address where the leader told none. */
export const nodeOf = ({ id, address }: Member): string => id || address.replace(/:\d+$/, '')

/** A group before and after the messages. */
export interface GroupCourse {
  readonly raftAddresses: readonly string[]
  /** Null where not all listeners named the same one. */
  readonly before: Member | null
  readonly after: Member | null
}

/** The groups as they were before, and who led the same listeners after. */
export function followGroups(
  before: readonly Listener[] | null,
  after: readonly Listener[] | null,
): readonly GroupCourse[] {
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

/**
 * The command that gives one of the groups that one node leads to another node, for the server's own `raftadmin`, which
 * speaks plaintext to addresses other than the loopback only with the variable. What is not known of the other node is left
 * to the reader.
 */
export function moveCommand(listeners: readonly Listener[]): string {
  const group = groupListeners(listeners).at(-1)
  if (group === undefined) return ''
  const { leader } = group
  const others = group.listeners.flatMap(({ member }) => (member === null ? [] : [member]))
  const other = others.find((member) => nodeOf(member) !== nodeOf(leader))
  const words = [leader.address, other?.id ?? 'OTHER_ID', other?.address ?? 'OTHER_RAFT_ADDRESS']
  const [from, id, to] = words.map((word) => (isSafeWord(word) ? word : 'SEE_REPORT'))
  return `RAFTADMIN_ALLOW_INSECURE=true raftadmin ${from} leadership_transfer_to_server ${id} ${to}`
}
