import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  canaryReportOf,
  checkCanaryEnd,
  reasonsOf,
  runCanary,
  startNodes,
  watchCalls,
} from '../../support/canary.ts'
import { type Authority, type Identity, makeAuthority } from '../../support/certificates.ts'
import { hasTool } from '../../support/tools.ts'

const hasOpenssl = hasTool('openssl', ['version'], 'the tests of TLS for the canary')

describe.skipIf(!hasOpenssl)('nodes behind TLS', () => {
  let authority: Authority
  let server: Identity
  beforeAll(() => {
    authority = makeAuthority('htfifo CA')
    server = authority.issue('IP:127.0.0.1,DNS:localhost')
  })
  afterAll(() => authority.remove())

  const startSecure = (mutual: boolean) =>
    startNodes({
      tls: {
        cert: server.certificate,
        key: server.key,
        ...(mutual && { ca: authority.certificate, requestCert: true, rejectUnauthorized: true }),
      },
    })

  it.concurrent('that ask for a client certificate are proven with one, by address and by name', async () => {
    await using cluster = await startSecure(true)
    const client = authority.issue('DNS:canary')
    const { names } = watchCalls(cluster)
    const step = await runCanary(
      { nodeMap: cluster.nodeMap.replace('127.0.0.1', 'localhost') },
      {
        'ca-certificate': authority.certificate,
        'client-certificate': client.path,
        'client-key': client.keyPath,
      },
    )
    expect(checkCanaryEnd(step)).toBe('proven')
    expect(names()).toContain('n1 CreateQueue')
    expect(canaryReportOf(step).nodes.map(({ url }) => url.split(':')[1])).toEqual([
      '//localhost',
      '//127.0.0.1',
      '//127.0.0.1',
    ])
  })

  it.concurrent('of an issuer that nobody trusts are not asked, whatever the environment says', async () => {
    await using cluster = await startSecure(false)
    const { calls } = watchCalls(cluster)
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const step = await runCanary(cluster, {}, { env })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(reasonsOf(step)).toEqual(['gate-closed'])
    expect(calls).toEqual([])
  })
})
