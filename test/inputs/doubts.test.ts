import { describe, expect, it } from 'vitest'
import { parsePeers } from '../../src/inputs/peers.ts'

const warningsOf = (text: string, raft: number | null = null) => {
  const { problems, warnings } = parsePeers(text, { sqs: 9_324, raft })
  expect(problems).toEqual([])
  return warnings
}
const entries = (count: number, address: string) =>
  Array.from({ length: count }, (_, at) => `n${at + 1}=${address}`).join()

describe('names that share an address', () => {
  it('are told, five of them, and the others counted', () => {
    expect(warningsOf(entries(5, 'kv01'))).toEqual([
      'peers: "n1", "n2", "n3", "n4", "n5" have the same address "http://kv01:9324/sqs_health"; it is polled once. A pasted line may hide a node.',
    ])
    expect(warningsOf(entries(7, 'kv01'))).toEqual([
      'peers: "n1", "n2", "n3", "n4", "n5" and 2 more have the same address "http://kv01:9324/sqs_health"; it is polled once. A pasted line may hide a node.',
    ])
  })
})

describe('peers that are asked for members at one Raft address', () => {
  it('are told, because one listener answers for its own node only', () => {
    expect(warningsOf('n1=kv01:1,n2=kv01:2,n3=kv02', 50_051)).toEqual([
      'peers: "n1", "n2" are asked for members at the same Raft address "kv01:50051", so one process answers for all of them. Write the Raft address of each in front of its own: host:port=address.',
    ])
  })

  it.each([
    ['have addresses of their own', 'n1=kv01,n2=kv02', 50_051],
    ['have their own in front', 'kv01:50051=kv01:1,kv01:50052=kv01:2', 50_051],
    ['are not asked for members', 'n1=kv01:1,n2=kv01:2', null],
  ])('are not told where they %s', (_, text, raft) => {
    expect(warningsOf(text, raft)).toEqual([])
  })
})
