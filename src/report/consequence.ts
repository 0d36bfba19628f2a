import type { Membership } from '../membership/membership.ts'
import { blockingPeers, countGroup, type Group, isHtFifo, type Verdict } from '../rounds/rounds.ts'

/** What the verdict means for the release, and no more than is known. */
export function consequence(verdict: Verdict): string {
  const { open, problems, results, capability, membership } = verdict
  const htFifo = isHtFifo(capability)
  if (open) {
    return htFifo
      ? 'Every node runs a binary that knows the partitioned layout. The release may go out now.'
      : 'Every node advertises the capability. A release that needs it may go out now.'
  }
  if (problems.length > 0) {
    return 'The release must not go out: nothing is known about the nodes. Correct what is listed here, then run the gate again.'
  }
  if (blockingPeers(verdict).length > 0) {
    const has = (group: Group) => countGroup(results, group) > 0
    if (!has('old')) return `The release must not go out: ${unknown(has('unasked'), htFifo)}.`
    const old = htFifo
      ? 'a node with an old binary can lose messages'
      : 'not every node has the capability'
    const others = has('wrong') || has('unasked')
    const also = others
      ? ` The nodes without a usable answer may ${htFifo ? 'be old' : 'lack it'} as well.`
      : ''
    return `The release must not go out: ${old}.${also}`
  }
  if (membership !== null && membership.state !== 'complete') {
    const risk = htFifo ? 'run an old binary and lose messages' : 'lack the capability'
    return `The release must not go out: ${missed(membership)} may ${risk}.`
  }
  return 'The release must not go out yet: run the gate again, with a longer `wait` or fewer `stable-rounds` if it ran out of time.'
}

/** Who was not asked, or may not have been. */
const missed = ({ members, shared }: Membership) =>
  shared.length > 0 || members.some(({ listed }) => !listed)
    ? 'a member that was not asked'
    : 'the list is not confirmed, and a member that it lacks'

/** What no node said: none is known to be old, none of those to be ready. */
function unknown(unasked: boolean, htFifo: boolean): string {
  const nodes = unasked ? 'the nodes that could not be asked' : 'the nodes without a usable answer'
  return htFifo
    ? `nothing is known about ${nodes}, and an old binary among them can lose messages`
    : `whether ${nodes} have the capability is not known`
}
