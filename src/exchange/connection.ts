import type { LookupAddress } from 'node:dns'
import { connect, isIP, type Socket } from 'node:net'
import tls, { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { CERTIFICATE, type Route, type TlsFiles } from '../inputs/inputs.ts'
import type { Progress } from './attempt.ts'
import { clientOver } from './client.ts'
import { ExchangeError, ProxyError } from './failure.ts'
import { type Resolver, toLookup } from './resolver.ts'

/** What a connection needs from outside. */
export interface Network {
  readonly resolver: Resolver
  /** The trust and identity for TLS with a peer, or with a proxy, which gets no client certificate. */
  readonly secure: (side: 'peer' | 'proxy') => SecureContext
}

/**
 * The trust and identity of the gate, each made once, when it is first needed: the roots of Node.js, of the system and of
 * `NODE_EXTRA_CA_CERTS`, and the given ones; the client certificate for peers only. Throws nothing for files that checkTls
 * found no problem with.
 */
export function makeTrust({ ca, certificate, key }: TlsFiles): Network['secure'] {
  const made = new Map<string, SecureContext>()
  return (side) => {
    const context =
      made.get(side) ??
      createSecureContext({
        ca: [
          // By the default import: an older Node.js lacks this export, and could not load the file to say that it is too old.
          ...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')]),
          ...(ca.match(CERTIFICATE) ?? []),
        ],
        ...(certificate === '' || side === 'proxy' ? {} : { cert: certificate, key }),
      })
    made.set(side, context)
    return context
  }
}

/** What is reported while a connection comes up; exactly one of `ready`, `failed` and `broke` first. */
export interface Listener extends Pick<Progress<never>, 'phase' | 'opened' | 'failed' | 'broke'> {
  ready(socket: Socket): void
}

/** The host of a URL, without the brackets of IPv6 and without a dot at the end, which is no part of a name in TLS (RFC 6066, 3). */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$|\.$/g, '')

export const portOf = (url: URL): number =>
  Number(url.port || (url.protocol === 'https:' ? 443 : 80))

/**
 * Opens a fresh connection to a URL, by its route, up to the point where HTTP can be spoken.
 *
 * @param address the address to connect to; null where the route leads through a proxy
 */
export function openConnection(
  url: URL,
  route: Route,
  address: LookupAddress | null,
  network: Network,
  listener: Listener,
): void {
  const { secure } = network
  // Each context comes before its socket: if it cannot be made, no socket is left over.
  if (route.kind === 'direct') {
    const context = url.protocol === 'https:' ? secure('peer') : null
    const socket = connect({
      host: address?.address ?? hostOf(url),
      port: portOf(url),
      noDelay: true,
    })
    prepare(socket, url, context, listener)
    return
  }
  const { proxy } = route
  const viaProxy: Listener = {
    ...listener,
    failed: (error) => listener.failed(new ProxyError(proxy.host, error)),
    broke: (error) => listener.broke(new ProxyError(proxy.host, error)),
  }
  const trust = proxy.protocol === 'https:' ? secure('proxy') : null
  if (route.kind === 'forward') {
    prepare(connectProxy(proxy, network, viaProxy), proxy, trust, viaProxy)
    return
  }
  const context = secure('peer')
  prepare(connectProxy(proxy, network, viaProxy), proxy, trust, {
    ...viaProxy,
    ready(connected) {
      listener.phase('connect')
      openTunnel(connected, url, route, {
        ...viaProxy,
        ready: (tunnel) => secureSocket(tunnel, url, context, listener),
      })
    },
  })
}

/** Reports a socket once it is connected, with TLS over it where there is a context. */
function prepare(
  socket: Socket,
  url: URL,
  context: SecureContext | null,
  listener: Listener,
): void {
  listener.opened(socket)
  socket.on('error', listener.broke)
  socket.once('connect', () => {
    if (context === null) listener.ready(socket)
    else secureSocket(socket, url, context, listener)
  })
}

/** Connects to a proxy; Node.js itself tries the addresses of its name in turn. */
function connectProxy(proxy: URL, { resolver }: Network, listener: Listener): Socket {
  const isName = isIP(hostOf(proxy)) === 0
  if (isName) listener.phase('DNS lookup')
  return connect({
    host: isName ? proxy.hostname : hostOf(proxy),
    port: portOf(proxy),
    noDelay: true,
    // The default, unless NODE_OPTIONS say otherwise.
    autoSelectFamily: true,
    lookup: toLookup(resolver),
  }).once('lookup', () => listener.phase('connect'))
}

/** Asks a proxy for a tunnel; any 2xx answer is one (RFC 9110, 9.3.6). */
function openTunnel(
  socket: Socket,
  url: URL,
  route: Extract<Route, { kind: 'tunnel' }>,
  listener: Listener,
): void {
  const authority = `${url.hostname}:${portOf(url)}`
  const headers: Record<string, string> = { host: authority }
  if (route.authorization !== null) headers['proxy-authorization'] = route.authorization
  const breach = (words: string) => listener.failed(new ExchangeError('protocol', words))
  clientOver(socket, route.proxy, breach).dispatch(
    { method: 'CONNECT', path: authority, headers },
    {
      onRequestStart: () => undefined,
      onRequestUpgrade(_, status, __, tunnel) {
        if (status >= 200 && status < 300) listener.ready(tunnel as Socket)
        else breach(`it answered HTTP ${status} to CONNECT ${authority}`)
      },
      onResponseError: (_, error) => listener.failed(error),
    },
  )
}

/** Speaks TLS over a socket. Verification is always on, whatever NODE_TLS_REJECT_UNAUTHORIZED says. */
function secureSocket(
  socket: Socket,
  url: URL,
  secureContext: SecureContext,
  listener: Listener,
): void {
  listener.phase('TLS handshake')
  const host = hostOf(url)
  const secured = connectTls({
    socket,
    host,
    servername: isIP(host) === 0 ? host : '',
    secureContext,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  })
  listener.opened(secured)
  secured.once('secureConnect', () => listener.ready(secured))
  secured.on('error', listener.broke)
}
