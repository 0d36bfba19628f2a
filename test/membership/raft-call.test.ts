import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type Http2Session } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ending, startExchange } from '../../src/exchange/exchange.ts'
import type { Member } from '../../src/membership/membership.ts'
import { decodeMembers } from '../../src/membership/messages.ts'
import { callRaft } from '../../src/membership/raft-call.ts'
import { VERSION } from '../../src/shared/version.ts'
import { NETWORK } from '../support/network.ts'
import { startRaftNode } from '../support/raft.ts'
import { MEMBERS, RAFT_FAULTS, RAFT_FLOODS, RAFT_HEALTHY } from '../support/raft-faults.ts'
import { type RawServer, serve } from '../support/servers.ts'

const PATH = '/RaftAdmin/Configuration'
/** The time limit of listeners that hang or never end, as the table of faults has it. */
const HUNG_MS = 3_000
/** That of floods, of which some end by it alone. */
const FLOOD_MS = 1_000
/** That of the others, which end by themselves, and may take as long as a busy machine wants. */
const PATIENCE_MS = 45_000
/** What this process may take for all floods together. The longest of them sends 1 GB. */
const MAX_FLOODED_MB = 400

const late: unknown[] = []
const escaped: unknown[] = []
const note = (error: unknown) => escaped.push(error)

async function call(address: string, timeoutMs = PATIENCE_MS): Promise<Ending<readonly Member[]>> {
  const [ending, ...others] = await startExchange<readonly Member[]>(new URL(`http://${address}`), {
    route: { kind: 'direct' },
    network: NETWORK,
    timeoutMs,
    onLateError: (error) => late.push(error),
    passes: () => true,
    speak: (socket, progress) => callRaft(socket, PATH, decodeMembers, progress),
  }).endings
  if (ending === undefined || others.length > 0) throw new Error('one address, one ending')
  return ending
}

/** Calls all listeners of a table at the same time. */
async function callAll(
  rows: readonly Pick<(typeof RAFT_FAULTS)[number], 'name' | 'behave'>[],
  timeoutOf: (name: string) => number,
) {
  const servers: RawServer[] = []
  try {
    for (const { behave } of rows) servers.push(await serve(behave))
    const called = rows.map(async ({ name }, at) => {
      const ending = await call(servers[at]?.address ?? '', timeoutOf(name))
      return [name, ending] as const
    })
    const endings = new Map(await Promise.all(called))
    expect(servers.map((server) => server.connections())).toEqual(servers.map(() => 1))
    return endings
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]()
  }
}

beforeAll(() => {
  process.on('uncaughtException', note).on('unhandledRejection', note)
})
afterAll(() => {
  process.off('uncaughtException', note).off('unhandledRejection', note)
  expect(escaped).toEqual([])
})

describe('a listener', () => {
  const hung = new Set(
    RAFT_FAULTS.flatMap(({ name, status }) => (status === 'timeout' ? name : [])),
  )
  let endings: ReadonlyMap<string, Ending<readonly Member[]>> = new Map()
  beforeAll(async () => {
    const all = [...RAFT_FAULTS, ...RAFT_HEALTHY]
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    endings = await callAll(all, (name) => (hung.has(name) ? HUNG_MS : PATIENCE_MS))
  })

  it.each(RAFT_FAULTS)(
    'with a fault ends in its reason: $name, $status',
    ({ name, status, error }) => {
      expect(endings.get(name)?.result).toMatchObject({
        kind: 'failure',
        failure: { status, error: expect.stringMatching(error) },
      })
    },
  )

  it.each(RAFT_HEALTHY)('that is unusual, but right, is understood: $name', ({ name }) => {
    expect(endings.get(name)?.result).toEqual({ kind: 'answer', answer: MEMBERS })
  })
})

it('floods all end closed by their deadline, in bounded memory', async () => {
  const before = process.memoryUsage().rss
  const endings = await callAll(RAFT_FLOODS, () => FLOOD_MS)
  expect([...endings.values()].map(({ result }) => result.kind)).toEqual(
    RAFT_FLOODS.map(() => 'failure'),
  )
  for (const [name, { latencyMs }] of endings)
    expect(latencyMs, name).toBeLessThan(FLOOD_MS + 8_000)
  expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(MAX_FLOODED_MB)
})

it('a node is asked as gRPC has it, without compression, and is done with afterwards', async () => {
  await using node = await startRaftNode(MEMBERS)
  const connections: Socket[] = []
  const collect = (message: unknown) => connections.push((message as { socket: Socket }).socket)
  subscribe('net.client.socket', collect)
  const { result } = await call(node.address)
  unsubscribe('net.client.socket', collect)
  expect(result).toEqual({ kind: 'answer', answer: MEMBERS })
  expect(node.lastHead()).toMatchObject({
    ':method': 'POST',
    ':path': PATH,
    ':scheme': 'http',
    'content-type': 'application/grpc',
    'user-agent': `htfifo-gate/${VERSION}`,
    te: 'trailers',
  })
  expect(node.lastHead()).not.toHaveProperty('grpc-accept-encoding')
  expect(late).toEqual([])
  await expect.poll(() => connections.map(({ closed }) => closed)).toEqual([true])
})

it('an answer may have 10,000 members, and all that 1 MiB takes', async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    id: `n${index}`,
    address: `10.0.0.1:${index}${'x'.repeat(60)}`,
    suffrage: 'voter',
  }))
  await using node = await startRaftNode(many)
  expect((await call(node.address)).result).toEqual({ kind: 'answer', answer: many })
})

it('answers that are read at the same time have 128 MiB together, and later ones have them anew', async () => {
  const unfinished = Buffer.alloc(1_000_000)
  const sessions: Http2Session[] = []
  const server = createServer()
    .on('session', (session) => {
      session.on('error', () => session.destroy())
      sessions.push(session)
    })
    .on('stream', (stream) => {
      stream.on('error', () => stream.destroy())
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
      stream.write(unfinished)
    })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const refused = Promise.withResolvers<string>()
  const calls = Array.from({ length: 150 }, async () => {
    const { result } = await call(`127.0.0.1:${port}`)
    if (result.kind === 'failure') refused.resolve(result.failure.error)
  })
  expect(await refused.promise).toBe('all answers together have more than 134217728 bytes')
  for (const session of sessions) session.destroy()
  server.close()
  await Promise.all(calls)
  await using node = await startRaftNode(MEMBERS)
  expect((await call(node.address)).result.kind).toBe('answer')
})
