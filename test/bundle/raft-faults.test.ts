import { expect, it } from 'vitest'
import { TIMEOUT } from '../support/faults.ts'
import { type Measured, runMeasured } from '../support/peak.ts'
import { RAFT_FAULTS, RAFT_FLOODS } from '../support/raft-faults.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'
import type { Behaviour } from '../support/servers.ts'
import { answering, GOOD, reply, serve } from '../support/servers.ts'

const MAX_MIB = 512

/** Runs the gate once over Raft listeners that each misbehave in their own way, in front of nodes that are all ready. */
async function poll(faults: readonly { readonly behave: Behaviour }[], timeout: string) {
  await using servers = new AsyncDisposableStack()
  const node = servers.use(await serve(answering(reply(GOOD))))
  const addresses: string[] = []
  for (const { behave } of faults) addresses.push(servers.use(await serve(behave)).address)
  const entries = addresses.map((address, index) => `${address}=http://${node.address}/${index}`)
  const step = await runMeasured({ peers: entries.join('\n'), 'raft-port': '50051', timeout })
  const told = new Map(reportOf(step).membership?.unknown.map((peer) => [peer.raftAddress, peer]))
  return { step, rows: addresses.map((address) => told.get(address)) }
}

function expectClosed(step: Measured, count: number): void {
  expect(step.code).toBe(1)
  expect(step.outputs).toMatchObject({
    'all-advertise': 'false',
    'advertising-count': String(count),
    membership: 'unknown',
  })
  expect(annotationsOf(step)).toHaveLength(1)
  expect(step.stderr).toBe('')
  expect(step.peakMiB).toBeLessThan(MAX_MIB)
}

it.concurrent('each fault of a Raft listener ends in its reason, and the gate stays closed', async () => {
  const { step, rows } = await poll(RAFT_FAULTS, TIMEOUT)
  expect(RAFT_FAULTS.length).toBeGreaterThan(100)
  expectClosed(step, RAFT_FAULTS.length)
  for (const [index, { name, status, error }] of RAFT_FAULTS.entries()) {
    expect({ ...rows[index], name }).toMatchObject({
      name,
      status,
      error: expect.stringMatching(error),
    })
  }
})

it.concurrent('a Raft listener that sends without end keeps the gate closed, in little memory', async () => {
  const { step, rows } = await poll(RAFT_FLOODS, '1s')
  expect(RAFT_FLOODS.length).toBeGreaterThan(3)
  expectClosed(step, RAFT_FLOODS.length)
  expect(rows.filter((row) => row === undefined)).toEqual([])
})
