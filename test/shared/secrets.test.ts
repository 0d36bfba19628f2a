import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeRedactor } from '../../src/shared/secrets.ts'

const SECRET = 'p4s/s"w\\rd+<é?'
const redact = (text: string) => makeRedactor([SECRET])(text)
const everyByte = [...Buffer.from(SECRET)]
  .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
  .join('')
const everyUnit = [...SECRET]
  .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  .join('')
const lowerHex = (text: string) => text.replace(/%../g, (byte) => byte.toLowerCase())

describe('makeRedactor', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON as Go writes it', 'p4s/s\\"w\\\\rd+\\u003cé?'],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a URL in lower-case escapes', lowerHex(encodeURIComponent(SECRET))],
    ['in a URL that escapes only what it must', encodeURI(SECRET)],
    ['in a URL that escapes every byte', everyByte],
    ['in a URL that escapes every byte, in lower case', everyByte.toLowerCase()],
    ['in upper case', SECRET.toUpperCase().replace('É', 'é')],
    ['in lower case and a URL', encodeURIComponent(SECRET.toLowerCase())],
    ['in JSON that escapes slashes', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
    ['in JSON that escapes every unit', everyUnit],
    ['in JSON that escapes every unit, in upper case', everyUnit.toUpperCase()],
    ['in HTML', 'p4s/s&quot;w\\rd+&lt;é?'],
    ['in HTML by numbers', 'p4s&#47;s&#x22;w\\rd&#43;&#60;&#xE9;?'],
  ])('hides a secret %s', (_, form) => {
    expect(redact(`a${form}z, ${form}`)).toBe('a***z, ***')
  })

  it.each([0, 1, 2, 3, 4, 5])('hides it in base64 of a text, %i bytes in', (before) => {
    for (const kind of ['base64', 'base64url'] as const) {
      const text = `${'x'.repeat(before)}${SECRET}yz`
      const encoded = Buffer.from(text).toString(kind)
      const shown = redact(encoded)
      expect(shown).toContain('***')
      const left = Buffer.from(shown.replace('***', ''), 'base64').toString('latin1')
      expect(left.length).toBeLessThan(before + 6)
    }
  })

  const TOKEN = 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.'
  const SIMILAR = [`${TOKEN}aaaaaa-longer`, `${TOKEN}bbbb`, 'bbbb-cccc']
  it.each([
    ['a word of one, which a peer may echo alone', ['Bearer abcdefgh'], 'x abcdefgh y', 'x *** y'],
    ['all words of one together', ['Bearer abcdefgh'], 'Bearer abcdefgh', '***'],
    ['no short word of one alone', ['Bearer abcdefg'], 'Bearer or abcdefg', 'Bearer or abcdefg'],
    ['the longest first', ['abcd', 'abcdefgh'], 'abcdefgh abcd', '*** ***'],
    ['all of several', ['aaaa', 'bbbb'], 'aaaa bbbb cccc', '*** *** cccc'],
    ['one that begins as another', SIMILAR, `<${TOKEN}bbbb>`, '<***>'],
    ['two that overlap', SIMILAR, `<${TOKEN}bbbb-cccc>`, '<***>'],
    ['one of four characters', ['abcd'], 'abcd', '***'],
    ['none of three, which would blank out text', ['abc', ''], 'abc', 'abc'],
    ['nothing without secrets', [], 'anything', 'anything'],
    ['one that repeats itself', ['a'.repeat(65_536)], 'a'.repeat(16_384), '***'],
    ['one that almost repeats itself', [`${'ab'.repeat(20)}X`], `${'ab'.repeat(25)}X!`, '***!'],
    ['half a surrogate pair', ['abc\ud800def'], '<abc\ud800def>', '<***>'],
    ['one that is written like a pattern', ['.*+?^$()|[]{2}'], 'a.*+?^$()|[]{2}b', 'a***b'],
    ['no text that it would match as a pattern', ['.*+?^$()|[]{2}'], 'axxxxb', 'axxxxb'],
  ])('hides %s', (_, secrets, text, shown) => {
    expect(makeRedactor(secrets)(text)).toBe(shown)
  })

  it('hides the beginning of a long one that was cut short', () => {
    const secret = randomBytes(300).toString('base64')
    const hide = makeRedactor([`Bearer ${secret}`])
    for (const length of [32, 33, 200, 399]) {
      expect(hide(`<${secret.slice(0, length)}…>`)).toBe('<***…>')
    }
    const encoded = Buffer.from(`x: ${secret}`).toString('base64').slice(0, 100)
    expect(hide(encoded)).toMatch(/^.{1,6}\*\*\*$/)
  })

  it.each([3_072, 65_536])('hides one of %i characters in many texts', (length) => {
    const secret = randomBytes(length).toString('base64').slice(0, length)
    const hide = makeRedactor([`Bearer ${secret}`])
    expect(hide(`<${secret}> <Bearer ${secret}>`)).toBe('<***> <***>')
    const text = 'x'.repeat(2_000)
    // Once a minute, and out of memory, with a pattern for each character.
    for (let count = 0; count < 10_000; count++) expect(hide(text)).toBe(text)
  })

  it.each([
    ['an escape', 'abc%41def'],
    ['an escape of JSON', 'abc\\u0041def'],
    ['an entity', 'abc&amp;def'],
    ['a broken escape', 'abc%4def&#x110000;'],
    ['half an escape at its beginning', '41abcdef'],
  ])('hides one that holds %s, as it is and with another escape in front', (_, secret) => {
    const hide = makeRedactor([secret])
    expect(hide(`<${secret}>`)).toBe('<***>')
    expect(hide(`<%2${secret}%20>`)).toBe('<%2***%20>')
    expect(hide(`<${encodeURIComponent(secret)}>`)).toBe('<***>')
  })

  it('hides one that begins with a pattern, wherever the pattern begins', () => {
    for (const repeats of [20, 21, 25]) {
      const hide = makeRedactor([`${'ab'.repeat(20)}REALSECRET`])
      expect(hide(`<${'ab'.repeat(repeats)}REALSECRET>`)).not.toContain('REALSECRET')
    }
  })

  it('hides one that an escape behind it would take apart, beside another', () => {
    expect(makeRedactor(['hunter2%', 'other-token'])('other-token hunter2%41')).toBe('*** ***41')
    const hide = makeRedactor(['Custom username12 password12\\'])
    expect(hide('bad header "Custom username12 password12\\"')).toBe('bad header "***"')
  })

  it('leaves text around an escape as it was written', () => {
    expect(redact('a%20b \\u0041 &lt;c&gt; %zz \\x &#1114112;')).toBe(
      'a%20b \\u0041 &lt;c&gt; %zz \\x &#1114112;',
    )
    expect(redact(`a%20b${SECRET}%20c`)).toBe('a%20b***%20c')
  })

  /** Compared unit by unit at every place, these take more than 40 s. */
  const LONG = 200_000
  it.each([
    ['equal letters', 'a'.repeat(LONG), 'a'.repeat(LONG)],
    ['equal letters, cut', 'a'.repeat(LONG), `b${'a'.repeat(LONG - 1)}`],
    ['equal letters with another behind', 'a'.repeat(LONG), `${'a'.repeat(LONG - 1)}b`],
    ['fifty equal letters', 'a'.repeat(50), 'a'.repeat(1_000_000)],
    ['almost equal letters', `${'a'.repeat(LONG - 1)}b`, 'a'.repeat(LONG)],
    ['a pattern in a pattern', `${'ab'.repeat(40)}c`, 'ab'.repeat(500_000)],
    ['percent signs', '%41'.repeat(LONG / 3), '%41'.repeat(LONG / 3)],
    ['backslashes', '\\'.repeat(LONG), '\\'.repeat(LONG)],
  ])('takes time in proportion to many %s', (_, secret, text) => {
    const before = performance.now()
    const shown = makeRedactor([secret])(text)
    expect(shown.replace(/^b/, '')).toMatch(/^\*{3}/)
    expect(shown.length).toBeLessThan(100)
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})
