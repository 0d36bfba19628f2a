import { expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { trackProcess } from '../support/process.ts'
import { reportOf } from '../support/rows.ts'
import { GOOD, onRequest, reply, serve } from '../support/servers.ts'

/** How long the gate is stopped, in milliseconds; far beyond its limit of one second. */
const STOPPED_MS = 2_500

/** Polls a peer that stops the whole gate when it is asked, and answers before or after that. */
async function stall(answerAfterMs: number) {
  const gate = trackProcess()
  await using peer = await serve(
    onRequest((socket) => {
      gate.kill('SIGSTOP')
      setTimeout(() => socket.write(reply(GOOD)), answerAfterMs)
      setTimeout(() => gate.kill('SIGCONT'), STOPPED_MS)
    }),
  )
  const step = await runStep({ peers: peer.address, timeout: '1s' }, gate)
  return { step, row: reportOf(step).peers[0] }
}

it.each([
  ['after its limit', STOPPED_MS - 500],
  ['before its limit, which nobody can tell', 100],
])('an answer that came %s and is read long after it is a timeout', async (_, answerAfterMs) => {
  const { step, row } = await stall(answerAfterMs)
  expect(row).toMatchObject({
    status: 'timeout',
    error: expect.stringMatching(/^timed out after 1s \(phase: (response headers|body)\)$/),
  })
  expect(step.code).toBe(1)
  expect(step.outputs['all-advertise']).toBe('false')
})
