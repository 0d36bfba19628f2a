import { describe, expect, it } from 'vitest'
import { splitList } from '../../src/inputs/list.ts'
import { parsePeers } from '../../src/inputs/peers.ts'

const read = (text: string) => parsePeers(text, { sqs: 9_324, raft: [] })

describe('a list in lines', () => {
  it('is not read at all in quotation marks', () => {
    expect(splitList('"n1=kv01, n2=kv02"')).toEqual({
      entries: [],
      problems: ['peers: found quotation marks around the list or its entries, expected none'],
      warnings: [],
    })
  })

  it.each([
    ['kv01, ,kv02', 'peers: entry 2: empty peer address, found nothing, expected an address'],
    [',kv01', 'peers: entry 1: empty peer address, found nothing, expected an address'],
    [
      'kv01, ',
      'peers: entry 2: empty peer address, found a comma at the end of the list or of a line, expected none',
    ],
    ['kv01,  kv02:0  ', 'peers: entry 2 "kv02:0": found port "0", expected 1 to 65535'],
    [
      'kv01,  kv02:x  ',
      'peers: entry 2: found no port number behind the colon, expected 1 to 65535',
    ],
  ])('%j has one bad entry, told without the blanks around it', (text, problem) => {
    expect(read(text).problems).toEqual([problem])
  })
})

describe('a comment', () => {
  it.each(['\v', '\f', '\u2028'])('may end with %j, behind which nothing is hidden', (char) => {
    expect(read(`# all nodes${char}\nkv01`)).toMatchObject({
      peers: [{ name: 'kv01' }],
      problems: [],
    })
  })

  it('that may hold user info is warned of without a word of it', () => {
    expect(read('# http://user:hunter2@kv00, n2=kv02\nkv01').warnings).toEqual([
      'peers: the comment looks as if it held entries; they are not asked. Was a list folded into one line?',
    ])
  })
})
