import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Node, startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'
import { inNamespace } from '../support/namespace.ts'

const NAME_SERVER = '127.0.0.53'
/** The contract says one second for a cancelled run; the rest is for a busy machine. */
const SOON_MS = 1_500
/** src/startup.ts gives the resolver one second and then two; the rest is for a busy machine. */
const RESOLVER_MS = 4_500

/** Answers A queries of `good…` with 127.0.0.1 and of `fail…` with a server failure, of `none…` with no such name; else never. */
function answer(query: Buffer, isGood: boolean): Buffer | null {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const question = query.subarray(12, at + 5)
  const [name = ''] = labels
  const head = (code: number, answers: number) =>
    Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0])
  if (name.startsWith('none')) return Buffer.concat([head(3, 0), question])
  if (name.startsWith('fail')) return Buffer.concat([head(2, 0), question])
  if (!name.startsWith('good') && !isGood) return null
  if (query.readUInt16BE(at + 1) !== 1) return Buffer.concat([head(0, 0), question])
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]
  return Buffer.concat([head(0, 1), question, Buffer.from(record)])
}

const many = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index))

interface Row {
  name: string
  status: string
  error: string
}

inNamespace(
  import.meta.filename,
  {
    files: {
      '/etc/resolv.conf': `nameserver ${NAME_SERVER}\n`,
      '/etc/nsswitch.conf': 'hosts: files dns\n',
    },
  },
  () => {
    let server: UdpSocket
    let node: Node
    let queries = 0
    let late = 0
    beforeAll(async () => {
      server = createSocket('udp4', (query, { port, address }) => {
        queries++
        // The name server comes up between two rounds.
        const isLate = query.includes('late') && ++late > 4
        const reply = answer(query, isLate)
        if (reply !== null) server.send(reply, port, address)
      })
      server.bind(53, NAME_SERVER)
      await once(server, 'listening')
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
        if (name.startsWith('good'))
          expect({ name, status }).toEqual({ name, status: 'advertises' })
        else if (status === 'timeout')
          expect(error).toBe(`timed out after ${timeout} (phase: name look-up)`)
        else expect(status).toBe('dns')
      }
      expect(rows).toHaveLength(count + 60)
    })

    it('the same in every round of a wait: what hangs does not pile up', async () => {
      const hung = many(60, (index) => `hung${index}.test`)
      const { stdout, outputs } = await poll(
        [...hung, ...many(20, (index) => `good${index}.test`)],
        {
          timeout: '500ms',
          wait: '4s',
          interval: '100ms',
        },
      )
      expect(Number(outputs['rounds'])).toBeGreaterThan(3)
      for (const line of stdout.split('\n').filter((text) => text.startsWith('round ')))
        expect(line).toContain(': 20 of 80 advertise; ')
    })

    it('the process ends once the resolver has given up, a few seconds after its verdict', async () => {
      const startedAt = performance.now()
      const { code, durationMs, rows } = await poll(
        many(60, (index) => `hung${index}.test`),
        { timeout: '500ms' },
      )
      expect(code).toBe(1)
      expect(rows.every(({ status }) => status === 'timeout')).toBe(true)
      expect(performance.now() - startedAt - durationMs).toBeLessThan(RESOLVER_MS)
    })

    it('many peers of one host wait for one look-up', async () => {
      const before = queries
      const { code, rows } = await poll(
        many(50, (index) => `http://hung.test:1/${index}`),
        { timeout: '500ms' },
      )
      expect(code).toBe(1)
      expect(rows.every(({ status }) => status === 'timeout')).toBe(true)
      // IPv4 and IPv6, each tried twice.
      expect(queries - before).toBeLessThanOrEqual(4)
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
        const before = queries
        let killedAt = 0
        const step = await runStep(
          { peers: 'n1=hung.test\nn2=127.0.0.1', timeout: '10m', 'default-port': '1' },
          {
            onStart(child) {
              const timer = setInterval(() => {
                if (queries === before) return
                clearInterval(timer)
                killedAt = performance.now()
                child.kill(signal)
              }, 20)
            },
          },
        )
        expect(performance.now() - killedAt).toBeLessThan(SOON_MS)
        expect(step.code).not.toBe(0)
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
  },
)
