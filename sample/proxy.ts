import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A forward proxy on the loopback. */
export interface Proxy {
  /** `127.0.0.1:port` */
  readonly address: string
  close(): void
}

/**
 * Starts a forward proxy that knows some hosts by name, `host:port`, as addresses of the loopback, and refuses all others.
 *
 * @param onRequest told of each request, as `GET http://host:port/path`
 */
export async function startProxy(
  hosts: Readonly<Record<string, string>>,
  onRequest: (request: string) => void = () => undefined,
): Promise<Proxy> {
  const server = createServer(async ({ method, url = '', headers }, response) => {
    onRequest(`${method} ${url}`)
    const { host, pathname, search } = new URL(url, 'http://none')
    const address = hosts[host]
    if (address === undefined) {
      response.writeHead(403).end('not allowed\n')
      return
    }
    const { accept = '*/*' } = headers
    const answer = await fetch(`http://${address}${pathname}${search}`, { headers: { accept } })
    const type = answer.headers.get('content-type') ?? 'text/plain'
    response.writeHead(answer.status, { 'content-type': type }).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
