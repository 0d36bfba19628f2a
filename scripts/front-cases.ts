import { startNode } from '../sample/cluster.ts'
import type { Case, Closers } from './cases.ts'
import { makeCertificates, startProxy, startTlsFront } from './fronts.ts'

/**
 * The example with a forward proxy and with mutual TLS, both on the loopback. The names of the nodes exist nowhere but in
 * the proxy: a gate that went around it would not find them.
 */
export async function frontCases(closers: Closers, folder: string): Promise<Case[]> {
  const certificates = makeCertificates(folder)
  const token = 'e2e-token-of-the-proxy'
  const [good, old] = [await startNode('ready'), await startNode('legacy')]
  const proxy = await startProxy({
    'kv01.e2e.invalid:9324': good.address,
    'kv02.e2e.invalid:9324': old.address,
  })
  const front = await startTlsFront(good.address, certificates, token)
  closers.push(good.close, old.close, proxy.close, front.close)

  const test = {
    event: 'workflow_dispatch',
    path: 'examples/proxy-or-mutual-tls.yml',
    seen: () => [...proxy.seen.splice(0).sort(), ...front.seen.splice(0)],
  }
  const vars = {
    PROXY: `http://${proxy.address}`,
    NODES_RAFT_MAP: 'n1=kv01.e2e.invalid',
    NODES_HTTPS: `n1=https://${front.address}`,
    KV_CA_CERTIFICATE: certificates.ca,
    KV_CLIENT_CERTIFICATE: certificates.client,
  }
  const secrets = { KV_CLIENT_KEY: certificates.clientKey, KV_TOKEN: token }
  const both = (open: boolean) => ({
    jobs: {
      'forward-proxy': open ? 'success' : 'failure',
      'mutual-tls': open ? 'success' : 'failure',
    },
    gates: { 'forward-proxy': String(open), 'mutual-tls': String(open) },
  })
  const through = (host: string) => `GET http://${host}.e2e.invalid:9324/sqs_health`
  return [
    {
      ...test,
      title: 'open, both',
      vars,
      secrets,
      requests: [through('kv01'), 'GET /sqs_health'],
      ...both(true),
    },
    {
      ...test,
      title: 'an old node behind the proxy, and a wrong token: closed, both',
      vars: { ...vars, NODES_RAFT_MAP: 'n1=kv01.e2e.invalid,n2=kv02.e2e.invalid' },
      secrets: { ...secrets, KV_TOKEN: 'another-token' },
      requests: [through('kv01'), through('kv02'), 'GET /sqs_health'],
      ...both(false),
    },
    {
      ...test,
      title: 'a host that the proxy refuses, and no client certificate: closed, both',
      vars: { ...vars, NODES_RAFT_MAP: 'kv03.e2e.invalid', KV_CLIENT_CERTIFICATE: '' },
      secrets: { KV_TOKEN: token },
      requests: [through('kv03')],
      ...both(false),
    },
  ]
}
