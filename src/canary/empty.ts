import { call, failCall } from './call.ts'
import { takeMessage } from './receive.ts'
import type { Run } from './run.ts'

/** Checks that no node has anything more to give; whatever comes now is of another run, or comes a second time. */
export async function checkEmpty(run: Run): Promise<void> {
  await Promise.all(
    run.nodes.map(async (node) => {
      const url = node.queueUrl ?? ''
      const answer = await call(run, node, 'ReceiveMessage', (queue, s) => queue.receive(url, s))
      if (answer.kind === 'failed') return failCall(run, node, answer.failure)
      for (const message of answer.value) takeMessage(run, node, message)
    }),
  )
}
