import { afterAll, beforeAll, expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { type NameServer, RESOLVER_FILES, startNameServer } from '../support/name-server.ts'
import { inNamespace } from '../support/namespace.ts'
import { answering, GOOD, type RawServer, reply, serve, serveNoSyn } from '../support/servers.ts'

const PORT = 9324
const IPV6 = ['fd00::1', 'fd00::2', 'fd00::3']
const many = (count: number) => Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`)

/** The addresses of each name, in the order of the answer. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'nowhere.test': ['0.0.0.0'],
  'nowhere-6.test': ['127.0.0.2', '::'],
  'two-and-one.test': ['127.0.0.2', '127.0.0.9', 'fd00::1'],
  'one-and-two.test': ['127.0.0.9', 'fd00::1', 'fd00::3'],
  'rolled.test': ['127.0.0.2', '127.0.0.3'],
  'half-rolled.test': ['127.0.0.2', '127.0.0.4', '127.0.0.5'],
  'mixed.test': ['127.0.0.2', '127.0.0.4', '127.0.0.9'],
  'half-there.test': ['127.0.0.2', '127.0.0.9'],
  'dual.test': ['127.0.0.2', 'fd00::1'],
  'dual-dead-6.test': ['127.0.0.2', 'fd00::2'],
  'dual-dead-4.test': ['127.0.0.9', 'fd00::1'],
  'dual-dead.test': ['127.0.0.9', 'fd00::2'],
  'no-route.test': ['127.0.0.9', 'fd99::1'],
  'slow-4.test': ['127.0.0.6', 'fd00::2'],
  'slow-6.test': ['127.0.0.9', 'fd00::2'],
  'silent.test': ['127.0.0.6', 'fd00::2'],
  'twice.test': ['127.0.0.2', '127.0.0.2'],
  'most.test': many(32),
  'too-many.test': many(33),
}

interface Row {
  status: string
  error: string
  addresses?: readonly { address: string; status: string; error: string }[]
}

inNamespace(
  import.meta.filename,
  { files: RESOLVER_FILES, addresses: IPV6.map((address) => `${address}/128`) },
  () => {
    let names: NameServer
    const nodes = new Map<string, RawServer>()
    const asked = (...hosts: readonly string[]) =>
      hosts.map((host) => nodes.get(host)?.connections() ?? 0)
    beforeAll(async () => {
      names = await startNameServer((name) => ({ addresses: NAMES[name] ?? [] }))
      const ready = answering(reply(GOOD))
      const old = answering(reply('ok\n'))
      for (const host of ['127.0.0.2', '127.0.0.3', 'fd00::1', 'fd00::3', ...many(33)]) {
        nodes.set(host, await serve(ready, { host, port: PORT }))
      }
      for (const host of ['127.0.0.4', '127.0.0.5']) {
        nodes.set(host, await serve(old, { host, port: PORT }))
      }
    })
    afterAll(async () => {
      names.close()
      for (const node of nodes.values()) await node[Symbol.asyncDispose]()
    })

    async function poll(name: string, inputs: Record<string, string> = {}) {
      const step = await runStep({ peers: name, timeout: '10s', ...inputs })
      const [row]: Row[] = JSON.parse(step.outputs['report'] ?? '').peers
      if (row === undefined) throw new Error(step.stdout)
      return { ...step, row }
    }

    it('a name with several machines opens only where all advertise, and each was asked once', async () => {
      const before = asked('127.0.0.2', '127.0.0.3')
      const { code, row } = await poll('rolled.test')
      expect(row.status).toBe('advertises')
      expect(code).toBe(0)
      const after = asked('127.0.0.2', '127.0.0.3')
      expect(after).toEqual(before.map((count) => count + 1))
    })

    it('the status of a name is that of its first address that does not advertise', async () => {
      const { code, row, outputs } = await poll('half-rolled.test', { 'expected-peers': '1' })
      expect(code).toBe(1)
      expect(row.status).toBe('legacy')
      expect(outputs['peer-count']).toBe('1')
      expect(row.addresses).toHaveLength(3)
      expect(row.addresses).toEqual(
        expect.arrayContaining([
          { address: `127.0.0.2:${PORT}`, status: 'advertises', error: '' },
          expect.objectContaining({ address: `127.0.0.4:${PORT}`, status: 'legacy' }),
          expect.objectContaining({ address: `127.0.0.5:${PORT}`, status: 'legacy' }),
        ]),
      )
    })

    it('a name with several machines is told with each reason, and what to do about it', async () => {
      const { summary, stdout } = await poll('mixed.test')
      expect(stdout).toMatch(/ at 127\.0\.0\.\d:9324 \(2 of 3 addresses not ready\)/)
      expect(summary).toContain('2 of 3 addresses not ready')
      for (const reason of ['legacy', 'refused']) {
        expect(summary).toMatch(new RegExp(`^- \\*\\*.* \\(\`${reason}\`, 1 node\\): `, 'm'))
      }
    })

    it.each([
      ['two-and-one.test', '127.0.0.9', 'refused'],
      ['one-and-two.test', '', 'advertises'],
    ])(
      '%s: a family with several addresses is asked whole, the only one of the other is forgiven',
      async (name, dead, status) => {
        const { code, row, stdout } = await poll(name)
        expect(row).toMatchObject({ status, error: expect.stringContaining(dead) })
        expect(code).toBe(status === 'advertises' ? 0 : 1)
        expect(row.addresses).toHaveLength(3)
        if (code !== 0) return
        const forgiven = row.addresses?.filter((one) => 'forgiven' in one)
        expect(forgiven).toMatchObject([{ status: 'refused', error: expect.stringMatching(/./) }])
        expect(stdout).toContain(`(${forgiven?.[0]?.address} does not count: `)
      },
    )

    it.each([
      ['nowhere.test', '0.0.0.0'],
      ['nowhere-6.test', '::'],
    ])('%s, which resolves to no destination, is dns', async (name, address) => {
      const { code, row } = await poll(name)
      expect(code).toBe(1)
      expect(row).toMatchObject({
        status: 'dns',
        error: `the name resolves to ${address}, which is no destination: name servers block names that way`,
      })
    })

    it('each machine of a name has to be there', async () => {
      const { code, row } = await poll('half-there.test')
      expect(code).toBe(1)
      expect(row.status).toBe('refused')
      expect(row.error).toContain('127.0.0.9')
    })

    it('a name has 32 addresses at the most', async () => {
      expect((await poll('most.test')).code).toBe(0)
      const { code, row } = await poll('too-many.test')
      expect(code).toBe(1)
      expect(row).toMatchObject({
        status: 'dns',
        error: 'the name has 33 addresses, at most 32 are asked',
      })
    })

    it('an address that a name has twice is asked once', async () => {
      const { code, row } = await poll('twice.test')
      expect(code).toBe(0)
      expect(row.addresses).toBeUndefined()
    })

    it.each(['dual.test', 'dual-dead-6.test', 'dual-dead-4.test'])(
      '%s, one machine with an address of each family, opens where one of them is used',
      async (name) => {
        const { code, row } = await poll(name)
        expect(row).toMatchObject({ status: 'advertises', error: '' })
        expect(code).toBe(0)
      },
    )

    it.each([
      ['slow-4.test', '127.0.0.6'],
      ['slow-6.test', 'fd00::2'],
    ])('%s, with one address slow to connect and the other dead, opens', async (name, host) => {
      await using slow = await serveNoSyn({ host, port: PORT })
      const before = names.queries()
      const polled = poll(name, { timeout: '30s' })
      // The first SYN is dropped; the one after a second is not.
      const timer = setInterval(() => names.queries() > before && slow.open(), 300)
      const { code, row } = await polled
      clearInterval(timer)
      expect(row).toMatchObject({ status: 'advertises', error: '' })
      expect(code).toBe(0)
    })

    it('where no address is reached, each is named with its error, and one that has a route is told', async () => {
      const dead = await poll('dual-dead.test')
      expect(dead.row.status).toBe('refused')
      expect(dead.row.error).toContain(`127.0.0.9:${PORT} ECONNREFUSED`)
      expect(dead.row.error).toContain(`[fd00::2]:${PORT} ECONNREFUSED`)
      expect(dead.row.addresses).toHaveLength(2)
      expect(dead.row.addresses).toEqual(
        expect.arrayContaining(
          [`127.0.0.9:${PORT}`, `[fd00::2]:${PORT}`].map((address) =>
            expect.objectContaining({ address, status: 'refused' }),
          ),
        ),
      )
      const { row } = await poll('no-route.test')
      expect(row.status).toBe('refused')
      expect(row.error).toContain(`[fd99::1]:${PORT} ENETUNREACH`)
    })

    it('where the time is over, each address is told with its error', async () => {
      await using silent = await serveNoSyn({ host: '127.0.0.6', port: PORT })
      const { row } = await poll('silent.test', { timeout: '1500ms' })
      expect(silent.address).toBe(`127.0.0.6:${PORT}`)
      expect(row.status).toBe(row.addresses?.[0]?.status)
      expect(row.error).toContain(`127.0.0.6:${PORT} timeout`)
      expect(row.error).toContain(`[fd00::2]:${PORT} ECONNREFUSED`)
      expect(row.addresses).toContainEqual({
        address: `127.0.0.6:${PORT}`,
        status: 'timeout',
        error: expect.stringMatching(/^timed out after 1\.5s \(phase: connect\)/),
      })
    })
  },
)
