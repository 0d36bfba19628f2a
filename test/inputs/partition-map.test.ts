import { describe, expect, it } from 'vitest'
import { parsePartitionMap } from '../../src/inputs/partition-map.ts'

const MAX_GROUP = '18446744073709551615'
const groups = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`)
const entry = (count: number) => `q.fifo:${count}=${groups(count).join(',')}`

it('is no map where none is given', () => {
  expect(parsePartitionMap(null)).toEqual({ queues: [], problems: [] })
})

describe('a partition map that the server takes', () => {
  it('is read with queues, partitions and groups in their order', () => {
    expect(parsePartitionMap('orders.fifo:4=11,12,13,14;a_b-C9.fifo:1=7')).toEqual({
      queues: [
        { queue: 'orders.fifo', groups: ['11', '12', '13', '14'] },
        { queue: 'a_b-C9.fifo', groups: ['7'] },
      ],
      problems: [],
    })
  })

  it.each([1, 2, 4, 8, 16, 32])('may have %i partitions', (count) => {
    const { queues, problems } = parsePartitionMap(entry(count))
    expect(problems).toEqual([])
    expect(queues[0]?.groups).toEqual(groups(count))
  })

  it('may have blanks around every part and empty entries', () => {
    expect(parsePartitionMap(' ; q.fifo : 2 = 1 , 2 ;; ')).toEqual({
      queues: [{ queue: 'q.fifo', groups: ['1', '2'] }],
      problems: [],
    })
  })

  it('writes numbers in their plain form, as the server does', () => {
    const zeros = '0'.repeat(200)
    const { queues, problems } = parsePartitionMap(`q.fifo:${zeros}2=${zeros}1,${MAX_GROUP}`)
    expect(problems).toEqual([])
    expect(queues[0]?.groups).toEqual(['1', MAX_GROUP])
  })

  it('may name one group for several partitions, and hold a name of 80 characters', () => {
    const queue = `${'q'.repeat(75)}.fifo`
    expect(parsePartitionMap(`${queue}:2=1,1`).queues).toEqual([{ queue, groups: ['1', '1'] }])
  })
})

describe('a partition map that the server would refuse', () => {
  it.each([
    ['no shape', 'orders.fifo', 'expected queue.fifo:N='],
    ['no count', 'orders.fifo=1', 'expected queue.fifo:N='],
    ['= before the colon', 'a=b.fifo:1=1', 'expected queue.fifo:N='],
    ['no groups', 'q.fifo:1', 'expected queue.fifo:N='],
    ['no queue', ':1=1', 'queue ""'],
    ['a queue without .fifo', 'orders:1=1', 'queue "orders"'],
    ['only .fifo', '.fifo:1=1', 'queue ".fifo"'],
    ['a queue in other letters', 'größe.fifo:1=1', 'queue "größe.fifo"'],
    ['text before the queue', 'x y.fifo:1=1', 'queue "x y.fifo"'],
    ['text after .fifo', 'y.fifo2:1=1', 'queue "y.fifo2"'],
    ['a queue of 81 characters', `${'q'.repeat(76)}.fifo:1=1`, 'expected 1 to 75'],
    ['an empty count', 'q.fifo:=1', 'found no partitions'],
    ['0 partitions', 'q.fifo:0=1', 'found 0 partitions'],
    ['3 partitions', 'q.fifo:3=1,2,3', 'found 3 partitions'],
    ['64 partitions', entry(64), 'found 64 partitions'],
    ['33 partitions', entry(33), 'found 33 partitions'],
    ['a negative count', 'q.fifo:-1=1', 'found -1 partitions'],
    ['a count with a sign', 'q.fifo:+1=1', 'found +1 partitions'],
    ['a count in hexadecimal', 'q.fifo:0x1=1', 'found 0x1 partitions'],
    ['a fraction', 'q.fifo:1.0=1', 'found 1.0 partitions'],
    ['2^32 + 1 partitions', 'q.fifo:4294967297=1', 'found 4294967297 partitions'],
    ['too few groups', 'q.fifo:2=1', 'found 1 group, expected 2'],
    ['too many groups', 'q.fifo:2=1,2,3', 'found 3 groups, expected 2'],
    ['an empty group list', 'q.fifo:1=', 'found group ""'],
    ['an empty group', 'q.fifo:2=1,', 'found group ""'],
    ['group 0', 'q.fifo:1=0', 'found group "0"'],
    ['a group that is no number', 'q.fifo:1=g1', 'found group "g1"'],
    ['a second =', 'q.fifo:1=1=1', 'found group "1=1"'],
    ['a group past 64 bits', 'q.fifo:1=18446744073709551616', 'found group "18446744073709551616"'],
    ['a negative group', 'q.fifo:1=-1', 'found group "-1"'],
    ['digits of other scripts', 'q.fifo:1=١', 'found group "١"'],
    ['nothing but separators', ' ; ;', 'found no entry'],
  ])('%s', (_, text, words) => {
    const { problems } = parsePartitionMap(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^partition-map: /)
    expect(problems[0]).toContain(words)
  })

  it('names a queue twice', () => {
    const { queues, problems } = parsePartitionMap('q.fifo:1=1;r.fifo:1=2;q.fifo:1=3')
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('"q.fifo:1=3": found the queue a second time')
    expect(queues.map(({ groups: ids }) => ids)).toEqual([['1'], ['2']])
  })

  it('has all its problems told together, each with its entry', () => {
    const { problems } = parsePartitionMap('a.fifo:3=1;b.fifo:1=1;c:1=1;d.fifo:1=x\u202ey')
    expect(problems.map((problem) => /entry "([^"]*)"/.exec(problem)?.[1])).toEqual([
      'a.fifo:3=1',
      'c:1=1',
      'd.fifo:1=x\\u{202e}y',
    ])
  })
})
