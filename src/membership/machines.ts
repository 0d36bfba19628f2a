import { isIP } from 'node:net'
import type { Peer } from '../inputs/inputs.ts'
import { isLoopback } from '../shared/ip.ts'
import { listSome } from '../shared/text.ts'
import { add, indexPeers, uniqueLists } from './peer-index.ts'
import { raftPlace } from './raft-address.ts'
import type { Member } from './types.ts'

/** How many names a warning has. */
const MAX_NAMES = 5

/** Where the exchanges with a peer ended, as IP addresses and ports; none of SQS behind a proxy. */
export interface Contact {
  readonly peer: Peer
  readonly sqs: readonly string[]
  readonly raft: readonly string[]
}

/** What is found about peers that may be one machine. */
export interface Machines {
  /** Names for which one process answered. */
  readonly shared: readonly (readonly string[])[]
  /** What may hide that a node was not asked, in words. */
  readonly warnings: readonly string[]
}

/**
 * Finds peers with different names that led to one process: the same Raft address was asked for both, or both ended at the
 * same remote address and port, by any of their addresses. Peers of one gateway that have Raft addresses of their own are
 * several nodes that the gate cannot tell apart there, which is a warning. Pure.
 *
 * @param ownAddresses the IP addresses of the runner itself
 */
export function findMachines(
  contacts: readonly Contact[],
  ownAddresses: ReadonlySet<string>,
): Machines {
  const raft = new Map<string, Peer[]>()
  const sqs = new Map<string, Peer[]>()
  for (const { peer, ...ended } of contacts) {
    const asked = peer.raftAddresses.map((address) => raftPlace(address).address)
    for (const address of new Set([...asked, ...ended.raft])) add(raft, address, peer)
    for (const address of new Set(ended.sqs)) add(sqs, address, peer)
  }
  const several = (map: Map<string, Peer[]>) => [...map].filter(([, peers]) => peers.length > 1)
  const isGateway = (peers: readonly Peer[]) =>
    areToldApart(peers) && peers.every(({ raftAddresses }) => raftAddresses.length > 0)
  const { gateway = [], node = [] } = Object.groupBy(several(sqs), ([, peers]) =>
    isGateway(peers) ? 'gateway' : 'node',
  )
  const groups = [...several(raft), ...node].map(([, peers]) => namesOf(peers))
  return {
    shared: uniqueLists(groups),
    warnings: [
      ...gateway.map(
        ([address, peers]) =>
          `peers: ${listSome(namesOf(peers), MAX_NAMES)} are behind one gateway, ${address}; the gate cannot tell them apart there`,
      ),
      ...findOwn(contacts, ownAddresses),
    ],
  }
}

/**
 * Warns of peers that were asked at other IP addresses than the one at which the cluster knows their member, where others
 * were asked at theirs: the list may have another machine, or one from which the node has moved. Pure.
 */
export function findMisplaced(
  contacts: readonly Contact[],
  members: readonly Member[],
): readonly string[] {
  const hostOf = (address: string) => raftPlace(address).host
  const asked = new Set(contacts.flatMap(({ raft }) => raft.map(hostOf)))
  const known = members.filter(({ address }) => isIP(hostOf(address).replace(/[[\]]/g, '')) !== 0)
  const lost = known.filter(({ address }) => !asked.has(hostOf(address)))
  if (lost.length === known.length) return []
  const find = indexPeers(contacts.flatMap(({ peer, raft }) => (raft.length > 0 ? peer : [])))
  const places = lost.flatMap((member) =>
    [...find(member)].map(({ name }) => `${name} (${hostOf(member.address)})`),
  )
  if (places.length === 0) return []
  const told = listSome([...new Set(places)], MAX_NAMES)
  return [
    `peers: not asked at the address that the cluster has for it: ${told}. If that is another machine than the one in the list, a member was not asked.`,
  ]
}

const namesOf = (peers: readonly Peer[]) => peers.flatMap(({ names }) => names)

/** Whether the URLs of all peers differ in what a gateway goes by: the path, or the host name over TLS, which no node speaks itself. */
function areToldApart(peers: readonly Peer[]): boolean {
  const keys = peers.map(({ url }) => {
    const { protocol, hostname, pathname } = new URL(url)
    const path = pathname.replace(/%(..)/g, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    return `${protocol === 'https:' ? hostname.replace(/\.$/, '') : ''} ${path}`
  })
  return new Set(keys).size === peers.length
}

/** Names or addresses of the runner itself among others that are elsewhere, and names that lead to several of its addresses. */
function findOwn(contacts: readonly Contact[], ownAddresses: ReadonlySet<string>): string[] {
  const isOwn = (ip: string) => isLoopback(ip) || ownAddresses.has(ip)
  const { own = [], other = [] } = Object.groupBy(contacts, (contact) =>
    ipsOf(contact).some(isOwn) ? 'own' : 'other',
  )
  // Nodes of a test are at several loopback addresses, which are written as such.
  const places = new Set(
    own.map((contact) =>
      isLoopback(new URL(contact.peer.url).hostname) ? 'loopback' : ipsOf(contact).sort().join(),
    ),
  )
  const isMixed = own.length > 0 && other.some((contact) => ipsOf(contact).length > 0)
  if (!isMixed && places.size < 2) return []
  const names = listSome(
    own.map(({ peer }) => peer.name),
    MAX_NAMES,
  )
  return [
    `peers: ${names} ${own.length === 1 ? 'leads' : 'lead'} to this runner itself. Unless the node really runs here, another node was not asked: use the address that other machines use for it.`,
  ]
}

const ipsOf = ({ sqs, raft }: Contact) => [
  ...new Set([...sqs, ...raft].map((address) => address.replace(/:\d+$|[[\]]/g, ''))),
]
