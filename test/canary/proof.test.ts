import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { prove } from '../../src/canary/proof.ts'
import type { Message, Outgoing } from '../../src/canary/queue.ts'
import { failed, ok, type Queue } from '../../src/canary/queue.ts'
import { judge } from '../../src/canary/verdict.ts'
import {
  broken,
  type Fault,
  hang,
  makeCluster,
  makeOptions,
  proveWith,
  QUEUE,
  RUN,
  refusal,
  skipPauses,
  twoGroups,
} from './support/fake-cluster.ts'

const on =
  (operation: keyof Queue, fault: Fault): Fault =>
  (call) =>
    call.operation === operation ? fault(call) : undefined
const at =
  (node: string, fault: Fault): Fault =>
  (call) =>
    call.node === node ? fault(call) : undefined
const only = (problems: readonly { readonly step: string; readonly reason: string }[]) => [
  ...new Set(problems.map(({ step, reason }) => `${step}: ${reason}`)),
]
const proven = (findings: Parameters<typeof judge>[0]) =>
  judge(findings, { cancelled: false }).proven

describe('a cluster that works', () => {
  it('is proven, with every partition and every node used, and the queue gone', async () => {
    const findings = await proveWith()
    expect(findings.problems).toEqual([])
    expect(proven(findings)).toBe(true)
    expect(findings.cluster.queues.size).toBe(0)
    expect(findings.queueLeft).toBe(false)
    expect(findings.steps).toEqual([
      ...['name', 'create', 'seen', 'placement', 'send', 'receive', 'empty', 'placement', 'delete'],
    ])
    for (const { sent, received, index } of findings.partitions) {
      expect(sent.map(({ node }) => node)).toEqual(
        [0, 1, 2].map((place) => `n${((index + place) % 3) + 1}`),
      )
      expect(received.map(({ place }) => place)).toEqual([0, 1, 2])
    }
    expect(findings.nodes.map(({ sent }) => sent)).toEqual([4, 4, 4])
    expect(findings.nodes.reduce((sum, { received }) => sum + received, 0)).toBe(12)
  })

  it('creates one tagged queue, through the first node', async () => {
    const { cluster } = await proveWith()
    const creations = cluster.calls.filter(({ operation }) => operation === 'create')
    expect(creations).toEqual([
      {
        node: 'n1',
        operation: 'create',
        argument: { name: QUEUE, partitions: 4, tags: { 'htfifo-gate-canary': RUN } },
      },
    ])
  })

  it('deletes each message through the node after the one that gave it', async () => {
    const { cluster } = await proveWith()
    const calls = cluster.calls.filter(({ operation }) => /^(receive|remove)$/.test(operation))
    const pairs = calls.flatMap(({ operation, node }, index) => {
      const giver = calls.slice(0, index).findLast((one) => one.operation === 'receive')
      return operation === 'remove' ? [`${giver?.node} ${node}`] : []
    })
    expect(pairs).toHaveLength(12)
    for (const pair of pairs) expect(['n1 n2', 'n2 n3', 'n3 n1']).toContain(pair)
  })

  it('is proven with one node, and with more nodes than messages', async () => {
    for (const names of [['n1'], Array.from({ length: 9 }, (_, index) => `n${index}`)]) {
      const cluster = makeCluster()
      const findings = await prove(makeOptions(cluster, {}, names))
      expect(findings.problems).toEqual([])
      expect(proven(findings)).toBe(true)
    }
  })

  it('is proven with 32 partitions and 100 messages in each', async () => {
    const time = { timeoutMs: 10_000, limitMs: 60_000 }
    const findings = await proveWith(undefined, { ...time, partitions: 32, messages: 100 })
    expect(findings.problems).toEqual([])
    expect(proven(findings)).toBe(true)
  })
})

describe('the name', () => {
  const withQueue = async (
    tags: Readonly<Record<string, string>>,
    ageMs: number | null,
    overrides = {},
  ) => {
    const cluster = makeCluster((call) =>
      ageMs === null && call.operation === 'describe' && call.count === 1
        ? ok({ partitions: 4, createdAt: null })
        : undefined,
    )
    cluster.queues.set(QUEUE, {
      settings: { name: QUEUE, partitions: 4, tags },
      createdAt: Date.now() - (ageMs ?? 0),
      messages: [],
    })
    return { cluster, findings: await prove(makeOptions(cluster, overrides)) }
  }

  it.each([
    ['without a tag', {}],
    ['with an empty tag', { 'htfifo-gate-canary': '' }],
    ['with other tags', { owner: 'htfifo-gate-canary' }],
  ])('never touches a queue %s, however old', async (_, tags) => {
    const { cluster, findings } = await withQueue(tags, 3_600_000)
    expect(only(findings.problems)).toEqual(['name: untagged'])
    expect(cluster.queues.has(QUEUE)).toBe(true)
    expect(new Set(cluster.calls.map(({ operation }) => operation))).toEqual(
      new Set(['find', 'tags']),
    )
    expect(findings.queueLeft).toBe(false)
  })

  it.each([
    ['younger than ten minutes', 599_000],
    ['made in the future', -60_000],
    ['of unknown age', null],
  ])('leaves the queue of another canary alone that is %s', async (_, ageMs) => {
    const { cluster, findings } = await withQueue({ 'htfifo-gate-canary': 'run-0' }, ageMs)
    expect(only(findings.problems)).toEqual(['name: another-canary'])
    expect(findings.problems[0]?.words).toContain('run-0')
    expect(cluster.queues.has(QUEUE)).toBe(true)
  })

  it('deletes a leftover, says so, and is proven', async () => {
    const { cluster, findings } = await withQueue({ 'htfifo-gate-canary': 'run-0' }, 601_000)
    expect(findings.problems).toEqual([])
    expect(findings.notices).toMatchObject([{ reason: 'leftover', step: 'name' }])
    expect(findings.notices[0]?.words).toContain('run-0')
    expect(proven(findings)).toBe(true)
    expect(cluster.queues.size).toBe(0)
  })

  it('tells a queue that vanished while it looked as another canary', async () => {
    const { findings } = await withQueue({ 'htfifo-gate-canary': 'run-0' }, 0, {
      nodes: makeOptions(makeCluster()).nodes.map((node) => ({
        ...node,
        queue: { ...node.queue, find: async () => ok(`http://n1/${QUEUE}`) },
      })),
    })
    expect(only(findings.problems)).toEqual(['name: another-canary'])
  })
})

describe('a queue that appears between look and creation', () => {
  const intruder = (tags: Readonly<Record<string, string>>) => {
    const cluster = makeCluster((call) => {
      if (call.operation === 'create') {
        cluster.queues.set(QUEUE, {
          settings: { name: QUEUE, partitions: 4, tags },
          createdAt: Date.now(),
          messages: [],
        })
      }
      return undefined
    })
    return cluster
  }

  it('is left alone where it is of another canary', async () => {
    const cluster = intruder({ 'htfifo-gate-canary': 'run-0' })
    const findings = await prove(makeOptions(cluster))
    expect(only(findings.problems)).toEqual(['create: another-canary'])
    expect(cluster.queues.has(QUEUE)).toBe(true)
    expect(findings.queueLeft).toBe(false)
  })

  it('is left alone without a tag, and it is said that the queue may be there', async () => {
    const cluster = intruder({})
    const findings = await prove(makeOptions(cluster))
    expect(only(findings.problems)).toEqual(['create: untagged'])
    expect(cluster.queues.has(QUEUE)).toBe(true)
    expect(findings.queueLeft).toBe(true)
  })

  it('lets one of two canaries at once through at most, and leaves nothing', async () => {
    const cluster = makeCluster()
    const runs = ['run-a', 'run-b'].map((run) => prove(makeOptions(cluster, { run })))
    const both = await Promise.all(runs)
    expect(both.filter(proven).length).toBeLessThanOrEqual(1)
    expect(both.flatMap(({ problems }) => only(problems))).toContain('create: another-canary')
    expect(both.map(({ queueLeft }) => queueLeft)).toEqual([false, false])
    expect(cluster.queues.size).toBe(0)
  })
})

describe('creation', () => {
  it.each([
    [
      'PartitionCount > 1 requires every cluster peer to advertise the htfifo capability',
      'capability-refused',
    ],
    ['requires every requested partition to be covered by the routing map', 'map-lacks-queue'],
    ['PartitionCount must be a power of two', 'partition-count'],
  ])('tells a refusal "%s" as %s', async (words, reason) => {
    const findings = await proveWith(
      on('create', () => refusal(400, 'InvalidAttributeValue', words)),
    )
    expect(only(findings.problems)).toEqual([`create: ${reason}`])
    expect(findings.problems[0]).toMatchObject({ node: 'n1' })
    expect(findings.problems[0]?.words).toBe(
      `CreateQueue was refused with 400 InvalidAttributeValue: ${words}`,
    )
    expect(findings.queueLeft).toBe(false)
    expect(findings.cluster.calls.filter(({ operation }) => operation === 'drop')).toEqual([])
  })

  it('takes a refusal for one, whatever its code is', async () => {
    for (const code of ['timeout', 'ended', 'constructor']) {
      const findings = await proveWith(on('create', () => refusal(400, code, 'x')))
      expect(only(findings.problems)).toEqual(['create: refused-otherwise'])
      expect(findings.queueLeft).toBe(false)
    }
  })

  it('goes on to the next node where one refuses, and tells it', async () => {
    const findings = await proveWith(
      at(
        'n1',
        on('create', () =>
          refusal(503, 'ServiceUnavailable', 'no raft leader currently available'),
        ),
      ),
    )
    expect(proven(findings)).toBe(true)
    expect(findings.notices).toMatchObject([{ reason: 'create-elsewhere', node: 'n1' }])
  })

  it('ends where a creation got no answer, and says that the queue may come', async () => {
    const findings = await proveWith(on('create', () => broken('disconnected')))
    expect(only(findings.problems)).toEqual(['create: disconnected'])
    expect(findings.queueLeft).toBe(true)
    expect(findings.cluster.calls.filter(({ operation }) => operation === 'create')).toHaveLength(1)
  })

  it('deletes a queue whose creation got no answer', async () => {
    const findings = await proveWith(
      on('create', ({ answer }) => {
        answer()
        return broken('disconnected')
      }),
    )
    expect(findings.cluster.queues.size).toBe(0)
    expect(findings.queueLeft).toBe(false)
  })

  it('deletes a queue that a server made while it failed, whatever the next ones say', async () => {
    const findings = await proveWith(
      on('create', ({ node, answer }) => {
        if (node === 'n1') answer()
        return node === 'n1'
          ? refusal(500, 'InternalFailure', 'internal error')
          : refusal(400, 'InvalidAttributeValue', 'no')
      }),
    )
    expect(findings.cluster.queues.size).toBe(0)
    expect(findings.queueLeft).toBe(false)
  })
})

describe('a node that does not see the queue', () => {
  it('fails the step seen', async () => {
    const findings = await proveWith(
      at(
        'n2',
        on('find', ({ count }) => (count > 1 ? ok(null) : undefined)),
      ),
    )
    expect(only(findings.problems)).toEqual(['seen: queue-missing'])
    expect(findings.nodes.map(({ seen }) => seen)).toEqual([true, false, true])
    expect(findings.cluster.queues.size).toBe(0)
  })

  it('fails the step seen with another number of partitions', async () => {
    const findings = await proveWith(
      at(
        'n3',
        on('describe', () => ok({ partitions: 1, createdAt: null })),
      ),
    )
    expect(findings.problems).toMatchObject([
      {
        step: 'seen',
        reason: 'other-partitions',
        node: 'n3',
        words: 'found 1 partition, expected 4',
      },
    ])
  })
})

describe('messages', () => {
  const received = (change: (messages: readonly Message[]) => readonly Message[]): Fault =>
    on('receive', ({ answer }) => {
      const given = answer()
      return given.kind === 'ok' ? ok(change(given.value as readonly Message[])) : given
    })

  it('tells a message that comes twice', async () => {
    let first: Message | undefined
    const findings = await proveWith(
      received((messages) => {
        const again = first === undefined ? [] : [first]
        first ??= messages[0]
        return messages.length > 0 ? [...messages, ...again] : messages
      }),
    )
    expect(only(findings.problems)).toEqual(['receive: twice'])
    expect(findings.cluster.queues.size).toBe(0)
  })

  it('tells a message that comes twice once all have come, at the step empty', async () => {
    let last: Message | undefined
    const findings = await proveWith(
      received((messages) => {
        if (messages.length === 0 && last !== undefined) return [last]
        last = messages.at(-1)
        return messages
      }),
    )
    expect(only(findings.problems)).toEqual(['empty: twice'])
  })

  it('tells messages out of order', async () => {
    const findings = await proveWith(
      on('send', ({ argument, answer }) => {
        const message = argument as { body: string }
        // The second of each group is taken as if it were the first.
        if (message.body.endsWith('/0')) message.body = message.body.replace(/0$/, '1')
        else if (message.body.endsWith('/1')) message.body = message.body.replace(/1$/, '0')
        return answer()
      }),
    )
    expect(only(findings.problems)).toEqual(['receive: out-of-order'])
    expect(findings.problems[0]?.words).toMatch(/^message 1 of .* arrived where message 0 was due$/)
  })

  it('tells messages that do not come, once the time is over', async () => {
    const findings = await proveWith(
      on('send', ({ argument, answer }) =>
        (argument as Outgoing).body.endsWith('/2') ? ok(null) : answer(),
      ),
      { limitMs: 500 },
    )
    expect(only(findings.problems)).toEqual(['receive: missing'])
    expect(findings.problems.map(({ partition }) => partition)).toEqual([0, 1, 2, 3])
    expect(findings.problems[0]?.words).toContain('1 of 3 messages')
    expect(findings.cluster.queues.size).toBe(0)
  })

  it('leaves a message of somebody else alone, and tells it', async () => {
    const foreign = { body: 'of \u202eothers', group: 'g', receipt: 'foreign' }
    let given = false
    const findings = await proveWith(
      received((messages) => {
        if (given) return messages
        given = true
        return [foreign, ...messages]
      }),
    )
    expect(only(findings.problems)).toEqual(['receive: foreign-message'])
    expect(findings.problems[0]?.words).toContain('"of \\u{202e}others"')
    const removed = findings.cluster.calls.filter(({ operation }) => operation === 'remove')
    expect(removed).toHaveLength(12)
    expect(removed.map(({ argument }) => (argument as Message).receipt)).not.toContain('foreign')
  })

  it('does not take a message of another run for its own', async () => {
    const findings = await proveWith(
      received((messages) => messages.map((one) => ({ ...one, body: `x${one.body}` }))),
      { limitMs: 500 },
    )
    expect(only(findings.problems)).toEqual(['receive: foreign-message', 'receive: missing'])
  })

  it('tells a message that comes under another group', async () => {
    const findings = await proveWith(
      received((messages) => messages.map((one) => ({ ...one, group: 'another' }))),
    )
    expect(only(findings.problems)).toEqual(['receive: foreign-message'])
  })

  it('takes a server that names no group', async () => {
    const findings = await proveWith(
      received((messages) => messages.map((one) => ({ ...one, group: null }))),
    )
    expect(proven(findings)).toBe(true)
  })
})

describe('receives that fail while sends work', () => {
  const fault = on('receive', () => refusal(500, 'InternalFailure', 'internal error'))

  it('are told of every node, with what did not come', async () => {
    const findings = await proveWith(fault, { limitMs: 60_000, ...skipPauses() })
    expect(only(findings.problems)).toEqual(['receive: receive-refused', 'receive: missing'])
    expect(findings.nodes.map(({ error }) => error)).toEqual(
      Array(3).fill('ReceiveMessage was refused with 500 InternalFailure: internal error'),
    )
    expect(findings.nodes.map(({ sent }) => sent)).toEqual([4, 4, 4])
    expect(findings.cluster.queues.size).toBe(0)
    expect(findings.durations.receive).toBeGreaterThan(3_000)
    expect(findings.durations.receive).toBeLessThan(6_000)
  })

  it('fail the step where one node fails once and all came', async () => {
    const findings = await proveWith(
      at(
        'n2',
        on('receive', ({ count }) =>
          count === 1 ? refusal(500, 'InternalFailure', 'x') : undefined,
        ),
      ),
    )
    expect(findings.problems).toMatchObject([{ step: 'receive', node: 'n2' }])
    expect(proven(findings)).toBe(false)
  })
})

describe('calls that fail', () => {
  it.each([
    ['find', 'name'],
    ['create', 'create'],
    ['describe', 'seen'],
    ['send', 'send'],
    ['receive', 'receive'],
    ['remove', 'receive'],
    ['drop', 'delete'],
  ] as const)(
    'of %s, hung, end at the step %s, and the queue is deleted',
    async (operation, step) => {
      let hung = 0
      const findings = await proveWith(
        on(operation, ({ node, count }) => {
          // The clean-up's own calls are let through.
          const hangs = operation === 'find' || operation === 'drop' ? count === 1 : true
          if (!hangs || node !== 'n1') return undefined
          hung++
          return hang()
        }),
        { limitMs: 2_000 },
      )
      expect(hung).toBeGreaterThan(0)
      const reason = operation === 'create' ? 'create-timeout' : 'timeout'
      expect(findings.problems[0]).toMatchObject({ step, reason, node: 'n1' })
      expect(findings.cluster.queues.size).toBe(0)
      expect(findings.queueLeft).toBe(operation === 'create')
    },
  )

  it('tells an answer that is read late as a timeout', async () => {
    let late = 0
    const findings = await proveWith(
      on('describe', () => {
        late = 400
        return undefined
      }),
      { now: () => performance.now() + late },
    )
    expect(findings.problems[0]).toMatchObject({ step: 'seen', reason: 'timeout' })
  })

  it.each([
    ['credentials', refusal(403, 'InvalidClientTokenId', 'unknown access key')],
    ['no-leader', refusal(503, 'ServiceUnavailable', 'no raft leader currently available')],
    ['disconnected', broken('disconnected')],
    ['unreachable', broken('refused', 'unsent')],
    ['unreadable', broken('malformed')],
  ] as const)('tells %s', async (reason, answer) => {
    const findings = await proveWith(on('send', () => answer))
    expect(only(findings.problems)).toEqual([`send: ${reason}`])
    expect(findings.problems.map(({ partition }) => partition)).toEqual([0, 1, 2, 3])
    expect(findings.cluster.queues.size).toBe(0)
  })

  it('deletes through the next node where the first does not', async () => {
    const findings = await proveWith(
      at(
        'n1',
        on('drop', () => refusal(500, 'InternalFailure', 'internal error')),
      ),
    )
    expect(only(findings.problems)).toEqual(['delete: internal-error'])
    expect(findings.cluster.queues.size).toBe(0)
    expect(findings.queueLeft).toBe(false)
  })

  it('says that the queue is left where no node deletes it', async () => {
    const findings = await proveWith(on('drop', () => refusal(500, 'InternalFailure', 'x')))
    expect(findings.queueLeft).toBe(true)
    expect(findings.deleteCommand).toBe(`delete http://n1:9324/${QUEUE}`)
    const drops = findings.cluster.calls.filter(({ operation }) => operation === 'drop')
    // Once by the step, then through each node in turn, and again.
    expect(drops.slice(1, 7).map(({ node }) => node)).toEqual(['n2', 'n3', 'n1', 'n1', 'n2', 'n3'])
    expect(drops).toHaveLength(1 + 3 * 20)
  })

  it('does not believe a deletion that is taken and not carried out', async () => {
    const findings = await proveWith(on('drop', () => ok(null)))
    expect(only(findings.problems)).toEqual(['delete: still-there'])
    expect(findings.queueLeft).toBe(true)
  })

  it('deletes nothing that lost its tag', async () => {
    const findings = await proveWith((call) => {
      if (call.operation === 'tags' && call.node === 'n1' && call.count > 1) return ok({})
      if (call.operation === 'tags' && call.node !== 'n1') return ok({})
      return undefined
    })
    expect(only(findings.problems)).toEqual(['delete: queue-missing'])
    expect(findings.cluster.calls.filter(({ operation }) => operation === 'drop')).toEqual([])
    expect(findings.queueLeft).toBe(true)
  })
})

describe('the end of a run', () => {
  const OPERATIONS = [
    'find',
    'create',
    'tags',
    'describe',
    'send',
    'receive',
    'remove',
    'drop',
  ] as const

  it.each(OPERATIONS)(
    'comes within a second when it is cancelled in %s, with the queue deleted',
    async (operation) => {
      for (const answers of [true, false]) {
        const controller = new AbortController()
        let cancelledAt = 0
        const cluster = makeCluster((call) => {
          if (call.operation !== operation || cancelledAt > 0) return undefined
          cancelledAt = performance.now()
          controller.abort()
          return answers ? undefined : hang()
        })
        const findings = await prove(
          makeOptions(cluster, { signal: controller.signal, timeoutMs: 3_000 }),
        )
        expect(performance.now() - cancelledAt).toBeLessThan(900)
        expect(only(findings.problems)).toEqual([`${findings.reached}: cancelled`])
        expect(cluster.queues.size).toBe(0)
        expect(findings.queueLeft).toBe(operation === 'create' && !answers)
      }
    },
  )

  it('comes within a second when it is cancelled while a node hangs, with the queue deleted by the next', async () => {
    const controller = new AbortController()
    let cancelledAt = 0
    const cluster = makeCluster((call) => {
      if (call.operation === 'receive' && cancelledAt === 0) {
        cancelledAt = performance.now()
        controller.abort()
      }
      return cancelledAt > 0 && call.node === 'n1' ? hang() : undefined
    })
    const findings = await prove(
      makeOptions(cluster, { signal: controller.signal, timeoutMs: 3_000 }),
    )
    expect(performance.now() - cancelledAt).toBeLessThan(900)
    expect(findings.queueLeft).toBe(false)
    expect(cluster.queues.size).toBe(0)
  })

  it('waits a moment for a creation under way when it is cancelled, so that nothing comes after it', async () => {
    const controller = new AbortController()
    const findings = await proveWith(
      on('create', async ({ answer }) => {
        controller.abort()
        await wait(100)
        return answer()
      }),
      { signal: controller.signal, timeoutMs: 3_000 },
    )
    await wait(100)
    expect(only(findings.problems)).toEqual(['create: cancelled'])
    expect(findings.cluster.queues.size).toBe(0)
    expect(findings.queueLeft).toBe(false)
  })

  it('leaves a queue alone that another canary made meanwhile', async () => {
    const cluster = makeCluster(
      on('send', () => {
        cluster.queues.set(QUEUE, {
          settings: { name: QUEUE, partitions: 4, tags: { 'htfifo-gate-canary': 'run-2' } },
          createdAt: Date.now(),
          messages: [],
        })
        return refusal(500, 'InternalFailure', 'x')
      }),
    )
    const findings = await prove(makeOptions(cluster))
    expect(cluster.queues.size).toBe(1)
    expect(findings.queueLeft).toBe(false)
  })

  it('comes with the limit where the canary was stopped between two steps', async () => {
    let stopped = 0
    const findings = await proveWith(undefined, {
      onStep: (step) => {
        if (step === 'seen') stopped = 20_000
      },
      now: () => performance.now() + stopped,
      clock: () => Date.now() + stopped,
    })
    expect(only(findings.problems)).toEqual(['placement: limit'])
  })

  it('hides secrets that a server echoes', async () => {
    const findings = await proveWith(
      on('send', () => refusal(400, 'InvalidParameterValue', 'no a-secret here')),
    )
    const texts = JSON.stringify([findings.problems, findings.nodes])
    expect(texts).toContain('no *** here')
    expect(texts).not.toContain('a-secret')
    const asTag = await proveWith(undefined, {
      nodes: makeOptions(
        makeCluster(on('tags', () => ok({ 'htfifo-gate-canary': 'a-secret' }))),
      ).nodes.map((node) => ({
        ...node,
        queue: { ...node.queue, find: async () => ok(`http://n1/${QUEUE}`) },
      })),
    })
    // It was there, with a tag, and is gone when its age is asked for.
    expect(only(asTag.problems)).toEqual(['name: another-canary'])
    expect(asTag.problems[0]?.words).toContain('of the run "***" was there and is gone')
  })

  it('leaves time to delete the queue over a slow link when it is cancelled', async () => {
    const controller = new AbortController()
    let cancelledAt = 0
    const cluster = makeCluster(async ({ operation, answer }) => {
      if (cancelledAt > 0) await wait(180)
      if (operation === 'send' && cancelledAt === 0) {
        cancelledAt = performance.now()
        controller.abort()
      }
      return answer()
    })
    const findings = await prove(
      makeOptions(cluster, { signal: controller.signal, timeoutMs: 3_000 }),
    )
    expect(performance.now() - cancelledAt).toBeLessThan(900)
    expect(findings.queueLeft).toBe(false)
    expect(cluster.queues.size).toBe(0)
  })

  it('does not pause past its time when it is cancelled and no node deletes the queue', async () => {
    const controller = new AbortController()
    let cancelledAt = 0
    const cluster = makeCluster(async ({ operation, answer }) => {
      if (operation === 'send' && cancelledAt === 0) {
        cancelledAt = performance.now()
        controller.abort()
      }
      if (operation !== 'drop') return answer()
      await wait(220)
      return refusal(500, 'InternalFailure', 'x')
    })
    const findings = await prove(
      makeOptions(cluster, {
        signal: controller.signal,
        timeoutMs: 3_000,
        pause: (ms) => wait(ms),
      }),
    )
    expect(findings.queueLeft).toBe(true)
    expect(performance.now() - cancelledAt).toBeLessThan(850)
  })

  it('makes nothing when it was cancelled before', async () => {
    const { cluster, problems } = await proveWith(undefined, { signal: AbortSignal.abort() })
    expect(only(problems)).toEqual(['name: cancelled'])
    expect(cluster.calls).toEqual([])
  })

  it('comes with the limit, which is told, and the queue is deleted', async () => {
    const findings = await proveWith(at('n1', on('send', hang)), { limitMs: 100, timeoutMs: 5_000 })
    expect(only(findings.problems)).toEqual(['send: limit'])
    expect(findings.cluster.queues.size).toBe(0)
  })

  it('comes with a crash of the canary itself, and the queue is deleted', async () => {
    const error = new Error('a defect')
    const findings = await proveWith(
      on('send', () => {
        throw error
      }),
    )
    expect(findings.crash).toEqual({ error })
    expect(only(findings.problems)).toEqual(['send: crashed'])
    expect(findings.cluster.queues.size).toBe(0)
    expect(proven(findings)).toBe(false)
  })

  it('is not proven where the machine slept', async () => {
    let slept = 0
    const findings = await proveWith(
      on('send', () => {
        slept = 1_500
        return undefined
      }),
      { clock: () => Date.now() + slept },
    )
    expect(only(findings.problems)).toEqual(['send: clock-jumped'])
  })
})

describe('placement', () => {
  const leaders = (...answers: ReturnType<typeof twoGroups>[]) => {
    let asked = 0
    return async () => answers[Math.min(asked++, answers.length - 1)] ?? []
  }

  it('is asked before the first message and after the last', async () => {
    const before = twoGroups(1, 2)
    const after = twoGroups(1, 3)
    const findings = await proveWith(undefined, { askLeaders: leaders(before, after) })
    expect(findings.leaders).toEqual({ before, after })
    expect(proven(findings)).toBe(true)
  })

  it('fails with require-spread before anything is sent', async () => {
    const findings = await proveWith(undefined, {
      askLeaders: leaders(twoGroups(1, 1)),
      requireSpread: true,
    })
    expect(findings.problems).toMatchObject([
      {
        step: 'placement',
        reason: 'not-spread',
        command:
          'RAFTADMIN_ALLOW_INSECURE=true raftadmin 10.0.0.1:50061 leadership_transfer_to_server n2 10.0.0.2:50061',
      },
    ])
    const operations = findings.cluster.calls.map(({ operation }) => operation)
    expect(operations).not.toContain('send')
    expect(findings.cluster.queues.size).toBe(0)
  })

  it('fails with require-spread where leaders come together meanwhile', async () => {
    const findings = await proveWith(undefined, {
      askLeaders: leaders(twoGroups(1, 2), twoGroups(2, 2)),
      requireSpread: true,
    })
    expect(only(findings.problems)).toEqual(['placement: not-spread'])
  })

  it('fails with require-spread where no Raft addresses are known', async () => {
    const findings = await proveWith(undefined, { requireSpread: true })
    expect(only(findings.problems)).toEqual(['placement: not-spread'])
  })

  it('fails where a listener does not tell', async () => {
    const [first, ...others] = twoGroups(1, 2)
    if (first === undefined) throw new Error('no listener')
    const silent = { ...first, leader: null, error: 'connection refused' }
    const findings = await proveWith(undefined, { askLeaders: leaders([silent, ...others]) })
    expect(findings.problems).toMatchObject([
      {
        step: 'placement',
        reason: 'leaders-unknown',
        node: 'n1',
        words: '10.0.0.1:50051: connection refused',
      },
    ])
  })

  it('fails where listeners contradict each other, so that a stale view is not taken for a group', async () => {
    const [first, ...others] = twoGroups(1, 1)
    if (first === undefined) throw new Error('no listener')
    // The leader that all others name still names the one before it.
    const stale = { ...first, leader: { id: 'n2', address: '10.0.0.2:50051' } }
    const findings = await proveWith(undefined, {
      askLeaders: leaders([stale, ...others]),
      requireSpread: true,
    })
    expect(findings.problems).toMatchObject([
      {
        step: 'placement',
        reason: 'leaders-unknown',
        node: 'n1',
        words: '10.0.0.1:50051: it names n2 as the leader, but others name it',
      },
    ])
  })

  it('is asked once more where a step failed, since an election may be why', async () => {
    const findings = await proveWith(
      on('send', () => failed({ code: 'x', httpStatus: 503, words: 'no leader', fate: 'refused' })),
      { askLeaders: leaders(twoGroups(1, 2), twoGroups(3, 2)) },
    )
    expect(only(findings.problems)).toEqual(['send: no-leader'])
    expect(findings.leaders.after).toEqual(twoGroups(3, 2))
  })
})
