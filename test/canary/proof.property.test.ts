import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { prove } from '../../src/canary/proof.ts'
import { judge } from '../../src/canary/verdict.ts'
import { FUZZ } from '../support/fuzz.ts'
import {
  broken,
  type Fault,
  hang,
  makeCluster,
  makeOptions,
  QUEUE,
  refusal,
} from './support/fake-cluster.ts'

/** What may happen to one call. */
const KINDS = ['refuse', 'fail', 'hang', 'cut-before', 'cut-after', 'late'] as const
type Kind = (typeof KINDS)[number] | 'fine'

/** How the properties are tried: a run of them takes about 50 ms, so less often than others. */
const RUNS = { ...FUZZ, numRuns: Math.ceil(FUZZ.numRuns / 40) }

/** How long a call takes that is carried out after its caller gave up, in milliseconds; longer than any time limit here. */
const LATE_MS = 60

const faultOf = (kind: Kind): Fault => {
  switch (kind) {
    case 'fine':
      return () => undefined
    case 'refuse':
      return () => refusal(400, 'InvalidParameterValue', 'refused by the test')
    case 'fail':
      return () => refusal(500, 'InternalFailure', 'failed by the test')
    case 'hang':
      return hang
    case 'cut-before':
      return () => broken('disconnected')
    case 'cut-after':
      return ({ answer }) => {
        answer()
        return broken('disconnected')
      }
    case 'late':
      return async ({ answer }) => {
        await wait(LATE_MS)
        return answer()
      }
  }
}

const kinds = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: fc.constant<Kind>('fine') },
    { weight: 1, arbitrary: fc.constantFrom<Kind>(...KINDS) },
  ),
  { minLength: 80, maxLength: 80 },
)

it('never leaves a queue that it does not tell, and is proven only where nothing failed', async () => {
  const property = fc.asyncProperty(
    kinds,
    fc.option(fc.nat(60), { nil: null }),
    async (plan, cancelAt) => {
      const controller = new AbortController()
      let calls = 0
      let failures = 0
      let cancelledAt = 0
      const cluster = makeCluster((call) => {
        if (calls === cancelAt) {
          cancelledAt = performance.now()
          controller.abort()
        }
        const kind = plan[calls++] ?? 'fine'
        if (kind !== 'fine' && call.operation !== 'create') failures++
        return faultOf(kind)(call)
      })
      const findings = await prove(
        makeOptions(cluster, {
          signal: controller.signal,
          timeoutMs: 30,
          limitMs: 300,
          messages: 2,
          partitions: 2,
        }),
      )
      if (cancelledAt > 0) expect(performance.now() - cancelledAt).toBeLessThan(950)
      const { proven, queueLeft } = judge(findings, { cancelled: controller.signal.aborted })
      if (plan.slice(0, calls).includes('late')) await wait(LATE_MS)
      if (cluster.queues.has(QUEUE)) expect(queueLeft).toBe(true)
      if (proven)
        expect([failures, cancelledAt, queueLeft, cluster.queues.size]).toEqual([0, 0, false, 0])
      if (failures === 0 && plan.every((kind) => kind === 'fine') && cancelledAt === 0)
        expect(proven).toBe(true)
    },
  )
  await fc.assert(property, RUNS)
})

it('never deletes a queue of others, whatever fails', async () => {
  const owners = fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { 'htfifo-gate-canary': 'run-2' },
    { owner: 'x' },
  )
  const property = fc.asyncProperty(kinds, owners, fc.nat(40), async (plan, tags, from) => {
    let calls = 0
    const cluster = makeCluster((call) => {
      // From this call on, the queue of the name is somebody else's.
      if (calls === from) {
        cluster.queues.set(QUEUE, {
          settings: { name: QUEUE, partitions: 2, tags },
          createdAt: Date.now(),
          messages: [],
        })
      }
      const taken = calls > from
      const kind = plan[calls++] ?? 'fine'
      if (call.operation === 'drop' && taken) return refusal(400, 'Dropped', 'of others')
      return faultOf(kind)(call)
    })
    await prove(makeOptions(cluster, { timeoutMs: 30, limitMs: 300, messages: 2, partitions: 2 }))
    const drops = cluster.calls.flatMap(({ operation }, index) =>
      operation === 'drop' && index > from + 2 ? [index] : [],
    )
    // A drop right behind the change was asked for on what was true a call before.
    expect(drops).toEqual([])
  })
  await fc.assert(property, RUNS)
})
