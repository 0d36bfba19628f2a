import { describe, expect, it } from 'vitest'
import { makeQueue } from '../../../sample/queues.ts'
import { type Call, Refusal } from '../../../sample/sqs.ts'
import {
  annotationOf,
  canaryReportOf,
  checkCanaryEnd,
  checkNothingLeft,
  QUEUE,
  reasonsOf,
  runCanary,
  startNodes,
  TAG,
  watchCalls,
} from '../../support/canary.ts'

const MINUTE_MS = 60_000

/** A queue of the canary's name with this tag and age, which is there already. */
function makeOld(tag: string | null, ageMs: number) {
  const attributes = { FifoQueue: 'true', PartitionCount: '2' }
  const queue = makeQueue(QUEUE, attributes, tag === null ? {} : { [TAG]: tag })
  queue.createdMs = Date.now() - ageMs
  return queue
}

/** The calls that change something. */
const writes = (calls: readonly Call[]) =>
  calls.map(({ action }) => action).filter((action) => /^(Create|Send|Delete|Receive)/.test(action))

describe('a queue of that name', () => {
  it.concurrent.each([
    ['without tags', null],
    ['with an empty tag', ''],
  ])('%s is not touched, however old', async (_, tag) => {
    await using cluster = await startNodes()
    const queue = makeOld(tag, 1_000 * MINUTE_MS)
    cluster.queues.set(QUEUE, queue)
    const { calls } = watchCalls(cluster)
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'name', 'queue-left': 'false' })
    expect(reasonsOf(step)).toEqual(['untagged'])
    expect(annotationOf(step)).toContain('it was left alone')
    expect(annotationOf(step)).not.toContain('delete-queue')
    expect(writes(calls)).toEqual([])
    expect(cluster.queues.get(QUEUE)).toBe(queue)
  })

  it.concurrent.each([
    ['younger than ten minutes', 9 * MINUTE_MS, /, 9m[\d.]*s? old$/],
    ['from the future', -MINUTE_MS, /, 0ms old$/],
    ['of unknown age', Number.NaN, /, of unknown age$/],
  ])('of another run, %s, is another canary, and not touched', async (_, ageMs, words) => {
    await using cluster = await startNodes()
    const queue = makeOld('other', ageMs)
    cluster.queues.set(QUEUE, queue)
    const { calls } = watchCalls(cluster)
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'name', 'queue-left': 'false' })
    expect(reasonsOf(step)).toEqual(['another-canary'])
    expect(canaryReportOf(step).problems[0]?.words).toMatch(words)
    expect(canaryReportOf(step).problems[0]?.words).toContain('of the run "other"')
    expect(writes(calls)).toEqual([])
    expect(cluster.queues.get(QUEUE)).toBe(queue)
  })

  it.concurrent('of another run, older than ten minutes, is deleted, and said', async () => {
    await using cluster = await startNodes()
    cluster.queues.set(QUEUE, makeOld('other', 10 * MINUTE_MS + 2_000))
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('proven')
    expect(canaryReportOf(step).warnings).toMatchObject([
      { step: 'name', reason: 'leftover', words: expect.stringContaining('of the run "other"') },
    ])
    expect(step.stdout).toMatch(
      /^::warning::name \(node n1\): a leftover of an earlier canary was deleted/m,
    )
    expect(step.summary).toContain('a leftover of an earlier canary was deleted')
    expect(cluster.queues.size).toBe(0)
  })

  it.concurrent('that is a leftover and cannot be deleted keeps the canary out', async () => {
    await using cluster = await startNodes()
    cluster.queues.set(QUEUE, makeOld('other', 20 * MINUTE_MS))
    const { calls } = watchCalls(cluster, ({ action }, answer) => {
      if (action === 'DeleteQueue') throw new Refusal('InternalFailure', 'internal error', 500)
      return answer()
    })
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'name', 'queue-left': 'false' })
    expect(reasonsOf(step)).toEqual(['internal-error'])
    expect(writes(calls)).toEqual(['DeleteQueue'])
  })

  it.concurrent.each([
    // It may as well be the one of this run, on a server that keeps no tags.
    ['untagged', null, 'untagged', 'true'],
    ['of another canary', 'other', 'another-canary', 'false'],
  ])(
    'that somebody makes while the canary looks, %s, is not touched',
    async (_, tag, reason, left) => {
      await using cluster = await startNodes()
      const { calls } = watchCalls(cluster, ({ action, input }, answer) => {
        if (action === 'CreateQueue') {
          const queue = makeQueue(QUEUE, input.Attributes, tag === null ? {} : { [TAG]: tag })
          cluster.queues.set(QUEUE, queue)
        }
        return answer()
      })
      const step = await runCanary(cluster)
      expect(checkCanaryEnd(step)).toBe('not proven')
      expect(step.outputs).toMatchObject({ step: 'create', 'queue-left': left })
      expect(reasonsOf(step)[0]).toBe(reason)
      expect(writes(calls)).toEqual(['CreateQueue'])
      expect(cluster.queues.size).toBe(1)
    },
  )
})

describe('two canaries at once', () => {
  it.concurrent('never both hold, and never touch the queue of the other', async () => {
    await using cluster = await startNodes()
    const ends = await Promise.all([runCanary(cluster), runCanary(cluster)])
    for (const step of ends) {
      checkCanaryEnd(step)
      expect(step.outputs['queue-left']).toBe('false')
      if (step.code === 1) expect(reasonsOf(step)).toEqual(['another-canary'])
    }
    expect(ends.some(({ code }) => code === 0)).toBe(true)
    expect(cluster.queues.size).toBe(0)
  })

  it.concurrent('of which one holds the name, keep the other out', async () => {
    await using cluster = await startNodes()
    const { promise: held, resolve: hold } = Promise.withResolvers<void>()
    const { promise: free, resolve: release } = Promise.withResolvers<void>()
    watchCalls(cluster, async ({ action }, answer) => {
      if (action === 'SendMessage') {
        hold()
        await free
      }
      return answer()
    })
    const first = runCanary(cluster, { timeout: '30s' })
    await held
    const second = await runCanary(cluster)
    release()
    expect(checkCanaryEnd(second)).toBe('not proven')
    expect(second.outputs).toMatchObject({ step: 'name', 'queue-left': 'false' })
    expect(reasonsOf(second)).toEqual(['another-canary'])
    expect(annotationOf(second)).toContain('concurrency group')
    expect(checkCanaryEnd(await first)).toBe('proven')
  })
})

describe('a queue that cannot be deleted', () => {
  it.concurrent('through the first node goes through the next one, and the step failed', async () => {
    await using cluster = await startNodes()
    const { names } = watchCalls(cluster, ({ node, action }, answer) => {
      if (node === 'n1' && action === 'DeleteQueue') {
        throw new Refusal('InternalFailure', 'internal error', 500)
      }
      return answer()
    })
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'delete', 'queue-left': 'false' })
    expect(reasonsOf(step)).toEqual(['internal-error'])
    expect(cluster.queues.size).toBe(0)
    expect(names().filter((name) => name.endsWith('DeleteQueue'))).toEqual([
      'n1 DeleteQueue',
      'n2 DeleteQueue',
    ])
  })

  it.concurrent('at all is named with the command that deletes it, which holds no credentials', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, ({ action }, answer) => {
      if (action === 'DeleteQueue') throw new Refusal('InternalFailure', 'internal error', 500)
      return answer()
    })
    const step = await runCanary(cluster, {
      'access-key-id': 'AKIDEXAMPLE',
      'secret-access-key': 'sEcReTsEcReT',
      region: 'eu-west-3',
    })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'delete', 'queue-left': 'true' })
    expect(reasonsOf(step)).toEqual(['internal-error', 'queue-left'])
    const [, base] = /--endpoint-url (\S+)/.exec(annotationOf(step)) ?? []
    expect(cluster.nodes.map(({ address }) => `http://${address}`)).toContain(base)
    const command = `aws sqs delete-queue --endpoint-url ${base} --region eu-west-3 --queue-url ${base}/${QUEUE}`
    expect(annotationOf(step)).toContain(command)
    expect(step.summary).toContain(`\`${command}\``)
    expect(canaryReportOf(step).problems.at(-1)).toMatchObject({ reason: 'queue-left', command })
    checkNothingLeft(step, cluster)
    expect(cluster.queues.size).toBe(1)
    const told = [
      step.stdout.replace(/^::add-mask::.*$/gm, ''),
      step.summary,
      ...Object.values(step.outputs),
    ]
    expect(told.join()).not.toMatch(/AKIDEXAMPLE|sEcReT/)
  })

  it.concurrent('through a node that hangs goes through the next one, however long calls may take', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, ({ node }, answer) =>
      node === 'n1' && cluster.queues.get(QUEUE)?.sent.size
        ? new Promise(() => undefined)
        : answer(),
    )
    const step = await runCanary(cluster, { timeout: '10m', limit: '1s' })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'send', 'queue-left': 'false' })
    expect(reasonsOf(step)).toEqual(['limit'])
    expect(cluster.queues.size).toBe(0)
  })

  it.concurrent('although its deletion is taken is still there, and told', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, ({ action }, answer) =>
      action === 'DeleteQueue' ? { status: 200, body: {} } : answer(),
    )
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'delete', 'queue-left': 'true' })
    expect(reasonsOf(step)).toEqual(['still-there', 'queue-left'])
    checkNothingLeft(step, cluster)
  })

  it.concurrent('after a step that failed is told beside it', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, ({ action }, answer) => {
      if (/^(SendMessage|DeleteQueue)$/.test(action)) {
        throw new Refusal('InternalFailure', 'internal error', 500)
      }
      return answer()
    })
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'send', 'queue-left': 'true' })
    expect(reasonsOf(step)).toEqual(['internal-error', 'queue-left'])
    expect(annotationOf(step)).toContain(' --no-sign-request --queue-url ')
    checkNothingLeft(step, cluster)
  })

  it.concurrent('because somebody else deleted it before is gone', async () => {
    await using cluster = await startNodes()
    watchCalls(cluster, ({ action }, answer) => {
      const queue = cluster.queues.get(QUEUE)
      const isThrough = queue?.sent.size === 12 && queue.messages.length === 0
      if (action === 'ListQueueTags' && isThrough) cluster.queues.delete(QUEUE)
      return answer()
    })
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({ step: 'delete', 'queue-left': 'false' })
    expect(reasonsOf(step)).toEqual(['queue-missing'])
  })
})
