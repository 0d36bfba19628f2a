import { describe, expect, it } from 'vitest'
import { startAttempt } from '../../src/exchange/attempt.ts'
import type { Tried } from '../../src/exchange/tried.ts'

const TRIED: readonly Tried[] = [
  { address: '10.0.0.1:9324', error: null },
  { address: '[fd00::1]:9324', error: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) },
]

/** An attempt that is connecting to several addresses of a name. */
const connecting = (timeoutMs: number) =>
  startAttempt<never>({ timeoutMs, onLateError: () => undefined }, (progress) =>
    progress.phase('connect', () => TRIED),
  )

describe('an attempt to connect to several addresses', () => {
  it('that is late tells how each of them fared', async () => {
    const { result, unreached } = await connecting(1).outcome
    expect(result).toMatchObject({ failure: { status: 'timeout' } })
    expect(unreached).toMatchObject([
      { address: '10.0.0.1:9324', status: 'timeout' },
      { address: '[fd00::1]:9324', status: 'refused' },
    ])
  })

  it('is asked again where the runner had no file descriptor for one of them', async () => {
    const short = Object.assign(new Error('too many'), { code: 'EMFILE' })
    const tried = () => [
      { address: '10.0.0.1:9324', error: null },
      { address: 'b:1', error: short },
    ]
    const { outcome } = startAttempt<never>(
      { timeoutMs: 1, onLateError: () => undefined },
      (progress) => progress.phase('connect', tried),
    )
    expect((await outcome).result).toMatchObject({ failure: { status: 'timeout', starved: true } })
    expect((await connecting(1).outcome).result).toMatchObject({ failure: { starved: false } })
  })

  it('is not asked again for that where another address was connected to', async () => {
    const short = Object.assign(new Error('too many'), { code: 'EMFILE' })
    const tried = () => [
      { address: '10.0.0.1:9324', error: null },
      { address: 'b:1', error: short },
    ]
    const options = { timeoutMs: 1, onLateError: () => undefined }
    const { outcome } = startAttempt<never>(options, (progress) => {
      progress.phase('connect', tried)
      progress.phase('response headers')
    })
    expect((await outcome).result).toMatchObject({ failure: { status: 'timeout', starved: false } })
  })

  it('that is cancelled blames none of them', async () => {
    const attempt = connecting(60_000)
    attempt.cancel()
    const { result, unreached } = await attempt.outcome
    expect(result).toMatchObject({ failure: { status: 'cancelled' } })
    expect(unreached).toEqual([])
  })
})
