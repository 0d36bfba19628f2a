import type { LookupAddress } from 'node:dns'
import type { Socket } from 'node:net'
import type { Route } from '../inputs/inputs.ts'
import { clientOver } from './client.ts'
import { ProtocolError, ProxyError } from './failure.ts'
import { type Listener, type Network, openSocket, secureSocket } from './socket.ts'

/**
 * Opens a fresh connection to a URL, by its route, up to the point where HTTP can be spoken.
 *
 * @param address the address to connect to, where it is known; otherwise the name is looked up
 */
export function openConnection(
  url: URL,
  route: Route,
  network: Network,
  listener: Listener,
  address?: LookupAddress,
): void {
  if (route.kind === 'direct') {
    openSocket(url, 'peer', network, listener, address)
    return
  }
  const { chosen: _, ...rest } = listener
  const viaProxy: Listener = {
    ...rest,
    failed: (error) => listener.failed(new ProxyError(route.proxy.host, error)),
  }
  if (route.kind === 'forward') {
    openSocket(route.proxy, 'proxy', network, viaProxy)
    return
  }
  const context = network.secure('peer')
  openSocket(route.proxy, 'proxy', network, {
    ...viaProxy,
    ready(socket) {
      listener.phase('connect')
      openTunnel(socket, url, route, {
        ...viaProxy,
        ready: (tunnel) => secureSocket(tunnel, url, context, listener),
      })
    },
  })
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
