import { describe, expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { reportOf } from '../support/rows.ts'
import {
  type Behaviour,
  GOOD,
  type Identity,
  makeIdentity,
  reply,
  serve,
} from '../support/servers.ts'

/** What a peer is sent, to the byte. */
const request = (host: string, path = '/sqs_health') =>
  [
    `GET ${path} HTTP/1.1`,
    `host: ${host}`,
    'connection: close',
    'accept: application/json',
    'accept-encoding: identity',
    'cache-control: no-cache',
    'user-agent: htfifo-gate/1.1.0',
    '',
    '',
  ].join('\r\n')

/** A ready node that keeps every connection open and records all that came over each. */
async function record(options: { host?: string; tls?: Identity } = {}) {
  const seen: string[] = []
  const behave: Behaviour = (socket) => {
    const index = seen.push('') - 1
    socket.on('data', (chunk) => {
      seen[index] += chunk.toString('latin1')
      if (seen[index]?.endsWith('\r\n\r\n')) socket.write(reply(GOOD))
    })
  }
  const server = await serve(behave, options)
  return { ...server, seen }
}

describe('the request', () => {
  it('is exactly this, and nothing follows it', async () => {
    await using peer = await record()
    const step = await runStep({ peers: peer.address })
    expect(step.code).toBe(0)
    expect(peer.seen).toEqual([request(peer.address)])
  })

  it('is the same over TLS', async () => {
    const tls = makeIdentity()
    await using peer = await record({ tls })
    const peers = `https://${peer.address}`
    const step = await runStep({ peers, 'ca-certificate': tls.cert })
    expect(step.code).toBe(0)
    expect(peer.seen).toEqual([request(peer.address)])
  })

  it('has the headers of the input after its own', async () => {
    await using peer = await record()
    await runStep({ peers: peer.address, headers: 'X-Token: abcdef\nX-Other: b c' })
    expect(peer.seen).toEqual([
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
  ])('keeps the path of a base URL: %j', async (base, path) => {
    await using peer = await record()
    const step = await runStep({ peers: `http://${peer.address}${base}` })
    expect(peer.seen).toEqual([request(peer.address, path)])
    expect(reportOf(step).peers[0]?.url).toBe(`http://${peer.address}${path}`)
  })

  it('reaches an IPv6 address in brackets', async () => {
    await using peer = await record({ host: '::1' })
    expect(peer.address).toMatch(/^\[::1\]:\d+$/)
    const step = await runStep({ peers: peer.address })
    expect(step.code).toBe(0)
    expect(peer.seen).toEqual([request(peer.address)])
    expect(reportOf(step).peers[0]).toMatchObject({
      name: peer.address,
      url: `http://${peer.address}/sqs_health`,
      status: 'advertises',
    })
  })

  it('uses the default port where none is written', async () => {
    await using peer = await record()
    await runStep({ peers: '127.0.0.1', 'default-port': String(peer.port) })
    expect(peer.seen).toEqual([request(peer.address)])
  })
})

describe('the connections', () => {
  it('are fresh for every exchange, although the peer keeps them open', async () => {
    await using peer = await record()
    const step = await runStep({
      peers: peer.address,
      wait: '60s',
      interval: '100ms',
      'stable-rounds': '3',
    })
    expect(step.outputs['rounds']).toBe('3')
    expect(peer.seen).toEqual(Array(3).fill(request(peer.address)))
  })

  it('are one for entries with the same address, shown as one row with both names', async () => {
    await using peer = await record()
    const { address } = peer
    const step = await runStep({ peers: `n1=${address}\nn2=http://${address}/\n${address}` })
    expect(peer.seen).toEqual([request(address)])
    expect(reportOf(step).peers.map(({ name }) => name)).toEqual([`n1, n2, ${address}`])
    expect(step.stdout).toMatch(/^::warning::peers: .*polled once/m)
    expect(step.code).toBe(0)
  })

  it('are one per peer for different paths on one address', async () => {
    await using peer = await record()
    await runStep({ peers: `http://${peer.address}/a, http://${peer.address}/b` })
    expect(peer.seen.sort()).toEqual([
      request(peer.address, '/a/sqs_health'),
      request(peer.address, '/b/sqs_health'),
    ])
  })
})

it('asks nobody where an input is wrong', async () => {
  await using peer = await record()
  const step = await runStep({ peers: peer.address, timeout: '3' })
  expect(step.code).toBe(1)
  expect(peer.connections()).toBe(0)
})
