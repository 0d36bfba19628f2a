import { expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { VERSION } from '../../src/shared/version.ts'
import { reportOf } from '../support/rows.ts'
import {
  type Behaviour,
  GOOD,
  type Identity,
  makeIdentity,
  reply,
  serve,
} from '../support/servers.ts'

/** A UUID. */
const RANDOM = /\?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?= HTTP)/
/** Stands for the query, which is another one in each request. */
const QUERY = '?random'

/** What a peer is sent, to the byte but for the query. */
const request = (host: string, path = '/sqs_health') =>
  [
    `GET ${path}${QUERY} HTTP/1.1`,
    `host: ${host}`,
    'connection: close',
    'accept: application/json',
    'accept-encoding: identity',
    'cache-control: no-cache',
    `user-agent: htfifo-gate/${VERSION}`,
    '',
    '',
  ].join('\r\n')

/** A ready node that keeps every connection open and records all that came over each. */
async function record(options: { host?: string; tls?: Identity } = {}) {
  const requests: string[] = []
  const behave: Behaviour = (socket) => {
    const index = requests.push('') - 1
    socket.on('data', (chunk) => {
      requests[index] += chunk.toString('latin1')
      if (requests[index]?.endsWith('\r\n\r\n')) socket.write(reply(GOOD))
    })
  }
  const server = await serve(behave, options)
  return {
    ...server,
    /** What came over each connection, with the same text for every query. */
    seen: () => requests.map((text) => text.replace(RANDOM, QUERY)),
    queries: () => requests.map((text) => RANDOM.exec(text)?.[0]),
  }
}

it('the request is exactly this, and nothing follows it', async () => {
  await using peer = await record()
  const step = await runStep({ peers: peer.address })
  expect(step.code).toBe(0)
  expect(peer.seen()).toEqual([request(peer.address)])
})

it('the request over TLS is the same', async () => {
  const tls = makeIdentity()
  await using peer = await record({ tls })
  const peers = `https://${peer.address}`
  const step = await runStep({ peers, 'ca-certificate': tls.cert })
  expect(step.code).toBe(0)
  expect(peer.seen()).toEqual([request(peer.address)])
})

it('the headers of the input come after those of the gate', async () => {
  await using peer = await record()
  await runStep({ peers: peer.address, headers: 'X-Token: abcdef\nX-Other: b c' })
  expect(peer.seen()).toEqual([
    request(peer.address).replace(/\r\n$/, 'x-token: abcdef\r\nx-other: b c\r\n\r\n'),
  ])
})

it.each([
  ['/a/b', '/a/b/sqs_health'],
  ['/a/b/', '/a/b/sqs_health'],
  ['/', '/sqs_health'],
  ['///', '/sqs_health'],
  ['', '/sqs_health'],
  ['/a%20b/%C3%A9', '/a%20b/%C3%A9/sqs_health'],
])('the path of the base URL %j is kept', async (base, path) => {
  await using peer = await record()
  const step = await runStep({ peers: `http://${peer.address}${base}` })
  expect(peer.seen()).toEqual([request(peer.address, path)])
  expect(reportOf(step).peers[0]?.url).toBe(`http://${peer.address}${path}`)
})

it('an IPv6 address in brackets is reached', async () => {
  await using peer = await record({ host: '::1' })
  expect(peer.address).toMatch(/^\[::1\]:\d+$/)
  const step = await runStep({ peers: peer.address })
  expect(step.code).toBe(0)
  expect(peer.seen()).toEqual([request(peer.address)])
  expect(reportOf(step).peers[0]).toMatchObject({
    name: peer.address,
    url: `http://${peer.address}/sqs_health`,
    status: 'advertises',
  })
})

it('the default port is asked where none is written', async () => {
  await using peer = await record()
  await runStep({ peers: '127.0.0.1', 'default-port': String(peer.port) })
  expect(peer.seen()).toEqual([request(peer.address)])
})

it('every exchange has a fresh connection and a query of its own, although the peer keeps connections open', async () => {
  await using peer = await record()
  const step = await runStep({
    peers: peer.address,
    wait: '60s',
    interval: '100ms',
    'stable-rounds': '3',
  })
  expect(step.outputs['rounds']).toBe('3')
  expect(peer.seen()).toEqual(Array(3).fill(request(peer.address)))
  expect(new Set(peer.queries()).size).toBe(3)
})

it('entries with the same address are asked once, and shown as one row with all names', async () => {
  await using peer = await record()
  const { address } = peer
  const step = await runStep({ peers: `n1=${address}\nn2=http://${address}/\n${address}` })
  expect(peer.seen()).toEqual([request(address)])
  expect(reportOf(step).peers.map(({ name }) => name)).toEqual([`n1, n2, ${address}`])
  expect(step.stdout).toMatch(/^::warning::peers: .*polled once/m)
  expect(step.code).toBe(0)
})

it('different paths on one address are asked each', async () => {
  await using peer = await record()
  await runStep({ peers: `http://${peer.address}/a, http://${peer.address}/b` })
  expect(peer.seen().sort()).toEqual([
    request(peer.address, '/a/sqs_health'),
    request(peer.address, '/b/sqs_health'),
  ])
  expect(new Set(peer.queries()).size).toBe(2)
})

it('nobody is asked where an input is wrong', async () => {
  await using peer = await record()
  const step = await runStep({ peers: peer.address, timeout: '3' })
  expect(step.code).toBe(1)
  expect(peer.connections()).toBe(0)
})
