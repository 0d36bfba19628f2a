import { join } from 'node:path'
import { run } from './processes.ts'
import { until } from './until.ts'

const CALL_MS = 5_000
/** An election and its news; several seconds where both cores are busy. */
const SETTLED_MS = 20_000

/** Runs the store's own `raftadmin` against a Raft listener. */
const ask = (binaries: string, address: string, ...args: readonly string[]) =>
  run(join(binaries, 'raftadmin'), [address, ...args], CALL_MS)

/** The id of the leader that a Raft listener knows; empty without one. */
export async function readLeader(binaries: string, address: string): Promise<string> {
  return /^id: "(.*)"$/m.exec(await ask(binaries, address, 'leader'))?.[1] ?? ''
}

/** Waits until all listeners of a group know the same leader, and returns its id. */
export function awaitLeader(binaries: string, addresses: readonly string[]): Promise<string> {
  return until(`a leader known to ${addresses.join(', ')}`, SETTLED_MS, async () => {
    const told = await Promise.all(addresses.map((address) => readLeader(binaries, address)))
    const [leader = ''] = told
    return leader !== '' && told.every((id) => id === leader) ? leader : undefined
  })
}

/** Moves the leader of a group to a node, and waits until all listeners of the group know. */
export async function moveLeader(
  binaries: string,
  group: ReadonlyMap<string, string>,
  to: string,
): Promise<void> {
  const addresses = [...group.values()]
  await until(`${to} to lead`, SETTLED_MS, async () => {
    const leader = await awaitLeader(binaries, addresses)
    if (leader === to) return true
    const words = ['leadership_transfer_to_server', to, group.get(to) ?? '']
    await ask(binaries, group.get(leader) ?? '', ...words)
    return undefined
  })
}

/** Adds a node to a group as a learner, through the leader of the group. */
export async function addLearner(
  binaries: string,
  group: ReadonlyMap<string, string>,
  id: string,
  address: string,
): Promise<void> {
  const leader = await awaitLeader(binaries, [...group.values()])
  await ask(binaries, group.get(leader) ?? '', 'add_learner', id, address)
}

/** Takes a node out of a group, through a leader that stays. */
export async function removeMember(
  binaries: string,
  group: ReadonlyMap<string, string>,
  id: string,
): Promise<void> {
  const [leader = ''] = [...group.keys()].filter((other) => other !== id)
  await moveLeader(binaries, group, leader)
  await ask(binaries, group.get(leader) ?? '', 'remove_server', id)
}
