import { type Bounds, failCall, GRACE_MS } from './call.ts'
import { askOwner, dropQueue } from './owner.ts'
import { saysNoQueue } from './queue.ts'
import { fail, type NodeRecord, type Run } from './run.ts'

/** The time for the clean-up as a whole, in milliseconds. */
const BUDGET_MS = 15_000
/** The most that one call of it takes, in milliseconds, however long the calls of the run may: a node that hangs leaves time for others. */
const CALL_MS = 5_000
/** Both once the run is cancelled, the first counted from then: the run has to end within a second. */
const CANCELLED_BUDGET_MS = 750
const CANCELLED_CALL_MS = 250
/** How often all nodes are asked, with a pause in between, in milliseconds: an election takes a few seconds. */
const ROUNDS = 20
const PAUSE_MS = 250
/** Never aborted. */
const NEVER = new AbortController().signal

/** Deletes the queue, and checks that every node says that it does not exist. */
export async function deleteQueue(run: Run): Promise<void> {
  const [first] = run.nodes
  if (first === undefined || first.queueUrl === null) return
  const owner = await askOwner(run, first, first.queueUrl)
  if (owner.kind === 'failed') return failCall(run, first, owner.failure)
  if (owner.value.kind !== 'this-run') {
    const words = 'the queue of this run was gone before it was deleted'
    return fail(run, 'queue-missing', { node: first.name, words })
  }
  const dropped = await dropQueue(run, first, first.queueUrl, { graceMs: GRACE_MS })
  if (dropped.kind === 'failed') return failCall(run, first, dropped.failure)
  const gone = await Promise.all(run.nodes.map((node) => checkGone(run, node)))
  if (gone.every(Boolean)) run.created = 'no'
}

/** Checks that a node no longer reports this run's queue. Another canary may have made its own by now. */
async function checkGone(run: Run, node: NodeRecord): Promise<boolean> {
  const owner = await askOwner(run, node, null)
  if (owner.kind === 'failed') failCall(run, node, owner.failure)
  else if (owner.value.kind !== 'this-run') return true
  else {
    node.error ||= `GetQueueUrl: the queue ${run.options.queue} is still there`
    fail(run, 'still-there', { node: node.name, words: node.error })
  }
  return false
}

/** What a node said of the queue of this run; `absent` where it is gone, or another one has its name. */
type Trace = 'absent' | 'deleted' | 'unknown'

/**
 * Deletes the queue of this run where it may be there, through each node in turn, again and again, until one takes it or
 * the time is over; any other queue is left alone. Afterwards `created` says whether the queue may still be there.
 */
export async function cleanUp(run: Run): Promise<void> {
  const { now, pause, timeoutMs, signal } = run.options
  const startedAt = now()
  const leftMs = () =>
    run.cancelledAt === null
      ? startedAt + BUDGET_MS - now()
      : run.cancelledAt + CANCELLED_BUDGET_MS - now()
  const bounds = () => {
    const callMs = Math.min(timeoutMs, leftMs(), signal.aborted ? CANCELLED_CALL_MS : CALL_MS)
    // A call that a cancelled run begins has its own, short limit.
    const under = signal.aborted ? NEVER : signal
    return { timeoutMs: Math.max(1, callMs), signal: under, graceMs: GRACE_MS, now }
  }
  for (let round = 1; run.created !== 'no' && round <= ROUNDS && leftMs() > 0; round++) {
    const traces: Trace[] = []
    for (const node of healthyFirst(run.nodes)) {
      if (leftMs() <= 0) return
      const trace = await deleteThrough(run, node, bounds)
      traces.push(trace)
      if (trace === 'deleted') break
    }
    // Where all say that it is not there, a creation without an answer may still be carried out.
    const isGone = !traces.includes('unknown') && run.created === 'yes'
    if (isGone || traces.includes('deleted')) run.created = 'no'
    else await pause(Math.max(0, Math.min(PAUSE_MS, leftMs())), NEVER)
  }
}

/** Nodes that answered so far come first: the time may not be enough for the others. */
export function healthyFirst(nodes: readonly NodeRecord[]): readonly NodeRecord[] {
  const rank = ({ error, owes }: NodeRecord) => Number(error !== '') + Number(owes)
  return nodes.toSorted((one, other) => rank(one) - rank(other))
}

/** Deletes the queue through one node, if this node says that it is of this run. */
async function deleteThrough(run: Run, node: NodeRecord, bounds: () => Bounds): Promise<Trace> {
  const owner = await askOwner(run, node, node.queueUrl, bounds)
  if (owner.kind === 'failed') return 'unknown'
  const { value } = owner
  // CreateQueue succeeded, so this may be the queue of this run on a server that keeps no tags.
  if (value.kind === 'untagged' && run.created === 'yes') return 'unknown'
  if (value.kind !== 'this-run') return 'absent'
  const dropped = await dropQueue(run, node, value.url, bounds())
  if (dropped.kind === 'failed') return saysNoQueue(dropped.failure) ? 'absent' : 'unknown'
  // A deletion that was accepted but not carried out must not be reported as done; a cancelled run has no time to look.
  if (run.options.signal.aborted) return 'deleted'
  const heir = await askOwner(run, node, null, bounds)
  return heir.kind === 'ok' && heir.value.kind === 'this-run' ? 'unknown' : 'deleted'
}
