import { startRaftListener } from '../../sample/raft.ts'
import type { Member } from '../../src/membership/membership.ts'

/** A Raft listener that answers as a node does. */
export interface RaftNode extends AsyncDisposable {
  /** `127.0.0.1:port` or `[::1]:port` */
  readonly address: string
  readonly port: number
  /** How many calls were answered. */
  readonly calls: () => number
  /** The header fields of the last call. */
  readonly lastHead: () => Readonly<Record<string, unknown>>
}

/**
 * Starts a listener of RaftAdmin on a free port.
 *
 * @param members what it knows; a function is asked anew with each call
 */
export async function startRaftNode(
  members: readonly Member[] | (() => readonly Member[]),
  host = '127.0.0.1',
): Promise<RaftNode> {
  let calls = 0
  let lastHead = {}
  const { address, close } = await startRaftListener(
    (head) => {
      calls++
      lastHead = head
      return typeof members === 'function' ? members() : members
    },
    { host },
  )
  return {
    address,
    port: Number(address.split(':').at(-1)),
    calls: () => calls,
    lastHead: () => lastHead,
    [Symbol.asyncDispose]: close,
  }
}
