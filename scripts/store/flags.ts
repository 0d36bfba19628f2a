import { type ClusterPlan, listenersOf, type Node, raftSqsMap } from './node.ts'

/** The flags of a node in a cluster of this plan, but for those of its membership. */
export function flagsOf(
  { id, sqs, raft }: Node,
  founders: readonly Node[],
  { partitionMap }: ClusterPlan,
): string[] {
  const [first = ''] = raft.values()
  const groups = [...raft].map(([group, address]) => `${group}=${address}`)
  return [
    ...['--raftId', id, '--address', first],
    ...['--sqsAddress', sqs, '--raftSqsMap', raftSqsMap(founders).join(',')],
    // Every other listener is switched off, or takes any port of the loopback where it cannot be.
    ...['--redisAddress', '127.0.0.1:0', '--dynamoAddress', '127.0.0.1:0'],
    ...['--metricsAddress', '', '--pprofAddress', '', '--s3Address', ''],
    // Without --raftGroups there is one group, with the number 1; the older binaries are started like that.
    ...(raft.size === 1 && raft.has(1) ? [] : ['--raftGroups', groups.join(',')]),
    ...(partitionMap === undefined ? [] : ['--sqsFifoPartitionMap', partitionMap]),
  ]
}

/** The flags of a node that founds a cluster with these voters. */
export function foundingFlags(voters: readonly Node[], groups: readonly number[]): string[] {
  const [only = 1, ...others] = groups
  if (others.length === 0) return ['--raftBootstrapMembers', listMembers(voters, only, '=')]
  const lists = groups.map((group) => `${group}=${listMembers(voters, group, '@')}`)
  return ['--raftGroupPeers', lists.join(';')]
}

/** The flags of a node that joins a group with these members, itself among them. */
export function joiningFlags(members: readonly Node[], group: number): string[] {
  return ['--raftJoinAsLearner', '--raftJoinMembers', listMembers(members, group, '=')]
}

const listMembers = (nodes: readonly Node[], group: number, sign: string) =>
  [...listenersOf(nodes, group)].map(([id, address]) => `${id}${sign}${address}`).join(',')
