import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePeers } from '../../src/inputs/peers.ts'

const read = (text: string) => parsePeers(text, { sqs: 9_324, raft: [] })

it('finds blanks in one pass over the text, even a million of them', () => {
  const before = performance.now()
  expect(read(`a${' '.repeat(1_000_000)}b`).problems[0]).toContain('found blanks inside an entry')
  expect(performance.now() - before).toBeLessThan(10_000)
})

describe('what people paste', () => {
  it.each([
    ['127.0.0.4:1 n2=127.0.0.2:1', 'found blanks inside an entry, expected a comma or a new line'],
    ['n1=kv01 n2=kv02', 'found blanks'],
    ['n1 = kv01 n2 = kv02', 'found blanks'],
    ['n1 = kv01:0', 'found port "0"'],
    ['n1=kv01\tn2=kv02', 'found blanks'],
    ['kv01 kv02', 'found blanks'],
    ['n1= n2=kv02', 'expected host, host:port'],
    ['n1=kv01;n2=kv02', 'found ";", expected a comma or a new line'],
    ['kv01;n2=kv02', 'found ";"'],
    ['n1=http://kv01/;http://kv02', 'found ";"'],
    ['n1=kv01|n2=kv02', 'found "|"'],
    ['kv01\\nn2=kv02', 'found "\\n" as plain characters, expected a comma or a new line'],
    ['n1=kv01\\r\\nn2=kv02', 'found "\\r\\n" as plain characters'],
    ['n1=kv01，n2=kv02', 'found "，" (U+FF0C), expected a comma'],
    ['kv01、n2=kv02', 'found "、" (U+3001)'],
    ['kv01；n2=kv02', 'found "；" (U+FF1B)'],
    ['n1=kv01 and n2=kv02', 'found "and", expected a comma'],
    ['kv01 AND n2=kv02', 'found "and"'],
    ['KV01 # was n1=KV00', 'found "#" behind an entry, expected a comment on a line of its own'],
    ['http://kv01 #x', 'found "#" behind'],
    ['- n1=kv01', 'found "- " in front, expected the entry without it'],
    ['* kv01', 'found "* " in front'],
    ['• kv01', 'found "• " in front'],
    ['n1="kv01"', 'found the quotation mark ", expected none'],
    ["n1='kv01'", "found the quotation mark ', expected none"],
    ['“n1=kv01', 'found the quotation mark “'],
    ['n1=http://kv01/"', 'found the quotation mark "'],
    ['n1: kv01', 'found a blank behind a colon, expected name=address'],
    ['[kv01', 'found one bracket without the other'],
    ['n2=kv02]', 'found one bracket without the other'],
    ['kv\u200b01', 'found the invisible character U+200B, expected none'],
    ['kv01\u00a0kv02', 'found the invisible character U+00A0'],
    ['kv01\u2028n2=kv02', 'found the invisible character U+2028'],
  ])('%j', (text, words) => {
    const { peers, problems } = read(text)
    expect([peers.length, problems.length]).toEqual([0, 1])
    expect(problems[0]).toContain(words)
    expect(problems[0]).toMatch(/^peers: entry 1( ".*")?: /)
  })

  it('is fine with a byte order mark at the end of a name, which counts as a blank', () => {
    expect(read('n1\ufeff=kv01')).toMatchObject({ peers: [{ name: 'n1' }], problems: [] })
  })

  it.each(['"n1=kv01,n2=kv02"', "'kv01\nkv02'", ' “kv01” ', '"kv01","kv02"', '`kv01`'])(
    'quotes around the list %j are one problem',
    (text) => {
      expect(read(text)).toMatchObject({
        peers: [],
        problems: ['peers: found quotation marks around the list or its entries, expected none'],
      })
    },
  )

  it('is told whole in an annotation of 200 characters, also for nine long names on one line', () => {
    const nine = Array.from({ length: 9 }, (_, at) => `kv0${at}.a-long-name.example.ts.net:9324`)
    const lists = [' ', ';', '|', '\\n', '，', ' and ', ' # '].map((separator) =>
      nine.join(separator),
    )
    const long = 'x'.repeat(300)
    const more = [
      `${long}=kv`,
      `${long}?=kv`,
      `kv:${long}`,
      `http://kv/${long};`,
      `${long}①`,
      `[${long}`,
    ]
    for (const text of [...lists, ...more, ...nine.map((name) => `- ${name}`)]) {
      const { problems } = read(text)
      expect(problems).toHaveLength(1)
      expect(problems[0]?.length).toBeLessThanOrEqual(200)
      expect(problems[0]).toMatch(/expected|scheme/)
    }
  })
})

it('no address vanishes, whatever stands between two on a line', () => {
  const host = fc.integer({ min: 0, max: 999_999 }).map((n) => `kv${n}`)
  const address = fc.oneof(
    host,
    host.map((name) => `${name}:1`),
    host.map((name) => `http://${name}`),
  )
  const entry = fc.tuple(fc.boolean(), address).map(([named, text]) => (named ? `n=${text}` : text))
  const blank = fc.constantFrom('', ' ', '\t')
  const separator = fc
    .tuple(
      blank,
      fc.constantFrom(
        ...[
          ',',
          '\n',
          ' ',
          ';',
          '|',
          '\\n',
          '，',
          '、',
          ' and ',
          ' # ',
          ' - ',
          '\u200b',
          '\u2028',
          '\u00a0',
        ],
        ...['\r', '\v', '\u0085', '&', '+', '"', "'", '","', '=>', '#', '>', '(', ', ', '\n- '],
      ),
      blank,
    )
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      fc.uniqueArray(entry, { minLength: 1, maxLength: 6 }),
      fc.array(separator, { minLength: 6, maxLength: 6 }),
      (entries, separators) => {
        const text = entries.map((one, at) => (at === 0 ? one : separators[at] + one)).join('')
        const { peers, problems } = read(text)
        // What is no problem is asked: each address that was written is there, and nothing else.
        if (problems.length > 0) return
        const written = entries.map((one) => one.replace(/^n=/, ''))
        const asked = new Set(peers.map(({ url }) => new URL(url).host))
        for (const one of written) {
          const host = one
            .replace(/^http:\/\//, '')
            .replace(/^([^:]*)$/, one.startsWith('http') ? '$1' : '$1:9324')
          expect(asked).toContain(host)
        }
      },
    ),
    { numRuns: 3_000 },
  )
})
