import { call } from './call.ts'
import { GRACE_MS } from './delete.ts'
import { askOwner } from './ownership.ts'
import { ok, saysNoQueue } from './queue.ts'
import type { NodeRecord, Run } from './run.ts'

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
/** Aborted by nothing. */
const NEVER = new AbortController().signal

/** What a node said of the queue of this run. */
type Trace = 'gone' | 'deleted' | 'not-ours' | 'unknown'

/**
 * Deletes the queue of this run where it may be there, through each node in turn, again and again, until one takes it or
 * the time is over; any other queue is left alone. Resolves to whether the queue may still be there.
 *
 * @param cancelledAt when the run was cancelled, by the clock of the run; null while it is not
 */
export async function cleanUp(run: Run, cancelledAt: () => number | null): Promise<boolean> {
  if (run.created === 'no') return false
  const { now, pause, timeoutMs } = run.options
  const startedAt = now()
  const leftMs = () => {
    const cancelled = cancelledAt()
    return cancelled === null
      ? startedAt + BUDGET_MS - now()
      : cancelled + CANCELLED_BUDGET_MS - now()
  }
  const limitMs = () =>
    Math.min(timeoutMs, leftMs(), cancelledAt() === null ? CALL_MS : CANCELLED_CALL_MS)
  for (let round = 1; round <= ROUNDS && leftMs() > 0; round++) {
    const traces: Trace[] = []
    for (const node of healthyFirst(run.nodes)) {
      if (leftMs() <= 0) return true
      const trace = await deleteThrough(run, node, limitMs)
      if (trace === 'deleted') return false
      traces.push(trace)
    }
    // Where all say that it is not there, a creation without an answer may still be carried out.
    const isGone = !traces.includes('unknown')
    if (isGone && run.created !== 'unanswered') return false
    await pause(PAUSE_MS, NEVER)
  }
  return true
}

/** Nodes that answered so far come first: the time may not be enough for the others. */
export function healthyFirst(nodes: readonly NodeRecord[]): readonly NodeRecord[] {
  const rank = ({ error, owes }: NodeRecord) => Number(error !== '') + Number(owes)
  return nodes.toSorted((one, other) => rank(one) - rank(other))
}

/** Deletes the queue through one node, if this node says that it is of this run. */
async function deleteThrough(run: Run, node: NodeRecord, limitMs: () => number): Promise<Trace> {
  const { queue: name, signal } = run.options
  const bounds = () => {
    // A call that a cancelled run begins has its own, short limit.
    const under = signal.aborted ? NEVER : signal
    return { timeoutMs: Math.max(1, limitMs()), signal: under, graceMs: GRACE_MS }
  }
  const ask = () => call(run, node, 'GetQueueUrl', (queue, s) => queue.find(name, s), bounds())
  const found = node.queueUrl === null ? await ask() : ok(node.queueUrl)
  if (found.kind === 'failed') return 'unknown'
  const url = found.value
  if (url === null) return 'gone'
  const owner = await askOwner(run, node, url, bounds())
  if (owner.kind === 'failed') return 'unknown'
  if (owner.value.kind === 'gone') return 'gone'
  // The creation was taken, so this may be the queue of this run on a server that keeps no tags.
  if (owner.value.kind === 'untagged') return run.created === 'yes' ? 'unknown' : 'not-ours'
  if (owner.value.kind !== 'this-run') return 'not-ours'
  const dropped = await call(run, node, 'DeleteQueue', (queue, s) => queue.drop(url, s), bounds())
  if (dropped.kind === 'failed') return saysNoQueue(dropped.failure) ? 'gone' : 'unknown'
  // A deletion that is taken and not carried out must not be told as done; a cancelled run has no time to look.
  const again = signal.aborted ? ok(null) : await ask()
  if (again.kind === 'failed' || again.value === null) return 'deleted'
  const heir = await askOwner(run, node, again.value, bounds())
  return heir.kind === 'ok' && heir.value.kind === 'this-run' ? 'unknown' : 'deleted'
}
