import { setTimeout as pause } from 'node:timers/promises'
import { makeResolver, makeTrust, type Network } from '../exchange/exchange.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { pollLoop, type Run, type TimelineEntry } from './loop.ts'
import { pollRound, type RoundOptions } from './round.ts'

export type { Change, Run, TimelineEntry } from './loop.ts'
export {
  type AddressResult,
  advertises,
  blockingFirst,
  blocks,
  countReadiness,
  type PeerResult,
  type Readiness,
  readinessOf,
} from './result.ts'
export { blockingPeers, crash, judge, refuse, type Verdict } from './verdict.ts'

interface RunOptions extends Omit<RoundOptions, 'network'> {
  readonly onRound: (entry: TimelineEntry) => void
}

/** Polls the peers, round after round where the inputs ask for it, until there is something to judge. */
export async function run(inputs: Inputs, options: RunOptions): Promise<Run> {
  const { signal, onRound } = options
  const network = openNetwork(inputs, signal)
  try {
    return await pollLoop({
      ...inputs,
      signal,
      onRound,
      now: () => performance.now(),
      pause: (ms) => pause(ms, undefined, { signal }).catch(() => undefined),
      poll: () => pollRound(inputs, { ...options, network }),
    })
  } finally {
    network.resolver.end()
  }
}

/** What connections to the peers of these inputs need. DNS lookups end with the signal, or when the resolver is ended. */
export function openNetwork(
  inputs: Pick<Inputs, 'peers' | 'routes' | 'timeoutMs' | 'tls'>,
  signal: AbortSignal,
): Network {
  const resolver = makeResolver(findHosts(inputs), inputs.timeoutMs)
  signal.addEventListener('abort', resolver.end)
  if (signal.aborted) resolver.end()
  return { resolver, secure: makeTrust(inputs.tls) }
}

/** Every host that a run connects to. */
function findHosts({ peers, routes }: Pick<Inputs, 'peers' | 'routes'>): readonly string[] {
  return peers.flatMap(({ url, raftAddresses }) => {
    const route = routes.get(url)
    const first = route === undefined || route.kind === 'direct' ? new URL(url) : route.proxy
    return [first, ...raftAddresses.map((address) => new URL(`http://${address}`))].map(
      ({ hostname }) => hostname,
    )
  })
}
