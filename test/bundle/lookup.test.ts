import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Node, startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { type NameServer, RESOLVER_FILES, startNameServer } from '../support/name-server.ts'
import { inNamespace } from '../support/namespace.ts'

/** The contract says one second for a cancelled run; the rest is for a busy machine. */
const SOON_MS = 1_500

const many = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index))

interface Row {
  name: string
  status: string
  error: string
}

inNamespace(import.meta.filename, { files: RESOLVER_FILES }, () => {
  let server: NameServer
  let node: Node
  let late = 0
  beforeAll(async () => {
    const here = ['127.0.0.1']
    server = await startNameServer((name) => {
      if (name.startsWith('good')) return { addresses: here }
      if (name.startsWith('none')) return { code: 3 }
      if (name.startsWith('fail')) return { code: 2 }
      if (name.startsWith('slow-2.2')) return { addresses: here, delayMs: 2_200 }
      if (name.startsWith('slow-6')) return { addresses: here, delayMs: 6_000 }
      // The name server comes up between two rounds.
      if (name.startsWith('late') && ++late > 4) return { addresses: here }
      return null
    })
    node = await startNode('ready')
  })
  afterAll(async () => {
    server.close()
    await node.close()
  })

  async function poll(peers: readonly string[], inputs: Record<string, string> = {}) {
    const port = node.address.split(':')[1] ?? ''
    const step = await runStep({ peers: peers.join('\n'), 'default-port': port, ...inputs })
    const rows: Row[] = JSON.parse(step.outputs['report'] ?? '').peers
    return { ...step, rows, durationMs: JSON.parse(step.outputs['report'] ?? '').durationMs }
  }

  it('a name that resolves opens', async () => {
    const { code, rows } = await poll(['good.test'])
    expect(rows).toMatchObject([{ status: 'advertises' }])
    expect(code).toBe(0)
  })

  it('a name that does not exist is dns', async () => {
    const { code, rows } = await poll(['none.test'])
    expect(code).toBe(1)
    expect(rows).toMatchObject([
      { status: 'dns', error: expect.stringContaining('the name does not resolve (') },
    ])
  })

  it('a name server that fails is dns', async () => {
    const { rows } = await poll(['fail.test'])
    expect(rows).toMatchObject([{ status: 'dns', error: expect.stringContaining('EAI_AGAIN') }])
  })

  it.each([
    [60, '500ms'],
    [60, '3s'],
    [400, '3s'],
  ])('%i names that hang delay no other, timeout %s', async (count, timeout) => {
    const hung = many(count, (index) => `hung${index}.test`)
    const good = many(60, (index) => `good${index}.test`)
    const { code, rows } = await poll([...hung, ...good], { timeout })
    expect(code).toBe(1)
    for (const { name, status, error } of rows) {
      if (name.startsWith('good')) expect({ name, status }).toEqual({ name, status: 'advertises' })
      else if (status === 'timeout')
        expect(error).toBe(`timed out after ${timeout} (phase: name look-up)`)
      else expect(status).toBe('dns')
    }
    expect(rows).toHaveLength(count + 60)
  })

  it('more names that hang than one process has threads for delay no other', async () => {
    const hung = many(600, (index) => `hung${index}.test`)
    const { rows } = await poll([...hung, 'good1.test', 'good2.test'], { timeout: '3s' })
    expect(rows.slice(-2).map(({ status }) => status)).toEqual(['advertises', 'advertises'])
    expect(rows.slice(0, 600).every(({ status }) => status === 'timeout')).toBe(true)
  })

  it('the same in every round of a wait: what hangs does not pile up', async () => {
    const hung = many(60, (index) => `hung${index}.test`)
    const { stdout, outputs } = await poll([...hung, ...many(20, (index) => `good${index}.test`)], {
      timeout: '500ms',
      wait: '4s',
      interval: '100ms',
    })
    expect(Number(outputs['rounds'])).toBeGreaterThan(3)
    for (const line of stdout.split('\n').filter((text) => text.startsWith('round ')))
      expect(line).toContain(': 20 of 80 advertise; ')
  })

  it.each([
    ['slow-2.2.test', '4s'],
    ['slow-6.test', '60s'],
  ])('%s, whose name server takes so many seconds, opens with %s', async (name, timeout) => {
    const { code, rows } = await poll([name], { timeout })
    expect(rows).toMatchObject([{ status: 'advertises' }])
    expect(code).toBe(0)
  })

  it('a name server that is silent is a timeout at the limit, and the process ends at once', async () => {
    const startedAt = performance.now()
    const { code, durationMs, rows } = await poll(
      many(60, (index) => `hung${index}.test`),
      { timeout: '6s' },
    )
    expect(code).toBe(1)
    expect([...new Set(rows.map(({ error }) => error))]).toEqual([
      'timed out after 6s (phase: name look-up)',
    ])
    expect(performance.now() - startedAt - durationMs).toBeLessThan(SOON_MS)
  })

  it('many peers of one host wait for one look-up', async () => {
    const before = server.queries()
    const { code, rows } = await poll(
      many(50, (index) => `http://hung.test:1/${index}`),
      { timeout: '500ms' },
    )
    expect(code).toBe(1)
    expect(rows.every(({ status }) => status === 'timeout')).toBe(true)
    // IPv4 and IPv6, each tried twice where the machine is busy.
    expect(server.queries() - before).toBeLessThanOrEqual(4)
  })

  it('a name server that answers late is in time for a longer limit', async () => {
    const { code, rows } = await poll(['late.test'], { timeout: '10s' })
    expect(rows).toMatchObject([{ status: 'advertises' }])
    expect(code).toBe(0)
    late = 0
  })

  it('what hung in an earlier round does not keep the gate closed', async () => {
    const { code, rows } = await poll(['late.test'], {
      timeout: '300ms',
      wait: '30s',
      interval: '100ms',
    })
    expect(rows).toMatchObject([{ status: 'advertises' }])
    expect(code).toBe(0)
  })

  describe.each(['SIGINT', 'SIGTERM'] as const)('%s during a look-up that hangs', (signal) => {
    it('ends within one second, with everything told', async () => {
      const before = server.queries()
      let killedAt = 0
      const step = await runStep(
        { peers: 'n1=hung.test\nn2=127.0.0.1', timeout: '10m', 'default-port': '1' },
        {
          onStart(child) {
            const timer = setInterval(() => {
              if (server.queries() === before) return
              clearInterval(timer)
              killedAt = performance.now()
              child.kill(signal)
            }, 20)
          },
        },
      )
      expect(performance.now() - killedAt).toBeLessThan(SOON_MS)
      expect(step.code).toBe(1)
      expect(step.outputs['all-advertise']).toBe('false')
      expect(JSON.parse(step.outputs['report'] ?? '').peers).toMatchObject([
        { status: 'cancelled', error: 'the run was cancelled (phase: name look-up)' },
        { status: 'refused' },
      ])
      expect(step.summary).toContain('CLOSED: the run was cancelled')
      expect(step.stdout.match(/::error::/g)).toHaveLength(1)
      expect(step.stderr).toBe('')
    })
  })
})
