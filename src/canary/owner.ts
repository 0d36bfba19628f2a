import { type Bounds, call } from './call.ts'
import { type Answer, ok, saysNoQueue } from './queue.ts'
import type { NodeRecord, Run } from './run.ts'

/** The tag that says that a canary made a queue; its value is the id of the run. */
export const TAG = 'htfifo-gate-canary'

/** Who made a queue: this run, another one, nobody that is a canary; or it is not there any more. */
type Owner =
  | { readonly kind: 'this-run'; readonly url: string }
  | { readonly kind: 'another-run'; readonly run: string }
  | { readonly kind: 'untagged' }
  | { readonly kind: 'gone' }

/** Asks a node for the address of the canary's queue; null if there is none. */
export const findQueue = (run: Run, node: NodeRecord, bounds?: Partial<Bounds>) =>
  call(run, node, 'GetQueueUrl', (queue, s) => queue.find(run.options.queue, s), bounds)

/** Asks a node for the partitions and the age of the queue at this address. */
export const describeQueue = (run: Run, node: NodeRecord, url: string) =>
  call(run, node, 'GetQueueAttributes', (queue, s) => queue.describe(url, s))

/**
 * Asks a node who made the canary's queue, by its name or, where it is known, by its address.
 *
 * @param bounds of each call, as it begins
 */
export async function askOwner(
  run: Run,
  node: NodeRecord,
  known: string | null,
  bounds: () => Partial<Bounds> = () => ({}),
): Promise<Answer<Owner>> {
  const found = known === null ? await findQueue(run, node, bounds()) : ok(known)
  if (found.kind === 'failed') return found
  const url = found.value
  if (url === null) return ok({ kind: 'gone' })
  const tags = await call(run, node, 'ListQueueTags', (queue, s) => queue.tags(url, s), bounds())
  if (tags.kind === 'failed') return saysNoQueue(tags.failure) ? ok({ kind: 'gone' }) : tags
  const owner = tags.value[TAG]
  if (!owner) return ok({ kind: 'untagged' })
  if (owner === run.options.run) return ok({ kind: 'this-run', url })
  return ok({ kind: 'another-run', run: owner })
}

/** Deletes the queue at this address through a node. */
export const dropQueue = (run: Run, node: NodeRecord, url: string, bounds?: Partial<Bounds>) =>
  call(run, node, 'DeleteQueue', (queue, s) => queue.drop(url, s), bounds)
