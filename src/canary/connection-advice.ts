import { type Explanation, RUN_AGAIN } from './call-advice.ts'

/** The reasons for which a call gets no readable answer. */
export const CONNECTION_REASONS = {
  'create-timeout': {
    words: 'the creation got no answer in time',
    advice:
      "Before the server creates a partitioned queue it asks every node of its own `--raftSqsMap`, for up to 3 s: one that hangs, or is gone from the network, takes that long. Compare that map with your list, and run the canary with `timeout: 5s` to see the server's own words.",
  },
  timeout: {
    words: 'a node did not answer in time',
    advice:
      'The node hangs, or the way to it does. Read its log. Raise `timeout` only where the link is truly slow.',
  },
  disconnected: {
    words: 'the connection broke before the answer was complete',
    advice: `A node that restarts, or a middlebox that cuts. Wait until the node is stable, ${RUN_AGAIN}`,
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
      'Give the address of the node itself: a proxy, a portal or another service answered instead, or an answer that is broken.',
  },
  'too-large': {
    words: 'an answer is far larger than any that a node sends',
    advice: 'The canary stopped reading it. Check what answers at this address.',
  },
} as const satisfies Readonly<Record<string, Explanation>>
