import type { Listener } from './findings.ts'
import { groupListeners, nodeOf } from './placement.ts'

/** Whether a word can stand in a command line as it is, so that foreign text cannot run there. */
const isSafeWord = (text: string): boolean => /^[A-Za-z0-9[][A-Za-z0-9._:/[\]-]{0,299}$/.test(text)

/**
 * The command that deletes a queue through the node at this base URL. The server finds the queue by the last part of
 * the address, so it needs no answer of a server.
 */
export function deleteCommand(
  base: string,
  queue: string,
  region: string,
  hasCredentials: boolean,
): string {
  const root = base.replace(/\/+$/, '')
  if (![root, queue, region].every(isSafeWord)) return ''
  const unsigned = hasCredentials ? '' : ' --no-sign-request'
  return `aws sqs delete-queue --endpoint-url ${root} --region ${region}${unsigned} --queue-url ${root}/${queue}`
}

/**
 * The command that gives one of the groups that one node leads to another node, as the server's own `raftadmin` takes it.
 * What is not known of the other node is left to the reader.
 */
export function moveCommand(listeners: readonly Listener[]): string {
  const group = groupListeners(listeners).at(-1)
  if (group === undefined) return ''
  const { leader } = group
  const others = group.listeners.flatMap(({ member }) => (member === null ? [] : [member]))
  const other = others.find(
    (member) => member.address !== leader.address && nodeOf(member) !== nodeOf(leader),
  )
  const words = [leader.address, other?.id ?? 'OTHER_ID', other?.address ?? 'OTHER_RAFT_ADDRESS']
  const [from, id, to] = words.map((word) => (isSafeWord(word) ? word : 'SEE_REPORT'))
  return `RAFTADMIN_ALLOW_INSECURE=true raftadmin ${from} leadership_transfer_to_server ${id} ${to}`
}
