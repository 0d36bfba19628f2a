import { expect, it } from 'vitest'
import { prove } from '../../src/canary/proof.ts'
import { judge } from '../../src/canary/verdict.ts'
import { type Fault, hang, makeOptions, refusal, skipPauses } from './support/fake-cluster.ts'
import { serveCluster } from './support/http-cluster.ts'
import { open } from './support/sqs-server.ts'

const NAMES = ['n1', 'n2', 'n3']

/** Proves a cluster that is served over HTTP. */
async function proveServed(fault?: Fault, overrides = {}) {
  await using served = await serveCluster(NAMES, fault)
  const nodes = served.servers.map(({ url }, index) => {
    return { name: NAMES[index] ?? '', url, queue: open(url) }
  })
  const startedAt = performance.now()
  const options = { nodes, timeoutMs: 3_000, ...overrides }
  const findings = await prove({ ...makeOptions(served.cluster), ...options })
  const ms = performance.now() - startedAt
  const requests = served.servers.flatMap(({ requests }) => requests)
  return { findings, ms, requests, cluster: served.cluster }
}

it('proves a cluster over HTTP, and leaves nothing', async () => {
  const { findings, cluster, requests } = await proveServed()
  expect(findings.problems).toEqual([])
  expect(judge(findings, { cancelled: false }).proven).toBe(true)
  expect(cluster.queues.size).toBe(0)
  const receives = requests.filter(({ operation }) => operation === 'ReceiveMessage')
  for (const { body } of receives) expect(body).not.toHaveProperty('WaitTimeSeconds')
})

it('does not warn of its own many calls', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const { findings } = await proveServed(undefined, { partitions: 32 })
  process.off('warning', onWarning)
  expect(findings.problems).toEqual([])
  expect(warnings).toEqual([])
})

it('tells receives that fail while sends work, over HTTP', async () => {
  const { findings } = await proveServed(
    ({ operation }) =>
      operation === 'receive' ? refusal(500, 'InternalFailure', 'internal error') : undefined,
    skipPauses(),
  )
  expect(judge(findings, { cancelled: false })).toMatchObject({
    step: 'receive',
    problems: [{ reason: 'receive-refused' }, ...Array(6).fill({ step: 'receive' })],
  })
})

it.each(['find', 'create', 'send', 'receive', 'drop'])(
  'ends within a second where it is cancelled while %s hangs on a node, and the queue is deleted',
  async (operation) => {
    const controller = new AbortController()
    let cancelledAt = 0
    const { findings, cluster } = await proveServed(
      (call) => {
        if (call.operation !== operation || call.node !== 'n1') return undefined
        if (cancelledAt === 0) {
          cancelledAt = performance.now()
          setTimeout(() => controller.abort(), 20)
        }
        return hang()
      },
      { signal: controller.signal },
    )
    expect(performance.now() - cancelledAt).toBeLessThan(950)
    expect(findings.problems).toMatchObject([{ reason: 'cancelled' }])
    expect(cluster.queues.size).toBe(0)
    expect(findings.queueLeft).toBe(operation === 'create')
  },
)
