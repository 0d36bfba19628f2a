import { expect, it } from 'vitest'
import { ask } from '../../src/canary/call.ts'
import { type Answer, ok } from '../../src/canary/queue.ts'

const now = () => performance.now()
const NEVER = new AbortController().signal
const hang = (): Promise<Answer<string>> => new Promise(() => undefined)
const failureOf = (answer: Answer<unknown>) =>
  answer.kind === 'failed' ? answer.failure : expect.fail('expected a failure')

it('gives the answer', async () => {
  const answer = await ask(async () => ok('yes'), { timeoutMs: 1_000, signal: NEVER, now })
  expect(answer).toEqual(ok('yes'))
})

it('ends a call that hangs and ignores its signal', async () => {
  let signal: AbortSignal | undefined
  const answer = await ask(
    (given) => {
      signal = given
      return hang()
    },
    { timeoutMs: 20, signal: NEVER, now },
  )
  expect(failureOf(answer)).toEqual({
    code: 'timeout',
    httpStatus: null,
    words: 'no complete answer within 20ms',
    fate: 'unknown',
  })
  expect(signal?.aborted).toBe(true)
})

it('takes an answer that is read at its deadline, and no later one', async () => {
  for (const [lateMs, kind] of [
    [0, 'ok'],
    [1, 'failed'],
  ] as const) {
    let time = 0
    const start = async () => {
      time = 1_000 + lateMs
      return ok('yes')
    }
    const answer = await ask(start, { timeoutMs: 1_000, signal: NEVER, now: () => time })
    expect(answer.kind, `${lateMs}`).toBe(kind)
  }
})

it('ends with the run', async () => {
  const controller = new AbortController()
  const answer = ask(hang, { timeoutMs: 5_000, signal: controller.signal, now })
  controller.abort()
  expect(failureOf(await answer)).toMatchObject({ code: 'ended', fate: 'unknown' })
})

it('sends nothing once the run has ended', async () => {
  let started = false
  const start = () => {
    started = true
    return hang()
  }
  const answer = await ask(start, { timeoutMs: 50, signal: AbortSignal.abort(), now })
  expect(failureOf(answer)).toMatchObject({ code: 'ended', fate: 'unsent' })
  expect(started).toBe(false)
})

it('waits for an answer under way as long as its grace', async () => {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<Answer<string>>()
  const bounds = { timeoutMs: 5_000, signal: controller.signal, graceMs: 100, now }
  const answered = ask(() => promise, bounds)
  const hung = ask(hang, bounds)
  controller.abort()
  setImmediate(() => resolve(ok('yes')))
  expect(await answered).toEqual(ok('yes'))
  expect(failureOf(await hung)).toMatchObject({ code: 'ended', fate: 'unknown' })
})

it('passes a defect on', async () => {
  const start = async () => {
    throw new Error('a defect')
  }
  await expect(ask(start, { timeoutMs: 50, signal: NEVER, now })).rejects.toThrow('a defect')
})
