import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Network, toLookup } from '../exchange/exchange.ts'
import type { CanaryInputs } from '../inputs/inputs.ts'
import {
  askLeaders,
  type KnownMember,
  type LeaderReport,
  raftPlace,
} from '../membership/membership.ts'
import { openNetwork } from '../rounds/rounds.ts'
import { deleteCommand } from './commands.ts'
import type { Findings, Listener } from './findings.ts'
import { CrashError, prove } from './proof.ts'
import type { ProofOptions } from './run.ts'

export interface ClusterOptions extends Pick<ProofOptions, 'redact' | 'signal' | 'onStep'> {
  /** The members of the cluster, by which its Raft listeners are named. */
  readonly members: readonly KnownMember[]
  /** Told of errors after a question to a Raft listener was settled. */
  readonly onLateError: (url: string, error: unknown) => void
}

/**
 * Proves the cluster of these inputs. Names can be looked up until the end, so that a cancelled run deletes its queue;
 * what crashes meanwhile, anywhere in the process, ends the proof in the same way.
 */
export async function proveCluster(
  inputs: CanaryInputs,
  options: ClusterOptions,
): Promise<Findings> {
  const { region, credentials, raftPorts } = inputs
  const { signal, redact } = options
  const network = openNetwork(inputs, new AbortController().signal)
  const nodes = await openNodes(inputs, network)
  const crash = new AbortController()
  process.setUncaughtExceptionCaptureCallback((cause) => {
    crash.abort(new CrashError('something beside the proof failed', { cause }))
  })
  const askListeners = async (stop: AbortSignal) => {
    const { onLateError, members } = options
    const leaderOptions = { ...inputs, network, signal: stop, onLateError }
    return toListeners(await askLeaders(inputs.peers, leaderOptions), members, redact)
  }
  try {
    return await prove({
      ...inputs,
      ...options,
      nodes,
      signal: AbortSignal.any([signal, crash.signal]),
      run: randomBytes(8).toString('hex'),
      askLeaders: raftPorts.length === 0 ? null : askListeners,
      deleteCommand: (base) => deleteCommand(base, inputs.queue, region, credentials !== null),
      now: () => performance.now(),
      clock: () => Date.now(),
      pause: (ms, stop) => pause(ms, undefined, { signal: stop }).catch(() => undefined),
    })
  } finally {
    process.setUncaughtExceptionCaptureCallback(null)
    for (const node of nodes) node.queue.close()
    network.resolver.end()
  }
}

/** Opens the queue service of each node. The SQS library takes about 75 ms to load. */
async function openNodes({ peers, region, credentials }: CanaryInputs, network: Network) {
  const { openSqs } = await import('./sqs.ts')
  await network.resolver.ready()
  const sqsOptions = {
    region,
    credentials,
    secure: () => network.secure('peer'),
    lookup: toLookup(network.resolver),
  }
  return peers.map((peer) => {
    const url = peer.url.replace(/\/sqs_health$/, '')
    return { name: peer.name, url, queue: openSqs(url, sqsOptions) }
  })
}

/** What the Raft listeners said of their leaders, with who they are by the members of the cluster. */
function toListeners(
  reports: readonly LeaderReport[],
  members: readonly KnownMember[],
  redact: (text: string) => string,
): readonly Listener[] {
  return reports.map(({ peer, raftAddress, result }) => {
    const place = raftPlace(raftAddress)
    const member =
      members.find(({ address }) => raftPlace(address).address === place.address) ??
      members.find(
        ({ id, address }) => peer.names.includes(id) && raftPlace(address).port === place.port,
      )
    const named = result.kind === 'answer' && result.answer.address !== '' ? result.answer : null
    return {
      raftAddress,
      node: peer.name,
      member: member === undefined ? null : { id: member.id, address: member.address },
      leader: named === null ? null : { id: redact(named.id), address: redact(named.address) },
      error: result.kind === 'failure' ? redact(result.failure.error) : '',
    }
  })
}
