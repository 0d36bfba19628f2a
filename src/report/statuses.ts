import type { PeerResult } from '../rounds/rounds.ts'
import type { Status } from '../shared/status.ts'

/** Whether it is HT-FIFO that is gated: the partitioned layout is claimed for this capability alone. */
export const isHtFifo = (capability: string): boolean => capability === 'htfifo'

/** What is told about each status a peer can end with: words for the table, and what to do about it. */
interface Explanation {
  readonly words: string
  /** What an operator does about it, in Markdown; empty where there is nothing to do. */
  readonly advice: string
}

const EXEMPT =
  'exempt the node in `no_proxy`, by name: CIDR ranges and wildcards do not work there.'
const MAYBE_PROXY = `If the detail names a proxy, it may be the proxy that answered: ${EXEMPT}`
/** A proxy or a portal answers with a page of its own, usually a large one. */
const CHECK_ADDRESS = `Check that address and port are those of the SQS listener, and what stands in front of it. ${MAYBE_PROXY}`

export const STATUSES: Readonly<Record<Status, Explanation>> = {
  advertises: { words: 'ready', advice: '' },
  'missing-capability': {
    words: 'capability missing',
    advice:
      'The binary reports its capabilities, but not this one. Upgrade the node to the release that advertises it, then run the gate again.',
  },
  legacy: {
    words: 'old binary',
    advice:
      'The binary predates the capability list. Upgrade the node, then run the gate again. If it runs the new release already, something between it and the gate drops the `Accept` header.',
  },
  unhealthy: {
    words: 'unhealthy',
    advice:
      'The node answers, but reports a status other than "ok". Check its log and fix that first.',
  },
  malformed: {
    words: 'malformed answer',
    advice: `What answered is not the \`/sqs_health\` endpoint of an elastickv node. ${CHECK_ADDRESS}`,
  },
  'too-large': {
    words: 'answer too large',
    advice: `The answer is larger than any node sends. ${CHECK_ADDRESS}`,
  },
  cached: {
    words: 'cached response',
    advice: `A cache between the gate and the node answered, so nothing is known about the node now. Exclude the path from the cache, or use the address of the node itself; if the cache is a proxy of the runner, ${EXEMPT}`,
  },
  redirect: {
    words: 'redirected',
    advice: `A node never redirects, so a proxy or load balancer answered. Use the address of the node itself; if the detail names a proxy, ${EXEMPT}`,
  },
  'http-error': {
    words: 'HTTP error',
    advice: `Something answered with an HTTP error. 404 means a wrong port or path; 401 or 403, a proxy that wants credentials (input \`headers\`); 5xx, a node in trouble. ${MAYBE_PROXY}`,
  },
  timeout: {
    words: 'timed out',
    advice:
      'The phase in the detail says how far it got. DNS lookup: the DNS server is slow, or a tailnet is not up yet. Connect: a firewall or access rule drops packets, or the host is down. Later: the node hangs. Raise `timeout` only for links that are really slow. If the detail says that the clocks differ, the runner slept or its clock was set: run the gate again.',
  },
  dns: {
    words: 'DNS lookup failed',
    advice:
      'The name could not be resolved on this runner; the detail says why. Check the spelling, the DNS of the runner, and that the VPN or tailnet is up before this step; `wait` gives it time.',
  },
  refused: {
    words: 'connection refused',
    advice:
      'The host is up, but nothing listens on that port. Check that the node is running, and that the port is that of its SQS listener.',
  },
  unreachable: {
    words: 'unreachable',
    advice:
      'No connection could be made. Check routes, firewalls and access rules between this runner and the node, and the limits of the runner itself where the detail names them.',
  },
  disconnected: {
    words: 'disconnected',
    advice:
      'The connection broke before the answer was complete: a node that is restarting, or a middlebox that closes connections. Run the gate again once the node is stable.',
  },
  tls: {
    words: 'TLS failure',
    advice:
      'The certificate or the handshake failed; the detail says why. If the issuer is not trusted, pass your CA in `ca-certificate`. If a client certificate is required, pass `client-certificate` and `client-key`. Otherwise check the name and the dates of the certificate, and that the port speaks TLS. Verification cannot be switched off.',
  },
  protocol: {
    words: 'not HTTP',
    advice:
      'What answered is not HTTP/1.1, or breaks its limits. Check that the port is that of the SQS listener, and whether it expects http or https.',
  },
  proxy: {
    words: 'proxy failure',
    advice:
      'The proxy refused or failed the request. Nodes that are reached directly belong in `no_proxy` of the runner, by name: CIDR ranges and wildcards do not work there. Otherwise check `http_proxy` and `https_proxy`, and the rules of the proxy for this host and port.',
  },
  cancelled: {
    words: 'cancelled',
    advice: 'The run was cancelled before the node answered. Run the gate again.',
  },
}

/** What to do about a status where this capability is asked for, in Markdown. */
export function adviceOn(status: Status, capability: string): string {
  const { advice } = STATUSES[status]
  return status === 'missing-capability' && isHtFifo(capability)
    ? `${advice} If it runs that release already, HT-FIFO is not wired up in that build.`
    : advice
}

/** What is said of the address of a ready peer that does not count; empty where there is none. */
export function forgivenDetail({ addresses }: Pick<PeerResult, 'addresses'>): string {
  const found = addresses.find(({ forgiven }) => forgiven === true)
  return found === undefined ? '' : `${found.address} does not count: ${found.error}`
}

/** What an error says besides the words of its status, which stand beside it: `connect ECONNREFUSED 10.0.0.1:9324` of `connection refused (connect …)`. */
export function detailOf(status: Status, error: string): string {
  const { words } = STATUSES[status]
  if (!error.startsWith(words)) return error
  const rest = error.slice(words.length).trim()
  return /^\((.*)\)$/s.exec(rest)?.[1] ?? rest
}
