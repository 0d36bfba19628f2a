import { describe, expect, it } from 'vitest'
import { isJson } from '../../src/inputs/list.ts'
import { parsePeers } from '../../src/inputs/peers.ts'

const read = (text: string) => parsePeers(text, { sqs: 9_324, raft: [] })
const rows = (text: string) => {
  const { peers, problems } = read(text)
  expect(problems).toEqual([])
  return peers.map(({ name, url }) => `${name} ${url}`)
}

describe('a list in JSON', () => {
  it.each(['{"n1":"kv01"}', ' \n{', '["kv01"]', '[\n  "kv01"\n]', "['kv01']", '[]', '[{}]'])(
    '%j is one',
    (text) => expect(isJson(text)).toBe(true),
  )

  it.each(['[::1]:9324', '[::1]', 'kv01', '"kv01"', '[kv01]', ''])('%j is none', (text) => {
    expect(isJson(text)).toBe(false)
  })

  it('is an array of entries', () => {
    expect(rows('["n1=kv01", "kv02:1",\n "http://kv03/x", " n4 = [::1] "]')).toEqual([
      'n1 http://kv01:9324/sqs_health',
      'kv02:1 http://kv02:1/sqs_health',
      'http://kv03/x http://kv03/x/sqs_health',
      'n4 http://[::1]:9324/sqs_health',
    ])
  })

  it('is an object of names and addresses, in the order in which they are written', () => {
    expect(
      rows('{"n2": "kv02", "1": "kv01:1", "__proto__": "http://kv\\u0030\\u0033/a=b"}'),
    ).toEqual([
      'n2 http://kv02:9324/sqs_health',
      '1 http://kv01:1/sqs_health',
      '__proto__ http://kv03/a=b/sqs_health',
    ])
  })

  it('may hold the same address twice', () => {
    const { peers, warnings } = read('{"n1":"kv01","n2":"kv01"}')
    expect(peers.map(({ names }) => names)).toEqual([['n1', 'n2']])
    expect(warnings).toEqual([])
  })

  it.each(['[]', '{}', '[ ]'])('without entries has no peers: %s', (text) => {
    expect(read(text).problems).toEqual([expect.stringMatching(/^peers: found no peers/)])
  })

  it.each([
    ['{"n1":"kv01"', 'JSON that is broken'],
    ['["kv01",]', 'JSON that is broken'],
    ["['kv01']", 'JSON that is broken'],
    ['["kv01"], kv02', 'JSON that is broken'],
    ['["kv01"]\n["kv02"]', 'JSON that is broken'],
    ['{n1:"kv01"}', 'JSON that is broken'],
  ])('%s is refused in one problem', (text, words) => {
    const { peers, problems } = read(text)
    expect([peers.length, problems.length]).toEqual([0, 1])
    expect(problems[0]).toContain(`peers: found ${words}`)
    expect(problems[0]).toContain('expected ["n1=kv01", "n2=kv02"] or {"n1": "kv01", "n2": "kv02"}')
  })

  it.each([
    ['["kv01", 2]', 'entry 2: found a number'],
    ['[1.5, "kv01"]', 'entry 1: found a number'],
    ['[ -3 ]', 'entry 1: found a number'],
    ['[2, "kv01"]', 'entry 1: found a number'],
    ['["kv01", null]', 'entry 2: found null'],
    ['[null]', 'entry 1: found null'],
    ['[true, "kv01"]', 'entry 1: found true'],
    ['[["kv01", "kv02"]]', 'entry 1: found an array'],
    ['["a", {"name":"n1","address":"kv01"}]', 'entry 2: found an object'],
    ['{"n1":9324}', 'entry "n1": found a number'],
    ['{"n1":null,"n2":"kv02"}', 'entry "n1": found null'],
    ['{"n0":"kv00","n1":["kv01"]}', 'entry "n1": found an array'],
    ['{"n1":{"a":"kv01","n2":"x"},"n1":"kv02"}', 'entry "n1": found an object'],
    ['{"peers":{"value":["kv01"]}}', 'entry "peers": found an object'],
    ['{"a b?c":false}', 'entry 1: found false'],
    ['{"{[\\"]}:,":0}', 'entry 1: found a number'],
    ['{"":7}', 'entry 1: found a number'],
  ])('%s has a value that is no string, named by its key or its number', (text, words) => {
    expect(read(text).problems).toEqual([`peers: ${words}, expected a string with an address`])
  })

  it('is told all that is wrong in it', () => {
    expect(read('{"n1":1,"n2":"kv02:0","n3":"kv03","n4":null}').problems).toEqual([
      'peers: entry "n1": found a number, expected a string with an address',
      'peers: entry "n2": found port "0", expected 1 to 65535',
      'peers: entry "n4": found null, expected a string with an address',
    ])
  })

  it('loses no address of a name that is there twice, in any spelling', () => {
    expect(read('{"n1":"kv01","n1":"kv02"}').problems).toEqual([
      'peers: found the name "n1" at 2 addresses, "kv01" and "kv02", expected one address for each name',
    ])
    expect(read('{"n1":"kv01","\\u006e1":"kv02"," n1":"kv3"}').problems).toEqual([
      'peers: found the name "n1" at 3 addresses, "kv01", "kv02" and "kv3", expected one address for each name',
    ])
    expect(rows('{"n1":"kv01","n1":"kv01"}')).toEqual(['n1 http://kv01:9324/sqs_health'])
  })

  it.each([
    ['["kv01", ""]', 'peers: entry 2: empty peer address'],
    ['{"n1":""}', 'peers: entry "n1": empty peer address'],
    ['{"":"kv01"}', 'found nothing in front of the "="'],
    ['["n1=kv01,n2=kv02"]', 'found a comma, expected a string for each entry'],
    ['["http://kv01/a,n2=kv02"]', 'found a comma, expected a string for each entry'],
    ['["kv01\\nkv02"]', 'the invisible character U+000A'],
    ['["kv01 kv02"]', 'found blanks'],
    ['["# kv01"]', 'peers: entry 1: found blanks'],
    ['{"n1":"n2=kv01"}', 'expected host, host:port'],
    ['{"n1 n2":"kv01"}', 'found blanks'],
    ['["http://a/x\\u0022]"]', 'the quotation mark "'],
  ])('%s has a bad entry', (text, words) => {
    const { problems } = read(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(words)
  })

  it('shows nothing of what is broken, which may hold user info', () => {
    expect(read('["http://user:hunter2@kv01", x]').problems.join()).not.toMatch(/hunter2|user:/)
    const twice = read('{"u:hunter2@h":"kv01","u:hunter2@h":"kv02"}').problems.join()
    expect(twice).toContain('peers: entry 1: found user info')
    expect(twice).not.toContain('hunter2')
  })
})

describe('a list in JSON as it is pasted', () => {
  it('may have blanks and new lines around it', () => {
    expect(rows(' \n["n1=kv01"]\n ')).toEqual(['n1 http://kv01:9324/sqs_health'])
    expect(rows('\n\t{"n1": "kv01"} \n')).toEqual(['n1 http://kv01:9324/sqs_health'])
  })
})
