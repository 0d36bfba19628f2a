import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { type AttemptOptions, type Progress, startAttempt } from '../../src/exchange/attempt.ts'

/** Starts an attempt, and keeps what it is told and what it says of late errors. */
function start(options: Partial<AttemptOptions> = {}) {
  const late: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<Progress<string>>()
  const attempt = startAttempt<string>(
    {
      timeoutMs: 20_000,
      startedAt: performance.now(),
      phase: 'connect',
      through: '',
      onLateError: (error) => late.push(error),
      ...options,
    },
    resolve,
  )
  return promise.then((progress) => ({ ...attempt, progress, late }))
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
const timedOut = (error: string) => ({ kind: 'failure', failure: { status: 'timeout', error } })

it('an answer ends it, with the phase and the time since its clock started', async () => {
  const { progress, outcome } = await start({ startedAt: performance.now() - 1_000 })
  progress.phase('body')
  progress.answered('yes')
  const { latencyMs, ...rest } = await outcome
  expect(rest).toEqual({ result: { kind: 'answer', answer: 'yes' }, reached: 'body' })
  expect(latencyMs).toBeGreaterThanOrEqual(1_000)
})

it('it times out at its limit, and says in which phase', async () => {
  const { outcome } = await start({ startedAt: performance.now() - 19_990 })
  expect((await outcome).result).toMatchObject(timedOut('timed out after 20s (phase: connect)'))
})

it('a timeout names the proxy that it goes through', async () => {
  const { outcome } = await start({ timeoutMs: 1, through: 'proxy.test:3128' })
  expect((await outcome).result).toMatchObject(
    timedOut('timed out after 1ms (phase: connect, through proxy proxy.test:3128)'),
  )
})

it('an answer that is read after the deadline is a timeout, although the timer had no turn yet', async () => {
  const { progress, outcome } = await start({ timeoutMs: 5 })
  const until = performance.now() + 10
  while (performance.now() < until);
  progress.answered('late')
  expect((await outcome).result).toMatchObject(timedOut('timed out after 5ms (phase: connect)'))
})

it('cancelling ends it, and says in which phase', async () => {
  const { progress, outcome, cancel } = await start()
  progress.phase('TLS handshake')
  cancel()
  expect((await outcome).result).toMatchObject({
    failure: { status: 'cancelled', error: 'the run was cancelled (phase: TLS handshake)' },
  })
})

it('nothing changes how it ended', async () => {
  const { progress, outcome, cancel } = await start()
  progress.answered('first')
  progress.answered('second')
  progress.failed(new Error('late'))
  progress.phase('body')
  cancel()
  expect(await outcome).toMatchObject({ result: { answer: 'first' }, reached: 'connect' })
})

it('a connection that breaks is its failure, and after the end a late error', async () => {
  const { progress, outcome, late } = await start()
  progress.broke(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
  progress.broke('again')
  progress.failed('never told')
  expect((await outcome).result).toMatchObject({ failure: { status: 'refused' } })
  expect(late).toEqual(['again'])
})

it('its sockets are destroyed with its end, the last first, and later ones at once', async () => {
  const { progress, cancel } = await start()
  const destroyed: string[] = []
  const open = (name: string) => {
    const socket = new Socket()
    socket._destroy = (_, done) => {
      destroyed.push(name)
      done(null)
    }
    progress.opened(socket)
  }
  open('TCP')
  open('TLS')
  expect(destroyed).toEqual([])
  cancel()
  open('late')
  expect(destroyed).toEqual(['TLS', 'TCP', 'late'])
})

it('one that cannot start fails, and leaves no timer', async () => {
  const before = timers()
  const options = { timeoutMs: 20_000, startedAt: performance.now(), through: '' } as const
  const { outcome } = startAttempt(
    { ...options, phase: 'connect', onLateError: () => undefined },
    () => {
      throw new Error('no way')
    },
  )
  expect(timers()).toBe(before)
  expect((await outcome).result).toMatchObject({
    failure: { error: 'could not be reached (no way)' },
  })
})
