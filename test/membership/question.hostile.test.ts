import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/exchange/exchange.ts'
import type { Member } from '../../src/membership/membership.ts'
import { askMembers, makeDecoder } from '../../src/membership/question.ts'
import { parseDuration } from '../../src/shared/duration.ts'
import { TIMEOUT } from '../support/faults.ts'
import { makeQuestion } from '../support/raft.ts'
import { MEMBERS, RAFT_FAULTS, RAFT_FLOODS, RAFT_HEALTHY } from '../support/raft-faults.ts'
import { type RawServer, serve } from '../support/servers.ts'

const TIMEOUT_MS = parseDuration(TIMEOUT) ?? 0
/** What a busy machine may add to the time-out; a peer that is waited for without end takes far longer. */
const MARGIN_MS = 8_000
/** What the buffers of the system on both sides may take in; an endless answer sends gigabytes until the time-out. */
const MAX_SENT = 16 * 1_024 * 1_024

/** The listeners that end by the time-out. The others end by themselves, and may take as long as a busy machine wants. */
const HUNG = new Set(RAFT_FAULTS.flatMap(({ name, status }) => (status === 'timeout' ? name : [])))
const PATIENCE_MS = 45_000

/** All listeners, asked at the same time. */
const servers = new Map<string, RawServer>()
const outcomes = new Map<string, Outcome<readonly Member[]>>()
const escaped: unknown[] = []
const note = (error: unknown) => escaped.push(error)

beforeAll(async () => {
  process.on('uncaughtException', note).on('unhandledRejection', note)
  const decode = makeDecoder()
  const listeners = [...RAFT_FAULTS, ...RAFT_HEALTHY]
  for (const { name, behave } of listeners) {
    if (servers.has(name)) throw new Error(`two listeners are called ${name}`)
    servers.set(name, await serve(behave))
  }
  await Promise.all(
    [...servers].map(async ([name, { address }]) => {
      const question = makeQuestion({
        timeoutMs: HUNG.has(name) ? TIMEOUT_MS : PATIENCE_MS,
        decode,
      })
      outcomes.set(name, await askMembers(address, question).outcome)
    }),
  )
})

afterAll(async () => {
  process.off('uncaughtException', note).off('unhandledRejection', note)
  for (const server of servers.values()) await server[Symbol.asyncDispose]()
})

describe('a fault of a listener ends in its reason', () => {
  it.each(RAFT_FAULTS)('$name: $status', ({ name, status, error }) => {
    expect(outcomes.get(name)?.result).toMatchObject({
      kind: 'failure',
      failure: { status, error: expect.stringMatching(error), starved: false },
    })
  })
})

describe('a listener that is right does not suffer', () => {
  it.each(RAFT_HEALTHY)('$name', ({ name }) => {
    expect(outcomes.get(name)?.result).toEqual({ kind: 'answer', answer: MEMBERS })
  })
})

describe('the gate stops reading', () => {
  it.each(RAFT_FLOODS)('$name', ({ name }) => {
    expect(servers.get(name)?.sent()).toBeGreaterThan(0)
    expect(servers.get(name)?.sent()).toBeLessThan(MAX_SENT)
  })
})

describe('the questions', () => {
  it('are each asked once', () => {
    for (const [name, server] of servers) expect(server.connections(), name).toBe(1)
  })

  it('that hang end in time', () => {
    for (const name of HUNG) {
      expect(outcomes.get(name)?.latencyMs, name).toBeLessThan(TIMEOUT_MS + MARGIN_MS)
    }
  })

  it('let no error escape', () => {
    expect(escaped).toEqual([])
  })
})
