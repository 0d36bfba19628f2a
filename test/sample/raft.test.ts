import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import type { Generation } from '../../sample/cluster.ts'
import { loopback, startFarm } from '../../sample/load.ts'
import { encodeAnswer, type RaftMember } from '../../sample/raft.ts'
import { type RaftCluster, startCluster } from '../../sample/raft-cluster.ts'

const clusters: RaftCluster[] = []
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close()
})

async function start(...generations: readonly Generation[]) {
  const cluster = await startCluster(...generations)
  clusters.push(cluster)
  return cluster
}

/** Calls a method with an empty message, and returns what came, by hand. */
async function call(address: string, path = '/RaftAdmin/Configuration') {
  const session = connect(`http://${address}`)
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const got: { headers?: object; trailers?: object } = {}
    stream.on('response', (headers) => {
      got.headers = { ...headers }
    })
    stream.on('trailers', (trailers) => {
      got.trailers = { ...trailers }
    })
    stream.end(Buffer.alloc(5))
    const body = await text(stream.setEncoding('latin1'))
    return { ...got, body: Buffer.from(body, 'latin1') }
  } finally {
    session.destroy()
  }
}

describe('a Raft listener of the sample cluster', () => {
  it('answers byte by byte what a real node answers', () => {
    // Taken from a cluster of three.
    const real = `000000005a${['n1', 'n3', 'n2']
      .map((id) => {
        const port = Buffer.from(`127.0.0.1:5005${id[1]}`).toString('hex')
        return `0a1c0a02${Buffer.from(id).toString('hex')}120f${port}1a05766f746572`
      })
      .join('')}`
    const members = ['n1', 'n3', 'n2'].map((id): RaftMember => {
      return { id, address: `127.0.0.1:5005${id[1]}`, suffrage: 'voter' }
    })
    expect(encodeAnswer(members).toString('hex')).toBe(real)
    expect(encodeAnswer([]).toString('hex')).toBe('0000000000')
  })

  it('writes lengths past 127 in two bytes', () => {
    const encoded = encodeAnswer([{ id: 'x'.repeat(300), address: '', suffrage: 'learner' }])
    const head = Buffer.from([0x0a, 0xb8, 0x02, 0x0a, 0xac, 0x02])
    expect(encoded.subarray(5, 11)).toEqual(head)
    expect(encoded.readUInt32BE(1)).toBe(encoded.length - 5)
  })

  it('tells its members in one message, with the status in the trailers', async () => {
    const { nodes, members } = await start('ready', 'legacy')
    for (const { raftAddress } of nodes) {
      const { headers, trailers, body } = await call(raftAddress)
      expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' })
      expect(trailers).toMatchObject({ 'grpc-status': '0' })
      expect(body).toEqual(encodeAnswer(members))
    }
    expect(members).toMatchObject([{ id: 'n1', address: nodes[0]?.raftAddress }, { id: 'n2' }])
  })

  it('knows no other call', async () => {
    const { nodes } = await start('ready')
    const { headers, body } = await call(nodes[0]?.raftAddress ?? '', '/RaftAdmin/AddVoter')
    expect(headers).toMatchObject({ ':status': 200, 'grpc-status': '12' })
    expect(body).toHaveLength(0)
  })
})

describe('the members of the sample cluster', () => {
  it('change while it runs, and a node may lag behind', async () => {
    const cluster = await start('ready', 'ready')
    const [first, second] = cluster.nodes
    const before = cluster.members
    second?.tell(before)
    const joined = await cluster.join('ready', { suffrage: 'learner' })
    const tells = async (address = '') => (await call(address)).body
    expect(cluster.members.at(-1)).toEqual({
      id: 'n3',
      address: joined.raftAddress,
      suffrage: 'learner',
    })
    expect(await tells(first?.raftAddress)).toEqual(encodeAnswer(cluster.members))
    expect(await tells(joined.raftAddress)).toEqual(encodeAnswer(cluster.members))
    expect(await tells(second?.raftAddress)).toEqual(encodeAnswer(before))
    second?.tell(null)
    cluster.remove('n1')
    expect(cluster.members.map(({ id }) => id)).toEqual(['n2', 'n3'])
    expect(await tells(second?.raftAddress)).toEqual(encodeAnswer(cluster.members))
    second?.tell([])
    expect(await tells(second?.raftAddress)).toEqual(encodeAnswer([]))
  })

  it('are nodes as any, each an entry of a list', async () => {
    const cluster = await start('ready', 'legacy')
    expect(cluster.peers).toMatch(/^127\.0\.0\.1:\d+=127\.0\.0\.1:\d+,127\.0\.0\.1:\d+=/)
    const counts: number[] = []
    const late = await cluster.join('listing', {
      onAnswer(count, node) {
        counts.push(count)
        node.upgrade('ready')
      },
    })
    const ask = async () =>
      (
        await fetch(`http://${late.entry.split('=')[1]}/sqs_health`, {
          headers: { accept: 'application/json' },
        })
      ).text()
    expect(await ask()).not.toContain('htfifo')
    expect(await ask()).toContain('htfifo')
    expect(counts).toEqual([1, 2])
  })
})

describe('a farm with Raft listeners', () => {
  it('knows as many members as it is told, at the addresses of its nodes', async () => {
    const farm = await startFarm('members=300')
    try {
      const members = Array.from({ length: 300 }, (_, index): RaftMember => {
        const address = `${loopback(index)}:${farm.raft}`
        return { id: `n${index + 1}`, address, suffrage: 'voter' }
      })
      const { body } = await call(`127.0.0.1:${farm.raft}`)
      expect(body).toEqual(encodeAnswer(members))
    } finally {
      farm.close()
    }
  })
})
