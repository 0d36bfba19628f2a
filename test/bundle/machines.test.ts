import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startProxy } from '../../sample/proxy.ts'
import { type RaftListener, type RaftMember, startRaftListener } from '../../sample/raft.ts'
import { runStep, type StepOptions } from '../../sample/runner.ts'
import { type Authority, makeAuthority } from '../support/certificates.ts'
import { type NameServer, RESOLVER_FILES, startNameServer } from '../support/name-server.ts'
import { inNamespace } from '../support/namespace.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'
import { answering, GOOD, type RawServer, reply, serve } from '../support/servers.ts'

const SQS = 9324
const RAFT = 50051
/** An address of the runner itself that is not on the loopback. */
const OWN = '10.99.0.1'

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'dual.test': ['::1', '127.0.0.1'],
  'single.test': ['127.0.0.1'],
  'one.test': ['127.0.0.2'],
  'same.test': ['127.0.0.2'],
  'own.test': [OWN],
  'pair.test': ['127.0.0.3', '127.0.0.4'],
  'half.test': ['127.0.0.3', '127.0.0.5'],
  'gateway-1.test': ['127.0.0.6'],
  'gateway-2.test': ['127.0.0.6'],
}

/** The nodes: SQS addresses. */
const NODES: readonly (readonly [host: string, ...ports: number[]])[] = [
  ['::1', SQS],
  ['127.0.0.1', SQS],
  ['127.0.0.2', SQS, SQS + 1, SQS + 2],
  ['127.0.0.3', SQS],
  ['127.0.0.4', SQS],
  ['127.0.0.5', SQS],
  ['127.0.0.6', SQS],
  [OWN, SQS],
]
/** Those with a Raft listener. */
const LISTENERS = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']

inNamespace(import.meta.filename, { files: RESOLVER_FILES, addresses: [`${OWN}/32`] }, () => {
  let names: NameServer
  let authority: Authority
  const servers: RawServer[] = []
  const listeners: RaftListener[] = []
  /** What each Raft listener reports, by its host; the rest reports what stands under `all`. */
  let members: Readonly<Record<string, readonly RaftMember[]>>
  let calls: Record<string, number>
  beforeEach(() => {
    calls = {}
  })

  beforeAll(async () => {
    names = await startNameServer((name) => ({ addresses: NAMES[name] ?? [] }))
    authority = makeAuthority('Authority of the test')
    const ready = answering(reply(GOOD))
    for (const [host, ...ports] of NODES) {
      for (const port of ports) servers.push(await serve(ready, { host, port }))
    }
    const { certificate: cert, key } = authority.issue('DNS:gateway-1.test,DNS:gateway-2.test')
    servers.push(await serve(ready, { host: '127.0.0.6', port: 443, tls: { cert, key } }))
    for (const host of LISTENERS) {
      const tell = () => {
        calls[host] = (calls[host] ?? 0) + 1
        return members[host] ?? members['all'] ?? []
      }
      listeners.push(await startRaftListener(tell, { host, port: RAFT }))
    }
  })
  afterAll(async () => {
    names.close()
    authority.remove()
    for (const listener of listeners) await listener.close()
    for (const server of servers) await server[Symbol.asyncDispose]()
  })

  const voters = (...hosts: readonly string[]): RaftMember[] =>
    hosts.map((host, index) => ({
      id: `n${index + 1}`,
      address: `${host}:${RAFT}`,
      suffrage: 'voter',
    }))

  async function poll(
    peers: readonly string[],
    inputs: Record<string, string> = {},
    options: StepOptions = {},
  ) {
    const raft = { 'raft-port': String(RAFT), timeout: '10s' }
    const step = await runStep({ peers: peers.join('\n'), ...raft, ...inputs }, options)
    const warnings = step.stdout.split('\n').filter((line) => line.startsWith('::warning::'))
    return { ...step, warnings, membership: reportOf(step).membership }
  }

  const expectShared = (step: Awaited<ReturnType<typeof poll>>, ...shared: string[]) => {
    expect(step.code).toBe(1)
    expect(step.outputs).toMatchObject({ 'all-advertise': 'false', membership: 'incomplete' })
    expect(step.membership?.shared).toContainEqual(shared)
    expect(annotationsOf(step)[0]).toContain(
      'lead to one address, or are swapped, so a member may not have been asked',
    )
    expect(step.stdout + step.summary).not.toContain('Membership confirmed')
  }

  it('two names that have one of their addresses in common are shared', async () => {
    members = { all: voters('dual.test', 'single.test') }
    expectShared(await poll(['n1=dual.test', 'n2=single.test']), 'n1', 'n2')
  })

  it('two names that have an address in common are a warning where members are not asked for', async () => {
    const step = await poll(['n1=dual.test', 'n2=single.test'], { 'raft-port': 'none' })
    expect(step.code).toBe(0)
    expect(step.warnings).toContain(
      '::warning::peers: n1 and n2 lead to the same address; one node may have been asked twice',
    )
  })

  it('two SQS ports of a host with one Raft listener are shared', async () => {
    members = { all: voters('127.0.0.2', '127.0.0.3') }
    expectShared(await poll([`n1=127.0.0.2:${SQS}`, `n2=127.0.0.2:${SQS + 1}`]), 'n1', 'n2')
  })

  it('one Raft address for all nodes is never confirmed by all of them', async () => {
    members = { all: voters('127.0.0.2', '127.0.0.3', '127.0.0.4') }
    const peers = [0, 1, 2].map((index) => `n${index + 1}=127.0.0.2:${SQS + index}`)
    expectShared(await poll(peers), 'n1', 'n2', 'n3')
  })

  it('two names whose Raft calls end at one address are shared, at different SQS ports', async () => {
    members = { all: voters('one.test', 'same.test') }
    expectShared(await poll([`n1=one.test:${SQS}`, `n2=same.test:${SQS + 1}`]), 'n1', 'n2')
  })

  it('two names whose Raft calls end at one address are shared, behind a proxy to two nodes', async () => {
    members = { all: voters('one.test', 'same.test') }
    const proxy = await startProxy({
      [`one.test:${SQS}`]: `127.0.0.2:${SQS}`,
      [`same.test:${SQS}`]: `127.0.0.3:${SQS}`,
    })
    const env = { http_proxy: `http://${proxy.address}` }
    const step = await poll(['n1=one.test', 'n2=same.test'], {}, { env })
    proxy.close()
    expect(step.outputs['advertising-count']).toBe('2')
    expectShared(step, 'n1', 'n2')
  })

  it.each([
    ['names', 'own.test', 'single.test'],
    ['literal addresses', OWN, '127.0.0.1'],
  ])(
    '%s of the runner itself, one of them not on the loopback, are a warning',
    async (_, ...hosts) => {
      const step = await poll(
        hosts.map((host, index) => `n${index + 1}=${host}`),
        { 'raft-port': 'none' },
      )
      expect(step.code).toBe(0)
      expect(step.warnings).toEqual([
        expect.stringContaining('peers: n1 and n2 lead to this runner itself.'),
      ])
      expect(step.summary).toContain('lead to this runner itself')
    },
  )

  it.each([
    ['their base paths', `http://127.0.0.6:${SQS}/a`, `http://127.0.0.6:${SQS}/b`],
    ['their names over https', 'https://gateway-1.test', 'https://gateway-2.test'],
  ])(
    'peers of one gateway that are told apart by %s are confirmed, with a warning',
    async (_, ...urls) => {
      members = { all: voters('127.0.0.2', '127.0.0.3') }
      const peers = urls.map((url, index) => `127.0.0.${index + 2}:${RAFT}=${url}`)
      const step = await poll(peers, { 'ca-certificate': authority.certificate })
      expect(step.code).toBe(0)
      expect(step.outputs['membership']).toBe('complete')
      expect(step.membership?.shared).toEqual([])
      expect(step.warnings).toContainEqual(
        expect.stringMatching(
          /are behind one gateway, 127\.0\.0\.6:\d+; the gate cannot tell them apart there$/,
        ),
      )
    },
  )

  it('peers of one gateway that are told apart by nothing are shared', async () => {
    members = { all: voters('127.0.0.2', '127.0.0.3') }
    const names = ['gateway-1.test', 'gateway-2.test']
    const peers = names.map((name, index) => `127.0.0.${index + 2}:${RAFT}=http://${name}:${SQS}`)
    expectShared(await poll(peers), `127.0.0.2:${RAFT}`, `127.0.0.3:${RAFT}`)
  })

  it('every address of a name is asked for members', async () => {
    members = { all: voters('pair.test') }
    const step = await poll(['n1=pair.test'])
    expect(step).toMatchObject({ code: 0, outputs: { membership: 'complete' } })
    expect(calls).toEqual({ '127.0.0.3': 2, '127.0.0.4': 2 })
  })

  it('a member that only the second address of a name knows closes the gate', async () => {
    const all = voters('pair.test', 'gone.test')
    members = { all, '127.0.0.3': all.slice(0, 1) }
    const step = await poll(['n1=pair.test'])
    expect(step.code).toBe(1)
    expect(step.outputs).toMatchObject({
      'all-advertise': 'false',
      'advertising-count': '1',
      membership: 'incomplete',
      'unlisted-members': '["n2"]',
    })
  })

  it('an address of a name without a Raft listener closes the gate', async () => {
    members = { all: voters('half.test') }
    const step = await poll(['n1=half.test'])
    expect(step).toMatchObject({ code: 1, outputs: { membership: 'unknown' } })
    expect(step.membership?.unknown).toMatchObject([
      { status: 'refused', error: expect.stringContaining(`127.0.0.5:${RAFT}`) },
    ])
  })

  it('an only address of its family without a Raft listener is forgiven', async () => {
    members = { all: voters('dual.test') }
    const step = await poll(['n1=dual.test'])
    expect(step).toMatchObject({ code: 0, outputs: { membership: 'complete' } })
    expect(calls).toEqual({ '127.0.0.1': 2 })
  })
})
