import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Node, startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { type NameServer, RESOLVER_FILES, startNameServer } from '../support/name-server.ts'
import { inNamespace } from '../support/namespace.ts'

/** The contract says one second; the rest is for a busy machine. A lookup that is waited for takes far longer. */
const SOON_MS = 4_000

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
  beforeAll(async () => {
    const here = ['127.0.0.1']
    server = await startNameServer((name) => {
      if (name.startsWith('good')) return { addresses: here }
      if (name.startsWith('none')) return { code: 3 }
      if (name.startsWith('fail')) return { code: 2 }
      if (name.startsWith('slow-2.2')) return { addresses: here, delayMs: 2_200 }
      if (name.startsWith('slow-6')) return { addresses: here, delayMs: 6_000 }
      // The name server comes up between two rounds.
      if (name.startsWith('late') && server.queries(name) > 4) return { addresses: here }
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
    const report = JSON.parse(step.outputs['report'] ?? '')
    const rows: Row[] = report.peers
    return { ...step, rows, durationMs: report.durationMs }
  }

  async function pollHung(count: number, timeout: string) {
    const hung = many(count, (index) => `hung${index}.test`)
    const good = many(60, (index) => `good${index}.test`)
    const { code, rows } = await poll([...hung, ...good], { timeout })
    expect(code).toBe(1)
    for (const { name, status, error } of rows) {
      if (name.startsWith('good')) expect({ name, status }).toEqual({ name, status: 'advertises' })
      else if (status === 'timeout')
        expect(error).toBe(`timed out after ${timeout} (phase: DNS lookup)`)
      else expect(status).toBe('dns')
    }
    expect(rows).toHaveLength(count + 60)
  }

  it.concurrent('a name that resolves opens', async () => {
    const { code, rows } = await poll(['good.test'])
    expect(rows).toMatchObject([{ status: 'advertises' }])
    expect(code).toBe(0)
  })

  it.concurrent('a name that does not exist is dns', async () => {
    const { code, rows } = await poll(['none.test'])
    expect(code).toBe(1)
    expect(rows).toMatchObject([
      { status: 'dns', error: expect.stringContaining('the name does not resolve (') },
    ])
  })

  it.concurrent('a name server that fails is dns', async () => {
    const { rows } = await poll(['fail.test'])
    expect(rows).toMatchObject([{ status: 'dns', error: expect.stringContaining('EAI_AGAIN') }])
  })

  it.concurrent('60 names that hang delay no other', async () => {
    await pollHung(60, '3s')
  })

  it.concurrent.each([
    ['slow-2.2.test', '6s'],
    ['slow-6.test', '60s'],
  ])('%s, whose name server takes so many seconds, opens with %s', async (name, timeout) => {
    const { code, rows } = await poll([name], { timeout })
    expect(rows).toMatchObject([{ status: 'advertises' }])
    expect(code).toBe(0)
  })

  it.concurrent('a name server that is silent is a timeout at the limit, and the process ends at once', async () => {
    const startedAt = performance.now()
    const { code, durationMs, rows } = await poll(
      many(60, (index) => `silent${index}.test`),
      { timeout: '2s' },
    )
    expect(code).toBe(1)
    expect([...new Set(rows.map(({ error }) => error))]).toEqual([
      'timed out after 2s (phase: DNS lookup)',
    ])
    expect(performance.now() - startedAt - durationMs).toBeLessThan(SOON_MS)
  })

  it.concurrent('a name server that answers late is in time for a longer limit', async () => {
    const { code, rows } = await poll(['late-1.test'], { timeout: '20s' })
    expect(rows).toMatchObject([{ status: 'advertises' }])
    expect(code).toBe(0)
  })

  it.concurrent('what hung in an earlier round does not keep the gate closed', async () => {
    const { code, rows } = await poll(['late-2.test'], {
      timeout: '300ms',
      wait: '50s',
      interval: '100ms',
    })
    expect(rows).toMatchObject([{ status: 'advertises' }])
    expect(code).toBe(0)
  })

  it.concurrent.each(['SIGINT', 'SIGTERM'] as const)(
    '%s during a lookup that hangs ends the run within one second, with everything told',
    async (signal) => {
      const name = `${signal.toLowerCase()}.test`
      let killedAt = 0
      const step = await runStep(
        { peers: `n1=${name}\nn2=127.0.0.1`, timeout: '10m', 'default-port': '1' },
        {
          onStart(child) {
            const timer = setInterval(() => {
              if (server.queries(name) === 0) return
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
        { status: 'cancelled', error: 'the run was cancelled (phase: DNS lookup)' },
        { status: 'refused' },
      ])
      expect(step.summary).toContain('CLOSED: the run was cancelled')
      expect(step.stdout.match(/::error::/g)).toHaveLength(1)
      expect(step.stderr).toBe('')
    },
  )

  // From here on one after the other, since each takes the whole machine, or counts what it does.
  it('400 names that hang delay no other', async () => {
    // A busy machine takes seconds for the threads of so many lookups.
    await pollHung(400, '6s')
  })

  it('more names that hang than there are threads for stay closed, each at its limit', async () => {
    const { code, rows } = await poll(
      many(600, (index) => `hung${index}.test`),
      { timeout: '1s' },
    )
    expect(code).toBe(1)
    expect([...new Set(rows.map(({ error }) => error))]).toEqual([
      'timed out after 1s (phase: DNS lookup)',
    ])
  })

  it('what hangs does not pile up over the rounds of a wait', async () => {
    const hung = many(60, (index) => `hung${index}.test`)
    const { stdout, outputs } = await poll([...hung, ...many(20, (index) => `good${index}.test`)], {
      timeout: '1500ms',
      wait: '3s',
      interval: '100ms',
    })
    expect(Number(outputs['rounds'])).toBeGreaterThan(1)
    for (const line of stdout.split('\n').filter((text) => text.startsWith('round ')))
      expect(line).toContain(': 20 of 80 advertise; ')
  })

  it('many peers of one host wait for one lookup', async () => {
    const { code, rows } = await poll(
      many(50, (index) => `http://shared.test:1/${index}`),
      { timeout: '500ms' },
    )
    expect(code).toBe(1)
    expect(rows.every(({ status }) => status === 'timeout')).toBe(true)
    // IPv4 and IPv6, each tried again where the machine is busy; a lookup for each peer asks a hundred times.
    expect(server.queries('shared.test')).toBeLessThanOrEqual(10)
  })
})
