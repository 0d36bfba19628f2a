import { afterEach, describe, expect, it } from 'vitest'
import {
  annotationOf,
  canaryReportOf,
  checkCanaryEnd,
  checkNothingLeft,
  reasonsOf,
  runCanary,
  startNodes,
  watchCalls,
} from '../../support/canary.ts'
import { preload } from '../../support/preload.ts'

const removers: (() => void)[] = []
afterEach(() => {
  for (const remove of removers.splice(0)) remove()
})

/** The environment in which this code runs once the first line that fits is logged. */
function whenLogged(line: RegExp, code: string): NodeJS.ProcessEnv {
  const { env, remove } = preload(`
    const write = process.stdout.write
    let done = false
    process.stdout.write = function (...args) {
      const result = write.apply(this, args)
      if (!done && ${line}.test(args[0])) {
        done = true
        ${code}
      }
      return result
    }`)
  removers.push(remove)
  return env
}

describe('a crash of the canary itself', () => {
  it.each([
    ['an error that nobody catches', `setImmediate(() => { throw new Error('boom') })`],
    ['a rejection that nobody handles', `Promise.reject(new Error('boom'))`],
  ])('beside the proof, %s, ends it, and the queue is deleted', async (_, code) => {
    await using cluster = await startNodes()
    const { names } = watchCalls(cluster)
    const step = await runCanary(
      cluster,
      {},
      {
        env: { ...whenLogged(/^✓ seen/m, code), RUNNER_DEBUG: '1' },
      },
    )
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(reasonsOf(step)).toEqual(['crashed'])
    expect(step.outputs).toMatchObject({ 'queue-left': 'false' })
    expect(step.outputs['step']).toMatch(/^(placement|send|receive)$/)
    expect(annotationOf(step)).toContain('the canary itself failed')
    expect(step.stdout).toMatch(/^::debug::Error: boom/m)
    expect(annotationOf(step)).toContain('boom')
    expect(step.summary).not.toContain('Nothing was created')
    expect(names().some((name) => name.endsWith('DeleteQueue'))).toBe(true)
    expect(cluster.queues.size).toBe(0)
  })

  it('beside the proof, of which no node deletes the queue, names it', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, ({ action }, answer) => (action === 'DeleteQueue' ? null : answer()))
    const env = whenLogged(/^✓ seen/m, `setImmediate(() => { throw new Error('boom') })`)
    const step = await runCanary(cluster, {}, { env })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(reasonsOf(step)).toEqual(['crashed', 'queue-left'])
    expect(step.outputs['queue-left']).toBe('true')
    checkNothingLeft(step, cluster)
  })

  it('in the proof ends it, and the queue is deleted', async () => {
    await using cluster = await startNodes()
    // What a step searches for a message in is broken underneath it.
    const env = whenLogged(
      /^✓ send/m,
      `const find = Array.prototype.find
       Array.prototype.find = function () {
         if (this[0]?.place === 0) throw new Error('boom')
         return find.apply(this, arguments)
       }`,
    )
    const step = await runCanary(cluster, {}, { env })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'receive', 'queue-left': 'false' })
    expect(reasonsOf(step)).toContain('crashed')
    expect(cluster.queues.size).toBe(0)
  })

  it('while the verdict is told is a failure of one annotation', async () => {
    await using cluster = await startNodes()
    const env = whenLogged(
      /^✓ delete/m,
      `const stringify = JSON.stringify
       JSON.stringify = function (value) {
         if (value?.verdict === 'proven') throw new Error('boom')
         return stringify.apply(this, arguments)
       }`,
    )
    const step = await runCanary(cluster, {}, { env })
    expect(step.code).toBe(1)
    expect(step.outputs).toMatchObject({ proven: 'false', step: 'delete', 'queue-left': 'false' })
    expect(step.stdout.match(/^::error::/gm)).toHaveLength(1)
    expect(annotationOf(step)).toContain('boom')
    expect(step.summary).not.toContain('Nothing was created')
  })

  it('as the connections are set up creates nothing', async () => {
    await using cluster = await startNodes()
    const { calls } = watchCalls(cluster)
    const { env, remove } = preload(
      `const { Agent } = require('node:http')
       require('node:http').Agent = class extends Agent {
         constructor(options) {
           super(options)
           if (options?.keepAlive === false) throw new Error('boom')
         }
       }`,
    )
    removers.push(remove)
    const step = await runCanary(cluster, {}, { env })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(reasonsOf(step)).toEqual(['crashed'])
    expect(calls).toEqual([])
    expect(canaryReportOf(step)).toMatchObject({ queueLeft: false, gate: { verdict: 'open' } })
  })
})

it('a clock of the day that jumps fails the run, and the queue is deleted', async () => {
  await using cluster = await startNodes()
  const env = whenLogged(/^✓ seen/m, 'const now = Date.now; Date.now = () => now() + 3_600_000')
  const step = await runCanary(cluster, {}, { env })
  expect(checkCanaryEnd(step)).toBe('not proven')
  expect(reasonsOf(step)).toEqual(['clock-jumped'])
  expect(step.outputs).toMatchObject({ step: 'placement', 'queue-left': 'false' })
  expect(cluster.queues.size).toBe(0)
})
