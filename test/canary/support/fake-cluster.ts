import { setTimeout as wait } from 'node:timers/promises'
import type { Findings, Listener, ProofStep } from '../../../src/canary/findings.ts'
import { partitionOf } from '../../../src/canary/partition.ts'
import { prove } from '../../../src/canary/proof.ts'
import {
  type Answer,
  type Failure,
  failed,
  type Message,
  type Outgoing,
  ok,
  type Queue,
  type QueueSettings,
} from '../../../src/canary/queue.ts'
import type { ProofOptions } from '../../../src/canary/run.ts'

/** A message in the fake's queue. */
interface Stored extends Outgoing {
  readonly receipt: string
  locked: boolean
}

/** A queue in the fake, with what a test may look at. */
export interface FakeQueue {
  readonly settings: QueueSettings
  readonly createdAt: number
  readonly messages: Stored[]
}

/** One call of one node, as a fault sees it. */
export interface FakeCall {
  readonly node: string
  readonly operation: keyof Queue
  /** What was asked for besides the address. */
  readonly argument: unknown
  /** How many calls of this operation the node has had, this one included. */
  readonly count: number
  readonly signal: AbortSignal
  /** What the node would answer. */
  readonly answer: () => Answer<unknown>
}

/** Answers in place of a node; undefined lets the node answer. */
export type Fault = (call: FakeCall) => Promise<Answer<unknown>> | Answer<unknown> | undefined

/** A queue service in memory that all nodes share. */
export interface FakeCluster {
  readonly queues: Map<string, FakeQueue>
  readonly calls: { node: string; operation: keyof Queue; argument: unknown }[]
  nodeQueue(node: string): Queue
}

/** What a server that refuses answers. */
export const refusal = (httpStatus: number, code: string, words: string): Answer<never> =>
  failed({ code, httpStatus, words, fate: 'refused' })

/** A call without an answer. */
export const broken = (code: string, fate: Failure['fate'] = 'unknown'): Answer<never> =>
  failed({ code, httpStatus: null, words: `broken by the test (${code})`, fate })

const NO_QUEUE = refusal(400, 'QueueDoesNotExist', 'queue does not exist')

/** Never answers, whatever the signal says. */
export const hang = (): Promise<never> => new Promise(() => undefined)

/** Makes a cluster whose nodes answer as real ones do, save for what the fault answers in their place. */
export function makeCluster(fault: Fault = () => undefined): FakeCluster {
  const queues = new Map<string, FakeQueue>()
  const calls: FakeCluster['calls'] = []
  const addressOf = (node: string, name: string) => `http://${node}:9324/${name}`
  const queueOf = (url: string) => queues.get(url.split('/').at(-1) ?? '')

  function nodeQueue(node: string): Queue {
    async function answer<T>(
      operation: keyof Queue,
      argument: unknown,
      signal: AbortSignal,
      make: () => Answer<T>,
    ): Promise<Answer<T>> {
      calls.push({ node, operation, argument })
      const count = calls.filter((one) => one.node === node && one.operation === operation).length
      const instead = fault({ node, operation, argument, count, signal, answer: make })
      await Promise.resolve()
      return instead === undefined ? make() : ((await instead) as Answer<T>)
    }
    const within = <T>(url: string, make: (queue: FakeQueue) => Answer<T>) => {
      const queue = queueOf(url)
      return queue === undefined ? NO_QUEUE : make(queue)
    }
    return {
      find: (name, signal) =>
        answer('find', name, signal, () => ok(queues.has(name) ? addressOf(node, name) : null)),
      create: (settings, signal) =>
        answer('create', settings, signal, () => {
          const { name } = settings
          if (!queues.has(name)) queues.set(name, { settings, createdAt: Date.now(), messages: [] })
          return ok(addressOf(node, name))
        }),
      tags: (url, signal) =>
        answer('tags', null, signal, () => within(url, ({ settings }) => ok(settings.tags))),
      describe: (url, signal) =>
        answer('describe', null, signal, () =>
          within(url, ({ settings, createdAt }) =>
            ok({ partitions: settings.partitions, createdAt }),
          ),
        ),
      send: (url, message, signal) =>
        answer('send', message, signal, () =>
          within(url, ({ messages }) => {
            messages.push({ ...message, receipt: `r-${messages.length}`, locked: false })
            return ok(null)
          }),
        ),
      receive: (url, signal) =>
        answer('receive', null, signal, () => within(url, ({ messages }) => ok(take(messages)))),
      remove: (url, message, signal) =>
        answer('remove', message, signal, () =>
          within(url, ({ messages }) => {
            const index = messages.findIndex(({ receipt }) => receipt === message.receipt)
            if (index >= 0) messages.splice(index, 1)
            return ok(null)
          }),
        ),
      drop: (url, signal) =>
        answer('drop', null, signal, () =>
          within(url, ({ settings }) => {
            queues.delete(settings.name)
            return ok(null)
          }),
        ),
    }
  }
  return { queues, calls, nodeQueue }
}

/** Gives the first message of each group that has none out. */
function take(messages: readonly Stored[]): readonly Message[] {
  const given: Message[] = []
  const busy = new Set(messages.filter(({ locked }) => locked).map(({ group }) => group))
  for (const message of messages) {
    if (busy.has(message.group)) continue
    busy.add(message.group)
    message.locked = true
    given.push({ body: message.body, group: message.group, receipt: message.receipt })
  }
  return given
}

export const QUEUE = 'htfifo-canary.fifo'
export const RUN = 'run-1'

/** What a proof in a test is given; steps are told to `steps`. */
export function makeOptions(
  cluster: FakeCluster,
  overrides: Partial<ProofOptions> = {},
  names: readonly string[] = ['n1', 'n2', 'n3'],
): ProofOptions {
  return {
    nodes: names.map((name) => {
      return { name, url: `http://${name}:9324`, queue: cluster.nodeQueue(name) }
    }),
    queue: QUEUE,
    partitions: 4,
    messages: 3,
    groupsOfPartitions: null,
    run: RUN,
    timeoutMs: 200,
    limitMs: 10_000,
    requireSpread: false,
    askLeaders: null,
    deleteCommand: (base) => `delete ${base}/${QUEUE}`,
    redact: (text) => text.replaceAll('a-secret', '***'),
    now: () => performance.now(),
    clock: () => Date.now(),
    pause: (ms, signal) => wait(Math.min(ms, 1), undefined, { signal }).catch(() => undefined),
    signal: new AbortController().signal,
    onStep: () => undefined,
    ...overrides,
  }
}

/** A time in which pauses are over at once. */
export function skipPauses(): Pick<ProofOptions, 'now' | 'clock' | 'pause'> {
  let skippedMs = 0
  return {
    now: () => performance.now() + skippedMs,
    clock: () => Date.now() + skippedMs,
    pause: async (ms) => {
      skippedMs += ms
      await wait(0)
    },
  }
}

/** Runs a proof over a cluster with this fault. */
export async function proveWith(
  fault?: Fault,
  overrides: Partial<ProofOptions> = {},
): Promise<Findings & { readonly cluster: FakeCluster; readonly steps: readonly ProofStep[] }> {
  const cluster = makeCluster(fault)
  const steps: ProofStep[] = []
  const onStep = (step: ProofStep) => steps.push(step)
  const findings = await prove(makeOptions(cluster, { onStep, ...overrides }))
  return { ...findings, cluster, steps }
}

/** A Raft listener that names this leader. */
export const listener = (
  raftAddress: string,
  node: string,
  leader: readonly [id: string, address: string] | null,
  error = '',
): Listener => ({
  raftAddress,
  node,
  member: { id: node, address: raftAddress },
  leader: leader === null ? null : { id: leader[0], address: leader[1] },
  error,
})

/** The listeners of three nodes with two groups, led by the nodes of these numbers. */
export const twoGroups = (first: number, second: number): readonly Listener[] =>
  [1, 2, 3].flatMap((node) => [
    listener(`10.0.0.${node}:50051`, `n${node}`, [`n${first}`, `10.0.0.${first}:50051`]),
    listener(`10.0.0.${node}:50061`, `n${node}`, [`n${second}`, `10.0.0.${second}:50061`]),
  ])

/** The index of the partition that a message goes to. */
export const partitionOfMessage = (message: unknown): number =>
  partitionOf((message as Outgoing).group, 4)
