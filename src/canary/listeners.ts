import { type KnownMember, type LeaderReport, raftPlace } from '../membership/membership.ts'
import type { Listener } from './placement.ts'

/** What the Raft listeners said of their leaders, with who they are by the members of the cluster. */
export function toListeners(
  reports: readonly LeaderReport[],
  members: readonly KnownMember[],
  redact: (text: string) => string,
): readonly Listener[] {
  return reports.map(({ peer, raftAddress, result }) => {
    const place = raftPlace(raftAddress)
    const member =
      members.find(({ address }) => raftPlace(address).address === place.address) ??
      members.find(
        ({ id, address }) => peer.names.includes(id) && raftPlace(address).port === place.port,
      )
    const told = result.kind === 'answer' && result.answer.address !== '' ? result.answer : null
    return {
      raftAddress,
      node: peer.name,
      member: member === undefined ? null : { id: member.id, address: member.address },
      leader: told === null ? null : { id: redact(told.id), address: redact(told.address) },
      error: result.kind === 'failure' ? redact(result.failure.error) : '',
    }
  })
}
