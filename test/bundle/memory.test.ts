import { afterEach, expect, it } from 'vitest'
import { loopback, startFarm } from '../../sample/load.ts'
import { type RaftMember, startRaftListener } from '../../sample/raft.ts'
import { runStep } from '../../sample/runner.ts'
import { type Measured, runMeasured } from '../support/peak.ts'
import { trackProcess } from '../support/process.ts'
import { answer, encodeMembers, sending } from '../support/raft-wire.ts'
import { reportOf } from '../support/rows.ts'
import { answering, type Behaviour, GOOD, holding, reply, serve } from '../support/servers.ts'

const MAX_MIB = 512
/** The contract says one second for a cancelled run; the rest is for a busy machine. Nothing else would end it. */
const SOON_MS = 10_000
/** Different enough that no answer is that of the round before. */
const ANSWERS = 8

const closers: (() => PromiseLike<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** Members that nothing else knows, with ids and addresses as long as they may be. */
const strangers = (count: number, salt: number): RaftMember[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `n${salt}-${index}`,
    address: `kv-${salt}-${index}.example.ts.net:50051`,
    suffrage: 'voter',
  }))

/** Nodes that are all ready, each with a Raft listener of its own that does this. */
async function startNodes(count: number, behave: (index: number) => Behaviour): Promise<string> {
  const node = await serve(answering(reply(GOOD)))
  closers.push(() => node[Symbol.asyncDispose]())
  const entries: string[] = []
  for (let index = 0; index < count; index++) {
    const raft = await serve(behave(index), { host: loopback(index) })
    closers.push(() => raft[Symbol.asyncDispose]())
    entries.push(`${raft.address}=http://${node.address}/${index}`)
  }
  return entries.join('\n')
}

function expectBounded({ code, peakMiB, outputs }: Measured): void {
  expect(code).toBe(1)
  expect(outputs['all-advertise']).toBe('false')
  expect(peakMiB).toBeGreaterThan(0)
  expect(peakMiB).toBeLessThan(MAX_MIB)
}

it('a Raft listener with 10,000 new members in each answer of a wait keeps the memory bounded', async () => {
  const answers = Array.from({ length: ANSWERS }, (_, salt) => strangers(10_000, salt))
  let calls = 0
  const listener = await startRaftListener(() => answers[calls++ % ANSWERS] ?? [])
  closers.push(() => listener.close())
  const node = await serve(answering(reply(GOOD)))
  closers.push(() => node[Symbol.asyncDispose]())
  const step = await runMeasured({
    peers: `${listener.address}=${node.address}`,
    'raft-port': '50051',
    timeout: '20s',
    // On a busy machine a round takes seconds, and one alone would keep nothing of an earlier one.
    wait: '10s',
    interval: '4s',
  })
  expectBounded(step)
  expect(Number(step.outputs['rounds'])).toBeGreaterThan(1)
  expect(step.outputs['membership']).toBe('incomplete')
})

const large = Array.from({ length: ANSWERS }, (_, salt) =>
  sending(answer(encodeMembers(strangers(10_000, salt)))),
)
const LONG_ID = sending(
  answer(encodeMembers([{ id: 'x'.repeat(1_000_000), address: 'kv01:50051', suffrage: 'voter' }])),
)

it.each([
  [
    '150 Raft listeners with 10,000 members of their own each',
    150,
    (index: number) => large[index % ANSWERS] ?? LONG_ID,
  ],
  ['150 Raft listeners with an id of 1 MB each', 150, () => LONG_ID],
])('%s keep the memory bounded', async (_, count, behave) => {
  const peers = await startNodes(count, behave)
  const step = await runMeasured({ peers, 'raft-port': '50051', timeout: '20s' })
  expectBounded(step)
  expect(step.outputs['advertising-count']).toBe(String(count))
  expect(['unknown', 'incomplete']).toContain(step.outputs['membership'])
  const reasons = new Set(reportOf(step).membership?.unknown.map(({ status }) => status))
  for (const status of reasons) expect(['too-large', 'malformed', 'timeout']).toContain(status)
})

it('150 Raft listeners with 10,000 members each do not hold up a run that is cancelled', async () => {
  const gate = trackProcess()
  let calls = 0
  let killedAt = 0
  const peers = await startNodes(150, (index) => (socket) => {
    large[index % ANSWERS]?.(socket)
    if (++calls !== 100) return
    killedAt = performance.now()
    gate.kill('SIGTERM')
  })
  const inputs = { peers, 'raft-port': '50051', timeout: '10m', wait: '10m' }
  const step = await runMeasured(inputs, gate)
  expect(performance.now() - killedAt).toBeLessThan(SOON_MS)
  expectBounded(step)
  expect(step.summary).toContain('CLOSED: the run was cancelled')
})

it('of 1,000 peers that each know 1,000 members, in an order of their own, all are listed', async () => {
  const cluster = await startFarm('members=1000')
  const entries = Array.from(
    { length: 1_000 },
    (_, n) => `n${n + 1}=${loopback(n)}:${cluster.ready}`,
  )
  const step = await runMeasured({
    peers: entries.join('\n'),
    'raft-port': String(cluster.raft),
    timeout: '40s',
  })
  cluster.close()
  expect(step.outputs).toMatchObject({
    'all-advertise': 'true',
    'advertising-count': '1000',
    membership: 'complete',
    'unlisted-members': '[]',
  })
  expect(step.code).toBe(0)
  expect(step.peakMiB).toBeLessThan(MAX_MIB)
})

it('next to nothing is kept of the heads of peers that stall in the body', async () => {
  const fields = Array.from({ length: 4_000 }, (_, n) => `${n.toString(36)}:\r\n`).join('')
  await using server = await serve(
    holding(`HTTP/1.1 200 OK\r\nContent-Length: 42\r\n${fields}\r\n{`),
  )
  const peers = Array.from({ length: 300 }, (_, n) => `http://${server.address}/${n}`)
  const step = await runStep(
    { peers: peers.join('\n'), timeout: '2s' },
    { env: { NODE_OPTIONS: '--max-old-space-size=96' } },
  )
  expect(step.code).toBe(1)
  expect(reportOf(step).peers.map(({ status }) => status)).toEqual(Array(300).fill('timeout'))
})
