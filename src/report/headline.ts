import type { Membership } from '../membership/membership.ts'
import {
  blockingPeers,
  countReadiness,
  type PeerResult,
  type Readiness,
  type Verdict,
} from '../rounds/rounds.ts'
import { allOf, listSome, plural } from '../shared/text.ts'
import { describeMember, unlistedMembers } from './findings.ts'
import { isHtFifo } from './statuses.ts'

/** How many members or names a headline tells. */
const MAX_NAMED = 3

/** The verdict in one sentence, for a release manager, with foreign text as `show` makes it safe. */
export function headline(verdict: Verdict, show: (text: string) => string): string {
  return verdict.open
    ? `OPEN: ${allAdvertise(verdict, show)}.`
    : `CLOSED: ${explain(verdict, show)}.`
}

function explain(verdict: Verdict, show: (text: string) => string): string {
  const { problems, results, membership, streak, stableRounds } = verdict
  if (verdict.crash !== null) return 'the gate itself failed'
  if (problems.length > 0) {
    return `nothing was polled, ${problems.length} ${plural(problems.length, 'problem')} with the inputs`
  }
  if (verdict.cancelled) return 'the run was cancelled before the gate could open'
  if (results.length === 0) return 'no node was asked'
  const blocking = new Set(blockingPeers(verdict).map(({ peer }) => peer.name))
  if (blocking.size > 0) {
    const unready = explainUnready(verdict, show)
    // A node that is not ready need not report its members either; that one is told once.
    const isTold =
      membership === null ||
      membership.state === 'complete' ||
      (membership.state === 'unknown' && membership.unknown.every(({ name }) => blocking.has(name)))
    return isTold ? unready : `${unready}; and ${explainMembership(membership, show)}`
  }
  const all = allAdvertise(verdict, show)
  if (membership !== null && membership.state !== 'complete') {
    return `${all}, but ${explainMembership(membership, show)}`
  }
  return `${all}, but only for ${streak} of ${stableRounds} rounds in a row`
}

const allAdvertise = ({ results, capability }: Verdict, show: (text: string) => string) =>
  `${allOf(results.length, 'node')} ${results.length === 1 ? 'advertises' : 'advertise'} ${show(capability)}`

/** How many nodes are not ready, and why, in words that are true of each. */
function explainUnready({ results, capability }: Verdict, show: (text: string) => string): string {
  const count = (readiness: Readiness) => countReadiness(results, readiness)
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
  return `${some} not ready for ${show(capability)}: ${reasons.join(', ')}`
}

/** Why the list is not confirmed: the worst reason. */
function explainMembership(membership: Membership, show: (text: string) => string): string {
  const { shared, unknown, changed, moved } = membership
  const some = (texts: readonly string[]) =>
    listSome(
      texts.map((text, at) => (at < MAX_NAMED ? show(text) : text)),
      MAX_NAMED,
    )
  // A node has one id in all of its groups, and a Raft address in each.
  const unlisted = [
    ...new Map(unlistedMembers(membership).map((member) => [member.id, member])).values(),
  ]
  if (unlisted.length > 0) {
    const who = unlisted.length === 1 ? 'a member that is' : `${unlisted.length} members that are`
    return `the cluster has ${who} not in the list: ${some(unlisted.map(describeMember))}`
  }
  if (shared[0] !== undefined) {
    return `${some(shared[0])} lead to one address, or are swapped, so a member may not have been asked`
  }
  if (moved[0] !== undefined) {
    const places = moved[0].members.map(({ address }) => address)
    return `the nodes report ${show(moved[0].id)} at several addresses: ${some(places)}`
  }
  if (changed.length > 0) return 'the members of the cluster changed while they were asked'
  if (unknown.length > 0) {
    const names = [...new Set(unknown.map(({ name }) => name))]
    return `${some(names)} did not report the members of the cluster`
  }
  return 'the members of the cluster are not confirmed'
}

/** What the verdict means for whoever wants to enable the capability, and no more than is known. */
export function consequence(verdict: Verdict, show: (text: string) => string): string {
  const { open, results, capability, membership } = verdict
  const htFifo = isHtFifo(capability)
  if (open) {
    return htFifo
      ? 'Every node runs a binary that knows the partitioned layout. Whether the cluster serves a partitioned queue has not been tried; that is what the canary action does.'
      : 'Every node advertises the capability.'
  }
  const stop = `Do not enable ${show(capability)}`
  if (results.length === 0) {
    const next =
      verdict.crash === null
        ? 'Correct what is listed here, then run the gate again.'
        : 'Run the gate again; if it fails again, report it with the debug log.'
    return `${stop}: nothing is known about the nodes. ${next}`
  }
  if (blockingPeers(verdict).length > 0) return `${stop}: ${tellRisk(results, htFifo)}.`
  if (membership !== null && membership.state !== 'complete') {
    const risk = htFifo ? 'run an old binary and lose messages' : 'lack the capability'
    return `${stop}: ${missedMember(membership)} may ${risk}.`
  }
  return verdict.cancelled
    ? `${stop} yet: run the gate again.`
    : `${stop} yet: run the gate again, with a longer \`wait\` or fewer \`stable-rounds\` if it ran out of time.`
}

function tellRisk(results: readonly PeerResult[], htFifo: boolean): string {
  const has = (readiness: Readiness) => countReadiness(results, readiness) > 0
  const unasked = has('unasked') ? 'could not be asked' : 'gave no usable answer'
  if (!has('old')) {
    return htFifo
      ? `a node that ${unasked} may run an old binary and lose messages`
      : `a node that ${unasked} may lack the capability`
  }
  const old = htFifo
    ? 'a node with an old binary can lose messages'
    : 'not every node has the capability'
  const others = has('wrong') || has('unasked')
  return others
    ? `${old}. The nodes without a usable answer may ${htFifo ? 'be old' : 'lack it'} as well`
    : old
}

const missedMember = ({ members, shared }: Membership) =>
  shared.length > 0 || members.some(({ listed }) => !listed)
    ? 'a member that was not asked'
    : 'the list is not confirmed, and a member missing from it'

/** What the verdict rests on besides the answers of the nodes, in one plain sentence; empty where the list is not confirmed. */
export function basis({ membership, results }: Verdict): string {
  if (results.length === 0) return ''
  if (membership === null) {
    return 'Membership was not checked (raft-port is not set): the list is taken on trust.'
  }
  const { state, groups } = membership
  return state === 'complete'
    ? `Membership confirmed by ${allOf(results.length, 'node')} (${groups} ${plural(groups, 'group')}), before and after.`
    : ''
}
