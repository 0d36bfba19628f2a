import type { Bounds } from './ask.ts'
import { call } from './call.ts'
import { type Answer, ok, saysNoQueue } from './queue.ts'
import type { NodeRecord, Run } from './run.ts'

/** The tag that says that a canary made a queue; its value is the id of the run. */
export const TAG = 'htfifo-gate-canary'

/** Whose a queue is: of this run, of another one, of nobody that is a canary, or not there any more. */
export type Owner =
  | { readonly kind: 'this-run' }
  | { readonly kind: 'another-run'; readonly run: string }
  | { readonly kind: 'untagged' }
  | { readonly kind: 'gone' }

/** Asks a node whose the queue at this address is. */
export async function askOwner(
  run: Run,
  node: NodeRecord,
  url: string,
  bounds: Partial<Bounds> = {},
): Promise<Answer<Owner>> {
  const tags = await call(run, node, 'ListQueueTags', (queue, s) => queue.tags(url, s), bounds)
  if (tags.kind === 'failed') return saysNoQueue(tags.failure) ? ok({ kind: 'gone' }) : tags
  const owner = Object.hasOwn(tags.value, TAG) ? tags.value[TAG] : undefined
  if (owner === undefined || owner === '') return ok({ kind: 'untagged' })
  if (owner === run.options.run) return ok({ kind: 'this-run' })
  return ok({ kind: 'another-run', run: owner })
}
