import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import type { Generation } from '../../sample/cluster.ts'
import { loopback, startFarm } from '../../sample/load.ts'
import { encodeAnswer, type RaftMember } from '../../sample/raft.ts'
import {
  type ClusterOptions,
  type RaftCluster,
  startCluster,
  startClusterWith,
} from '../../sample/raft-cluster.ts'

const clusters: RaftCluster[] = []
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close()
})

async function start(...generations: readonly Generation[]) {
  const cluster = await startCluster(...generations)
  clusters.push(cluster)
  return cluster
}

async function startWith(options: ClusterOptions, ...generations: readonly Generation[]) {
  const cluster = await startClusterWith(options, ...generations)
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

describe('the Raft groups of the sample cluster', () => {
  const text = (number: number, value: string) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), Buffer.from(value)])
  /** Leader id = 2, leader address = 3, term = 4, configuration index = 12. */
  const status = (id: string, address: string, term: number, index: number) =>
    Buffer.concat([text(2, id), text(3, address), Buffer.from([0x20, term, 0x60, index])])
  const tellStatus = async (address = '') =>
    (await call(address, '/RaftAdmin/Status')).body.subarray(5)

  it('have a listener on each node, which tells their members only', async () => {
    const cluster = await startWith({ groups: 2 }, 'ready', 'ready')
    const [first, second] = cluster.nodes
    expect(first?.raftAddresses).toHaveLength(2)
    expect(cluster.peers).toBe(
      cluster.nodes
        .flatMap(({ raftAddresses, address }) => raftAddresses.map((raft) => `${raft}=${address}`))
        .join(','),
    )
    expect(cluster.nodeMap).toBe(`n1=${first?.address},n2=${second?.address}`)
    const learner = await cluster.join('ready', { suffrage: 'learner', groups: [2] })
    expect(cluster.groups.map(({ members }) => members.map(({ id }) => id))).toEqual([
      ['n1', 'n2'],
      ['n1', 'n2', 'n3'],
    ])
    expect(learner.entry).toBe(`${learner.raftAddress}=${learner.address}`)
    for (const [index, { members }] of cluster.groups.entries()) {
      const { body } = await call(second?.raftAddresses[index] ?? '')
      expect(body).toEqual(encodeAnswer(members))
    }
    second?.tell([], 2)
    expect((await call(second?.raftAddresses[1] ?? '')).body).toEqual(encodeAnswer([]))
    expect((await call(second?.raftAddress ?? '')).body).toEqual(encodeAnswer(cluster.members))
  })

  it('tell their leader, which moves', async () => {
    const cluster = await startWith({ groups: 2 }, 'ready', 'ready')
    const [first, second] = cluster.nodes
    const [one = '', two = ''] = second?.raftAddresses ?? []
    const [own = '', other = ''] = first?.raftAddresses ?? []
    expect(await tellStatus(one)).toEqual(status('n1', own, 1, 2))
    cluster.lead(2, 'n2')
    expect(await tellStatus(one)).toEqual(status('n1', own, 1, 2))
    expect(await tellStatus(two)).toEqual(status('n2', two, 2, 2))
    expect(await tellStatus(other)).toEqual(status('n2', two, 2, 2))
    cluster.lead(2, null)
    expect(await tellStatus(two)).toEqual(Buffer.from([0x20, 3, 0x60, 2]))
    second?.tellStatus({ leaderId: '<b>', pendingConfChange: true }, 2)
    expect(await tellStatus(two)).toEqual(
      Buffer.concat([text(2, '<b>'), Buffer.from([0x20, 3, 0x60, 2, 0x68, 1])]),
    )
    expect(await tellStatus(other)).toEqual(Buffer.from([0x20, 3, 0x60, 2]))
    second?.tellStatus(null)
    cluster.remove('n1')
    expect(await tellStatus(two)).toEqual(Buffer.from([0x20, 3, 0x60, 3]))
    expect(() => cluster.lead(3, 'n1')).toThrow('found group 3, expected 1 to 2')
  })

  it('are led by the node whose leader health is ok', async () => {
    const cluster = await startWith({ groups: 2 }, 'ready', 'ready')
    const ask = () =>
      Promise.all(
        cluster.nodes.map(
          async ({ address }) => (await fetch(`http://${address}/sqs_leader_health`)).status,
        ),
      )
    cluster.lead(2, 'n2')
    expect(await ask()).toEqual([200, 503])
    cluster.lead(1, 'n2')
    expect(await ask()).toEqual([503, 200])
  })

  it.skipIf(process.platform !== 'linux')(
    'have the same ports on nodes that are apart (Linux only)',
    async () => {
      const cluster = await startWith({ groups: 2, apart: true }, 'ready', 'ready', 'ready')
      const [port] = cluster.nodes.map(({ address }) => address.split(':')[1])
      expect(cluster.nodeMap).toBe(`n1=127.0.0.1:${port},n2=127.0.0.2:${port},n3=127.0.0.3:${port}`)
      const ports = cluster.raftPorts.split(',')
      expect(new Set(ports).size).toBe(2)
      for (const [index, { members }] of cluster.groups.entries()) {
        expect(members.map(({ address }) => address)).toEqual(
          [1, 2, 3].map((host) => `127.0.0.${host}:${ports[index]}`),
        )
      }
    },
  )
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
