import type { LookupAddress } from 'node:dns'
import { isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import { LookupError, type Phase } from './failure.ts'
import { connectFirst } from './race.ts'
import type { Resolver } from './resolver.ts'
import type { Tried } from './tried.ts'

/** The most addresses of one name. */
const MAX_ADDRESSES = 32

/** What a connection needs from outside. */
export interface Network {
  readonly resolver: Resolver
  /** The trust and identity for TLS with a peer, or with a proxy, which gets no client certificate. */
  readonly secure: (side: 'peer' | 'proxy') => SecureContext
}

/** What an exchange is told while its connection comes up; exactly one of `ready` and `failed`, once. */
export interface Listener {
  /** How far the connection got; `tried` tells how each address of the name fares. */
  phase(phase: Phase, tried?: () => readonly Tried[]): void
  /** A socket was made. Whoever ends the exchange destroys it; one that is destroyed at once ends the attempt. */
  opened(socket: Socket): void
  ready(socket: Socket): void
  failed(error: unknown): void
  /** Told, of a direct connection, the address that was chosen and all that the name has. */
  chosen?(address: LookupAddress, all: readonly LookupAddress[]): void
}

/** The host of a URL, without the brackets of IPv6 and without a dot at the end, which is no part of a name in TLS (RFC 6066, 3). */
const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$|\.$/g, '')

export const portOf = (url: URL): number =>
  Number(url.port || (url.protocol === 'https:' ? 443 : 80))

/**
 * Opens a TCP connection to the host of a URL, with TLS over it for https.
 *
 * @param known the address to connect to, where it is known; otherwise the name is looked up
 */
export async function openSocket(
  url: URL,
  side: 'peer' | 'proxy',
  { resolver, secure }: Network,
  listener: Listener,
  known?: LookupAddress,
): Promise<void> {
  const fail = (error: unknown) => listener.failed(error)
  const host = hostOf(url)
  try {
    const context = url.protocol === 'https:' ? secure(side) : null
    const family = isIP(host)
    const given = known ?? (family === 0 ? null : { address: host, family })
    if (given === null) listener.phase('name look-up')
    const addresses = given === null ? await resolver.lookup(url.hostname) : [given]
    if (addresses.length > MAX_ADDRESSES) {
      throw new LookupError(
        `the name has ${addresses.length} addresses, at most ${MAX_ADDRESSES} are asked`,
      )
    }
    const tried = connectFirst(addresses, portOf(url), {
      opened: (socket) => listener.opened(socket),
      connected(socket, address) {
        socket.on('error', fail)
        listener.chosen?.(address, addresses)
        if (context === null) listener.ready(socket)
        else secureSocket(socket, url, context, listener)
      },
      failed: fail,
    })
    listener.phase('connect', tried)
  } catch (error) {
    fail(error)
  }
}

/** Speaks TLS over a socket. Verification is always on, whatever NODE_TLS_REJECT_UNAUTHORIZED says. */
export function secureSocket(
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
  secured.on('error', (error) => listener.failed(error))
  // undici took its listeners off a tunnel when it handed it over.
  socket.on('error', (error) => listener.failed(error))
}
