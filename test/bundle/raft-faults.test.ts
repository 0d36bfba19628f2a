import { expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { TIMEOUT } from '../support/faults.ts'
import { RAFT_FAULTS, RAFT_FLOODS } from '../support/raft-faults.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'
import { answering, GOOD, type RawServer, reply, serve } from '../support/servers.ts'

/** Runs the gate once over Raft listeners that each misbehave in their own way, in front of nodes that are all ready. */
async function poll(faults: typeof RAFT_FAULTS) {
  const node = await serve(answering(reply(GOOD)))
  const listeners: RawServer[] = []
  for (const { behave } of faults) listeners.push(await serve(behave))
  try {
    const step = await runStep({
      peers: listeners
        .map(({ address }, index) => `${address}=http://${node.address}/${index}`)
        .join('\n'),
      'raft-port': '50051',
      timeout: TIMEOUT,
    })
    const { membership } = reportOf(step)
    const told = new Map(membership?.unknown.map((peer) => [peer.raftAddress, peer]))
    return { step, membership, rows: listeners.map(({ address }) => told.get(address)) }
  } finally {
    for (const server of [node, ...listeners]) await server[Symbol.asyncDispose]()
  }
}

it.each([
  ['faults', RAFT_FAULTS],
  ['floods', RAFT_FLOODS],
])(
  'each of the %s of a Raft listener ends in its reason, and the gate stays closed',
  async (_, faults) => {
    expect(faults.length).toBeGreaterThan(3)
    const { step, rows } = await poll(faults)
    expect(step.code).toBe(1)
    expect(step.outputs).toMatchObject({
      'all-advertise': 'false',
      'advertising-count': String(faults.length),
      membership: 'incomplete',
    })
    expect(annotationsOf(step)).toHaveLength(1)
    expect(step.stderr).toBe('')
    expect(rows.map((row) => row?.status)).toEqual(faults.map(({ status }) => status))
    for (const [index, fault] of faults.entries()) {
      expect(rows[index]?.error, fault.name).toMatch(fault.error)
    }
  },
)
