import {
  CALL_REASONS,
  CONNECTION_REASONS,
  type Explanation,
  NOT_YET,
  RUN_AGAIN,
} from './call-advice.ts'

/** The reasons of the canary; docs/troubleshooting.md has a section for each step. */
export const REASONS = {
  inputs: {
    words: 'the inputs are wrong',
    advice: 'Nothing was asked or created. Correct what is named.',
  },
  'gate-closed': {
    words: 'the gate is closed',
    advice:
      'Nothing was created. The summary of the gate, below, says which node it is and what to do.',
  },
  ...CALL_REASONS,
  ...CONNECTION_REASONS,
  untagged: {
    words: 'a queue of this name exists that no canary made',
    advice:
      'It does not have the tag of a canary, so it was left alone. Set `queue` to a name that nobody else uses; if there is a partition map, add that name to it.',
  },
  'another-canary': {
    words: 'another canary is running',
    advice:
      'Its queue is younger than ten minutes. Wait for it, and give the workflows that run a canary one `concurrency` group. The queue of a run that was killed is deleted by the next one after ten minutes.',
  },
  leftover: {
    words: 'a leftover of an earlier canary was deleted',
    advice: 'An earlier run was killed before it could delete its queue. There is nothing to do.',
  },
  'create-elsewhere': {
    words: 'a node did not create the queue, but another one did',
    advice: 'Find out why the node refused: the next call may go to it.',
  },
  'leaders-unknown': {
    words: 'the leader of a group is not known',
    advice:
      'A Raft listener named no leader, did not answer, or contradicts the others. Wait until the cluster is stable, ' +
      RUN_AGAIN,
  },
  'not-spread': {
    words: 'several groups are led by one node',
    advice:
      'With `require-spread` the leaders have to be on several nodes, because that is the placement that is known to break. Move a leader with the command, ' +
      RUN_AGAIN,
  },
  'single-leader': {
    words: 'all groups are led by one node',
    advice:
      'What was proven holds for this placement only, and the next election may change it. Move a leader with the command and run the canary again, or let `require-spread: true` insist on it.',
  },
  'leaders-changed': {
    words: 'leaders changed during the run',
    advice:
      'What was seen belongs to no single placement. Run the canary again once the cluster is stable.',
  },
  missing: {
    words: 'messages were not delivered',
    advice: `They were accepted, but did not arrive in time. ${NOT_YET} Search the logs of the leaders of the partition's group for the time of this run.`,
  },
  twice: {
    words: 'a message was delivered twice',
    advice: `It had been deleted or was in flight, and was delivered again. ${NOT_YET} Two nodes may both believe that they are the leader, or one may answer from a stale view.`,
  },
  'out-of-order': {
    words: 'messages of a group were delivered out of order',
    advice: `A FIFO queue must keep the order of each group. ${NOT_YET} Search the logs of the leaders for the time of this run.`,
  },
  'foreign-message': {
    words: 'a message was delivered that this run did not send',
    advice:
      'It was left alone. Either somebody else uses the queue of the canary, or messages of a deleted queue are delivered again.',
  },
  'still-there': {
    words: 'a node still reports the queue after it was deleted',
    advice:
      'The node answers from a stale view, or belongs to another cluster: compare its members with the others.',
  },
  'clock-jumped': {
    words: 'the clock of the runner jumped',
    advice:
      'The runner slept, or its clock was set, so the time limits of this run did not hold. Run the canary again.',
  },
  limit: {
    words: 'the steps took longer than the limit',
    advice:
      'See which step took the time. Raise `limit` where there are many partitions and messages.',
  },
  cancelled: {
    words: 'the run was cancelled',
    advice: 'Run the canary again.',
  },
  crashed: {
    words: 'the canary itself failed',
    advice: 'This is a defect of the canary. Please report it with the debug log.',
  },
  'queue-left': {
    words: 'the queue may still be there',
    advice:
      'Make sure that its tag `htfifo-gate-canary` is that of this run, and delete it with the command, with the credentials of the canary. Otherwise the next run of the canary deletes it once it is older than ten minutes.',
  },
} as const satisfies Readonly<Record<string, Explanation>>

/** Why a canary is not proven, or what it warns of. */
export type Reason = keyof typeof REASONS
