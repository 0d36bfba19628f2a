import type { Member, Membership } from '../membership/membership.ts'
import { plural } from '../shared/text.ts'
import { countGroup } from './groups.ts'
import type { PeerResult } from './result.ts'

/** A sentence of the gate's own words, and of foreign text, which whoever shows it has to make safe. */
export type Sentence = readonly (string | { readonly foreign: string })[]

/** Whether it is HT-FIFO that is gated: the partitioned layout is claimed for this capability alone. */
export const isHtFifo = (capability: string): boolean => capability === 'htfifo'

/** How many members or names a headline tells. */
const MAX_NAMED = 3

/** All nodes advertise the capability. */
export function tellAll(total: number, capability: string): Sentence {
  const all = total === 1 ? 'the only node advertises ' : `all ${total} nodes advertise `
  return [all, { foreign: capability }]
}

/** Some nodes are not ready: how many, and why, in words that are true of each. */
export function tellUnready(results: readonly PeerResult[], capability: string): Sentence {
  const count = (group: 'old' | 'wrong' | 'unasked') => countGroup(results, group)
  const [old, wrong, unasked] = [count('old'), count('wrong'), count('unasked')]
  const only = results.length === 1
  const who = (number: number) => (only ? 'it' : String(number))
  // What lacks another capability than this one need not be old.
  const lacks = isHtFifo(capability)
    ? `${who(old)}${only ? ' is' : ''} old`
    : `${who(old)} ${old === 1 ? 'does' : 'do'} not advertise it`
  const reasons = [
    old > 0 ? lacks : '',
    wrong > 0 ? `${who(wrong)} gave no usable answer` : '',
    unasked > 0 ? `${who(unasked)} could not be asked` : '',
  ].filter((reason) => reason !== '')
  const unready = old + wrong + unasked
  const some = only
    ? 'the only node is'
    : `${unready} of ${results.length} nodes ${unready === 1 ? 'is' : 'are'}`
  return [`${some} not ready for `, { foreign: capability }, `: ${reasons.join(', ')}`]
}

/** A member with what tells it apart, as one piece of foreign text. */
export function describeMember({ id, address, suffrage }: Member): string {
  const known = [address, suffrage].filter((text) => text !== '')
  return known.length === 0 ? id : `${id} (${known.join(', ')})`
}

/** The members that no peer of the list stands for. */
export const unlistedMembers = (membership: Membership | null) =>
  (membership?.members ?? []).filter(({ listed }) => !listed)

/** Why the list is not confirmed: the worst reason. */
export function tellMembership(membership: Membership): Sentence {
  const { shared, unknown, changed } = membership
  const unlisted = unlistedMembers(membership)
  if (unlisted.length > 0) {
    const who =
      unlisted.length === 1
        ? 'a member that is not in the list: '
        : `${unlisted.length} members that are not in the list: `
    return [`the cluster has ${who}`, ...tellSome(unlisted, describeMember)]
  }
  if (shared[0] !== undefined) {
    return [...tellSome(shared[0], String), ' lead to one node, so a member was not asked']
  }
  if (changed.length > 0) return ['the members of the cluster changed while they were asked']
  if (unknown.length > 0) {
    return [...tellSome(unknown, ({ name }) => name), ' did not report the members of the cluster']
  }
  return ['the members of the cluster are not confirmed']
}

/** The first few items, and how many more there are. */
function tellSome<T>(items: readonly T[], describe: (item: T) => string): Sentence {
  const more = items.length - MAX_NAMED
  const shown: Sentence = items.slice(0, MAX_NAMED).flatMap((item, index) => {
    const part = { foreign: describe(item) }
    return index === 0 ? [part] : [', ', part]
  })
  return more > 0 ? [...shown, ` and ${more} ${plural(more, 'other')}`] : shown
}
