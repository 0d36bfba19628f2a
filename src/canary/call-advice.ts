/** What is told about a reason: words for the summary, and what an operator does about it, in Markdown. */
export interface Explanation {
  readonly words: string
  readonly advice: string
}

export const RUN_AGAIN = 'then run the canary again.'
export const NOT_YET = 'Do not enable partitioning until the canary is proven.'

/** The reasons for which a call of a node fails. */
export const CALL_REASONS = {
  'capability-refused': {
    words: 'the cluster refused the queue: a peer does not advertise',
    advice:
      'All nodes of your list advertise, so the leader means another one: its own `--raftSqsMap` names a node that is not in your list, is gone, or has another address by now. The answer does not say which; the log of the leader does: search it for `htfifo capability gate rejected partitioned CreateQueue` and read `detail`. Correct `--raftSqsMap` on every node, ' +
      RUN_AGAIN,
  },
  'leader-not-capable': {
    words: 'the node that handled the call does not advertise htfifo',
    advice:
      'The node that answered runs another binary than the one that the gate asked: compare the addresses with `--raftSqsMap`, and upgrade that node.',
  },
  'map-lacks-queue': {
    words: 'the partition map of the cluster does not cover the queue',
    advice:
      'The `--sqsFifoPartitionMap` of the leader lacks this queue, or has fewer partitions for it. Give every node a map with this queue, restart them, and set `partitions` or `partition-map` to the same, ' +
      RUN_AGAIN,
  },
  'partition-count': {
    words: 'the cluster refused the number of partitions',
    advice: 'The number has to be a power of two from 2 to 32: set `partitions`.',
  },
  'attribute-refused': {
    words: 'the server does not know partitioned queues',
    advice:
      'It refused an attribute of HT-FIFO: an old binary, or another service, answered. Check the address, and run the gate against the nodes to which the call is forwarded.',
  },
  'queue-exists': {
    words: 'a queue of this name exists with other attributes',
    advice:
      'It appeared after the canary had looked, so somebody else made it, and it was left alone. Find out who uses the name, or set `queue` to a name of its own.',
  },
  credentials: {
    words: 'the credentials were not accepted',
    advice:
      'Pass `access-key-id` and `secret-access-key` as one of the pairs in `--sqsCredentialsFile`; if the cluster has such a file, the canary needs both. Check that the secrets of the workflow are set in this environment.',
  },
  region: {
    words: 'the region is not that of the server',
    advice:
      'Set `region` to the value of `--sqsRegion` on the nodes (`us-east-1` unless it is set).',
  },
  clock: {
    words: 'the clocks of runner and server are too far apart',
    advice:
      'Set the clock of the runner and of the nodes (NTP). Signatures are valid for a few minutes only.',
  },
  throttled: {
    words: 'the server limits the rate of calls',
    advice: 'Lower `messages` or `partitions`, or raise the limit of the server for this queue.',
  },
  'no-leader': {
    words: 'no leader accepts calls',
    advice:
      'A group has no leader, or the node cannot reach it. After the loss of a node this lasts about three seconds; wait until the cluster is stable, ' +
      RUN_AGAIN +
      ' If it persists, check whom each node reports as leader (`RAFTADMIN_ALLOW_INSECURE=true raftadmin ADDRESS leader`), and the addresses in `--raftSqsMap`.',
  },
  'leader-unmapped': {
    words: 'the node does not know the address of the leader',
    advice:
      'The `--raftSqsMap` of this node lacks the leader. Give all nodes the whole map, and restart this one.',
  },
  'internal-error': {
    words: 'the server failed',
    advice:
      'The server does not say why in its answer. Search the logs of the leaders for `sqs adapter internal error`.',
  },
  'receive-refused': {
    words: 'sends succeed, but receives fail',
    advice:
      'Do not enable partitioning on this topology: a queue would accept messages and not deliver them. This happens where the groups of the queue are led by different nodes; it can come and go with each election. Search the logs of the leaders for `sqs adapter internal error` at the time of this run, and compare with the table of groups.',
  },
  'queue-missing': {
    words: 'a node does not know the queue',
    advice:
      'A queue that was created is there on all nodes at once. This node may belong to another cluster, or answer from a stale view: compare its members with those of the others.',
  },
  'other-partitions': {
    words: 'a node reports another number of partitions',
    advice:
      'The node runs another binary or belongs to another cluster, or the queue was replaced in the meantime. ' +
      NOT_YET,
  },
  'refused-otherwise': {
    words: 'the server refused the call',
    advice: 'Its words say why. Search the log of the leader for the time of this run.',
  },
} as const satisfies Readonly<Record<string, Explanation>>

/** The reasons for which a call gets no readable answer. */
export const CONNECTION_REASONS = {
  'create-timeout': {
    words: 'CreateQueue got no answer in time',
    advice:
      "Before the server creates a partitioned queue it asks every node of its own `--raftSqsMap`, for up to 3 s: one that hangs, or is gone from the network, takes that long. Compare that map with your list, and run the canary with `timeout: 5s` to see the server's own words.",
  },
  timeout: {
    words: 'a node did not answer in time',
    advice:
      'The node hangs, or something on the way to it does. Read its log. Raise `timeout` only if the link is really slow.',
  },
  disconnected: {
    words: 'the connection broke before the answer was complete',
    advice: `The node is restarting, or a middlebox cuts connections. Wait until the node is stable, ${RUN_AGAIN}`,
  },
  unreachable: {
    words: 'a node could not be reached',
    advice:
      'The gate reached it a moment ago. Check whether the node is going down, and the network between the runner and it.',
  },
  tls: {
    words: 'the TLS handshake failed',
    advice:
      'Check `ca-certificate`, `client-certificate` and `client-key`, and the certificate of the node.',
  },
  unreadable: {
    words: 'what answered is not the SQS API of a node',
    advice:
      'A proxy, a portal or another service answered in place of the node, or the answer was broken or far too large. Give the address of the node itself.',
  },
} as const satisfies Readonly<Record<string, Explanation>>
