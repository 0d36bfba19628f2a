import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { askMembers, makeDecoder } from '../../src/membership/question.ts'
import { VERSION } from '../../src/shared/version.ts'
import { makeQuestion, startRaftNode } from '../support/raft.ts'
import { MEMBERS } from '../support/raft-faults.ts'
import {
  answer,
  closing,
  data,
  encodeMembers,
  envelope,
  head,
  onCall,
  SETTINGS,
  sending,
} from '../support/raft-wire.ts'
import { reset, serve, serveNoSyn } from '../support/servers.ts'

const ask = async (address: string, more = {}) =>
  (await askMembers(address, makeQuestion(more)).outcome).result
const failing = (status: string, error: unknown) => ({
  kind: 'failure',
  failure: { status, error, starved: false },
})

describe('a node that answers', () => {
  it('tells its members in the order that it has them', async () => {
    await using node = await startRaftNode(MEMBERS)
    const { result, latencyMs } = await askMembers(node.address, makeQuestion()).outcome
    expect(result).toEqual({ kind: 'answer', answer: MEMBERS })
    expect(latencyMs).toBeGreaterThan(0)
    expect(node.calls()).toBe(1)
  })

  it('is asked by its own name, as the gate, without compression', async () => {
    await using node = await startRaftNode(MEMBERS)
    await ask(node.address)
    expect(node.lastHead()).toMatchObject({
      ':method': 'POST',
      ':path': '/RaftAdmin/Configuration',
      ':scheme': 'http',
      ':authority': node.address,
      'content-type': 'application/grpc+proto',
      'user-agent': `htfifo-gate/${VERSION}`,
      te: 'trailers',
    })
    expect(node.lastHead()).not.toHaveProperty('grpc-accept-encoding')
  })

  it('is asked over IPv6, and by a name', async () => {
    await using six = await startRaftNode(MEMBERS, '::1')
    await using four = await startRaftNode(MEMBERS)
    for (const address of [six.address, `node.test:${four.port}`]) {
      expect(await ask(address)).toEqual({ kind: 'answer', answer: MEMBERS })
    }
  })

  it('is asked anew each time', async () => {
    let suffrage = 'learner'
    await using node = await startRaftNode(() => [{ id: 'n1', address: '', suffrage }])
    const options = makeQuestion()
    const told = async () => (await askMembers(node.address, options).outcome).result
    expect(await told()).toMatchObject({ answer: [{ suffrage: 'learner' }] })
    suffrage = 'voter'
    expect(await told()).toMatchObject({ answer: [{ suffrage: 'voter' }] })
  })

  it('never goes through a proxy', async () => {
    await using node = await startRaftNode(MEMBERS)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    for (const name of ['http_proxy', 'HTTP_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:1')
    vi.stubEnv('no_proxy', '')
    expect(await ask(node.address)).toMatchObject({ kind: 'answer' })
  })

  it('may tell 10,000 members, with all that 1 MiB takes', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      id: `n${index}`,
      address: `10.0.0.1:${index}${'x'.repeat(60)}`,
      suffrage: 'voter',
    }))
    await using node = await startRaftNode(many)
    const result = await ask(node.address)
    expect(result.kind === 'answer' && result.answer).toEqual(many)
  })

  it('shares its list with all that tell the same', async () => {
    await using one = await startRaftNode(MEMBERS)
    await using two = await startRaftNode(MEMBERS)
    const decode = makeDecoder()
    const answers = await Promise.all([one, two].map(({ address }) => ask(address, { decode })))
    const [first, second] = answers.map((result) => result.kind === 'answer' && result.answer)
    expect(first).toEqual(MEMBERS)
    expect(second).toBe(first)
  })
})

describe('a node that is not reached', () => {
  const { network } = makeQuestion()
  const askThrough = (lookup: () => Promise<never>, timeoutMs: number) =>
    ask('node.test:1', {
      network: { ...network, resolver: { ...network.resolver, lookup } },
      timeoutMs,
    })

  it('refuses the connection', async () => {
    const server = await serve(() => undefined)
    await server[Symbol.asyncDispose]()
    expect(await ask(server.address)).toEqual(
      failing('refused', expect.stringMatching(/^connection refused \(connect ECONNREFUSED/)),
    )
  })

  it('has a name that does not resolve', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    expect(await askThrough(lookup, 20_000)).toEqual(
      failing('dns', expect.stringMatching(/^the name does not resolve/)),
    )
  })

  it('has a name that takes too long', async () => {
    expect(await askThrough(() => new Promise(() => undefined), 50)).toEqual(
      failing('timeout', 'timed out after 50ms (phase: name look-up)'),
    )
  })

  it.skipIf(process.platform !== 'linux')('answers no SYN (Linux only)', async () => {
    await using server = await serveNoSyn()
    expect(await ask(server.address, { timeoutMs: 200 })).toEqual(
      failing('timeout', 'timed out after 200ms (phase: connect)'),
    )
  })

  it('has an address that is none', async () => {
    expect(await ask('not an address')).toMatchObject({ kind: 'failure' })
  })
})

describe('a question that is cancelled', () => {
  it.each([
    ['before it is connected', () => undefined, 'connect', 0],
    ['before the answer', sending(SETTINGS), 'response headers', 1],
    ['in the answer', sending(SETTINGS, head()), 'body', 1],
  ] as const)('%s ends at once, and only once', async (_, behave, phase, wait) => {
    const called = Promise.withResolvers<void>()
    await using server = await serve((socket) => {
      onCall(() => undefined)(socket)
      behave(socket)
      socket.once('data', () => setImmediate(called.resolve))
    })
    const late: unknown[] = []
    const onLateError = (error: unknown) => late.push(error)
    const attempt = askMembers(server.address, makeQuestion({ onLateError }))
    if (wait > 0) await called.promise
    // The phase is that of what the gate has read, which is for its own event loop to say.
    const phases = phase === 'body' ? '(response headers|body)' : phase
    attempt.cancel()
    attempt.cancel()
    const { result } = await attempt.outcome
    const error = expect.stringMatching(`^the run was cancelled \\(phase: ${phases}\\)$`)
    expect(result).toEqual(failing('cancelled', error))
    expect(late).toEqual([])
  })

  it('stays as it ended when that was before', async () => {
    await using node = await startRaftNode(MEMBERS)
    const attempt = askMembers(node.address, makeQuestion())
    const ended = await attempt.outcome
    attempt.cancel()
    expect(await attempt.outcome).toBe(ended)
    expect(ended.result.kind).toBe('answer')
  })
})

it('leaves no socket and no timer', async () => {
  const active = (kind: string) => process.getActiveResourcesInfo().filter((name) => name === kind)
  const members = encodeMembers(MEMBERS)
  const cut = [SETTINGS, head(), data(envelope(members))]
  const timers = active('Timeout').length
  for (const behave of [sending(answer(members)), closing(...cut), sending(...cut), reset]) {
    await using server = await serve(behave)
    await ask(server.address, { timeoutMs: 100 })
  }
  await expect.poll(() => active('TCPSocketWrap')).toEqual([])
  expect(active('Timeout').length).toBeLessThanOrEqual(timers)
})

it('takes no memory that lasts', async () => {
  const big = Buffer.concat(Array(9_999).fill(encodeMembers(MEMBERS.slice(0, 1))))
  await using server = await serve(sending(answer(big)))
  const held = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const options = makeQuestion()
  const one = () => askMembers(server.address, options).outcome
  await one()
  const before = held()
  for (let round = 0; round < 40; round++) await one()
  // 40 answers of 270 KB, kept, would be 11 MB of bytes and 60 MB of members.
  expect(held() - before).toBeLessThan(40_000_000)
})
