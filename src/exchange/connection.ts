import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import type { Route } from '../inputs/inputs.ts'
import { clientOver } from './client.ts'
import { type Phase, ProtocolError, ProxyError } from './failure.ts'
import { lookup } from './lookup.ts'

/** What an exchange is told while its connection comes up; exactly one of `ready` and `failed`, once. */
export interface Listener {
  phase(phase: Phase): void
  /** A socket was made; it is destroyed by whoever ends the exchange. */
  opened(socket: Socket): void
  ready(socket: Socket): void
  failed(error: unknown): void
}

/** Opens a fresh connection to a URL, by its route, up to the point where HTTP can be spoken. */
export function openConnection(
  url: URL,
  route: Route,
  secure: () => SecureContext,
  listener: Listener,
): void {
  if (route.kind === 'direct') {
    openSocket(url, secure, listener)
    return
  }
  const viaProxy: Listener = {
    ...listener,
    failed: (error) => listener.failed(new ProxyError(route.proxy.host, error)),
  }
  if (route.kind === 'forward') {
    openSocket(route.proxy, secure, viaProxy)
    return
  }
  openSocket(route.proxy, secure, {
    ...viaProxy,
    ready(socket) {
      listener.phase('connect')
      openTunnel(socket, url, route, {
        ...viaProxy,
        ready: (tunnel) => secureSocket(url, secure, listener, tunnel),
      })
    },
  })
}

const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '')

function openSocket(url: URL, secure: () => SecureContext, listener: Listener): void {
  if (url.protocol === 'https:') {
    secureSocket(url, secure, listener)
    return
  }
  const host = hostOf(url)
  listener.phase(isIP(host) === 0 ? 'name look-up' : 'connect')
  const socket = connectTcp({ host, port: Number(url.port || 80), noDelay: true, lookup })
  listener.opened(socket)
  socket.once('lookup', () => listener.phase('connect'))
  socket.once('connect', () => listener.ready(socket))
  socket.on('error', listener.failed)
}

/** Verification is always on, whatever NODE_TLS_REJECT_UNAUTHORIZED says. */
function secureSocket(
  url: URL,
  secure: () => SecureContext,
  listener: Listener,
  tunnel?: Socket,
): void {
  const host = hostOf(url)
  const named = isIP(host) === 0
  if (tunnel !== undefined) listener.phase('TLS handshake')
  else listener.phase(named ? 'name look-up' : 'connect')
  const socket = connectTls({
    ...(tunnel === undefined ? { port: Number(url.port || 443) } : { socket: tunnel }),
    host,
    lookup,
    servername: named ? host : '',
    secureContext: secure(),
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  })
  listener.opened(socket)
  // undici took its listeners off the tunnel when it handed it over.
  tunnel?.on('error', listener.failed)
  socket.once('lookup', () => listener.phase('connect'))
  socket.once('connect', () => listener.phase('TLS handshake'))
  socket.once('secureConnect', () => listener.ready(socket))
  socket.on('error', listener.failed)
}

function openTunnel(
  socket: Socket,
  url: URL,
  route: Extract<Route, { kind: 'tunnel' }>,
  listener: Pick<Listener, 'ready' | 'failed'>,
): void {
  const authority = `${url.hostname}:${url.port || 443}`
  const headers: Record<string, string> = { host: authority }
  if (route.authorization !== null) headers['proxy-authorization'] = route.authorization
  clientOver(socket, route.proxy).dispatch(
    { method: 'CONNECT', path: authority, headers },
    {
      onRequestStart: () => undefined,
      onRequestUpgrade(_, status, __, tunnel) {
        if (status === 200) listener.ready(tunnel as Socket)
        else
          listener.failed(new ProtocolError(`it answered HTTP ${status} to CONNECT ${authority}`))
      },
      onResponseError: (_, error) => listener.failed(error),
    },
  )
}
