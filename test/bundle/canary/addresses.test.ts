import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RaftCluster } from '../../../sample/raft-cluster.ts'
import {
  canaryReportOf,
  checkCanaryEnd,
  checkNothingLeft,
  QUEUE,
  runCanary,
  startNodes,
  watchCalls,
} from '../../support/canary.ts'
import { type NameServer, RESOLVER_FILES, startNameServer } from '../../support/name-server.ts'
import { inNamespace } from '../../support/namespace.ts'
import { trackProcess } from '../../support/process.ts'

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'n1.test': ['127.0.0.1'],
  'dual.test': ['127.0.0.1', 'fd00::1'],
  'dead-6.test': ['127.0.0.1', 'fd00::2'],
  'dead-4.test': ['127.0.0.9', 'fd00::1'],
}

/** Lets the nodes of a cluster be reached at another address as well, on their ports. */
async function forward({ nodes }: RaftCluster, host: string): Promise<AsyncDisposable> {
  const servers = nodes.map(({ address }) => {
    const port = Number(address.split(':')[1])
    const server = createServer((socket) => {
      const target = connect(port, '127.0.0.1')
      socket.pipe(target).pipe(socket)
      for (const one of [socket, target]) one.on('error', () => undefined)
    })
    return server.listen(port, host)
  })
  await Promise.all(servers.map((server) => once(server, 'listening')))
  return {
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close()
    },
  }
}

inNamespace(
  import.meta.filename,
  { files: RESOLVER_FILES, addresses: ['fd00::1/128', 'fd00::2/128'] },
  () => {
    let names: NameServer
    let isSilent = false
    beforeAll(async () => {
      names = await startNameServer((name) => (isSilent ? null : { addresses: NAMES[name] ?? [] }))
    })
    afterAll(() => names.close())

    const portsOf = ({ nodes }: RaftCluster) => nodes.map(({ address }) => address.split(':')[1])

    it('nodes at names of several addresses, of which one is dead, and at IPv6 addresses', async () => {
      await using cluster = await startNodes({}, 4)
      await using _ = await forward(cluster, 'fd00::1')
      const hosts = ['dual.test', 'dead-6.test', 'dead-4.test', '[fd00::1]']
      const ports = portsOf(cluster)
      const nodeMap = hosts.map((host, index) => `n${index + 1}=${host}:${ports[index]}`).join()
      const { names: calls } = watchCalls(cluster)
      const step = await runCanary({ nodeMap })
      expect(checkCanaryEnd(step)).toBe('proven')
      expect(canaryReportOf(step).nodes.map(({ url }) => url)).toEqual(
        hosts.map((host, index) => `http://${host}:${ports[index]}`),
      )
      expect(calls().filter((name) => name.endsWith('SendMessage'))).toHaveLength(12)
    })

    it('the queue at an IPv6 address that cannot be deleted is named as such', async () => {
      await using cluster = await startNodes({}, 1)
      await using _ = await forward(cluster, 'fd00::1')
      watchCalls(cluster, ({ action }, answer) => (action === 'DeleteQueue' ? null : answer()))
      const base = `http://[fd00::1]:${portsOf(cluster)[0]}`
      const step = await runCanary({ nodeMap: `n1=${base}` })
      expect(checkCanaryEnd(step)).toBe('not proven')
      expect(step.outputs).toMatchObject({ step: 'delete', 'queue-left': 'true' })
      expect(step.stdout).toContain(`--endpoint-url ${base} `)
      expect(step.stdout).toContain(`--queue-url ${base}/${QUEUE}`)
      checkNothingLeft(step, cluster)
    })

    it('a name server that is silent after the gate is a timeout, and holds up no cancelled run', async () => {
      await using cluster = await startNodes({}, 1)
      watchCalls(cluster, ({ action }, answer) => {
        if (action === 'CreateQueue') isSilent = true
        return answer()
      })
      const canary = trackProcess()
      let killedAt = 0
      const step = await runCanary(
        { nodeMap: `n1=n1.test:${portsOf(cluster)[0]}` },
        { timeout: '1s' },
        {
          ...canary,
          onLog(text) {
            if (!/^✗ create/m.test(text)) return
            killedAt ||= performance.now()
            canary.kill('SIGINT')
          },
        },
      )
      isSilent = false
      expect(performance.now() - killedAt).toBeLessThan(5_000)
      expect(checkCanaryEnd(step)).toBe('not proven')
      expect(step.outputs).toMatchObject({ step: 'create', 'queue-left': 'true' })
      const reasons = canaryReportOf(step).problems.map(({ reason }) => reason)
      expect(reasons.sort()).toEqual(['cancelled', 'queue-left', 'timeout'])
      checkNothingLeft(step, cluster)
    })
  },
)
