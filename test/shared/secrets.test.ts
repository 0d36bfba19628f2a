import { describe, expect, it } from 'vitest'
import { isMaskable, makeRedactor } from '../../src/shared/secrets.ts'

const SECRET = 'p4s/s"w\\rd+é?'
const redact = (text: string) => makeRedactor([SECRET])(text)
const urlEncoded = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const jsonEscaped = (text: string) =>
  text.replace(/./gs, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

describe('makeRedactor', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON with all characters escaped', jsonEscaped(SECRET)],
    [
      'in JSON in upper-case escapes',
      jsonEscaped(SECRET).replace(/[a-f]/g, (c) => c.toUpperCase()),
    ],
    ['in JSON with escaped slashes', 'p4s\\/s\\"w\\\\rd+é?'],
    ['in JSON, one character escaped', 'p\\u0034s/s\\"w\\\\rd+é?'],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a URL with all characters escaped', urlEncoded(SECRET)],
    ['in a URL in upper-case escapes', urlEncoded(SECRET).toUpperCase().replace(/%/g, '%')],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in upper-case hexadecimal', Buffer.from(SECRET).toString('hex').toUpperCase()],
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
      expect(redact(encodeURIComponent(encoded))).toContain('***')
    }
  })

  it('hides each word of a value, because a peer may echo the token alone', () => {
    const hide = makeRedactor(['Bearer abcdefgh'])
    expect(hide('x abcdefgh y')).toBe('x *** y')
    expect(hide('Bearer abcdefgh')).toBe('***')
    expect(hide('Bearer+abcdefgh')).toBe('***')
  })

  it('hides the longest first, so that nothing is left over', () => {
    expect(makeRedactor(['abcd', 'abcdefgh'])('abcdefgh abcd')).toBe('*** ***')
  })

  it('hides all of several secrets', () => {
    expect(makeRedactor(['aaaa', 'bbbb'])('aaaa bbbb cccc')).toBe('*** *** cccc')
  })

  it('leaves text alone that a secret of fewer than four characters would blank out', () => {
    expect(makeRedactor(['abc', ''])('abc')).toBe('abc')
    expect(makeRedactor(['abcd'])('abcd')).toBe('***')
    expect(makeRedactor([])('anything')).toBe('anything')
  })

  it('hides characters of one, two and three bytes or units in every escape', () => {
    const secret = 'ab\t🙂€d'
    const hide = makeRedactor([secret])
    for (const form of [secret, jsonEscaped(secret), urlEncoded(secret)]) {
      expect(hide(`<${form}>`)).toBe('<***>')
    }
  })

  it('takes a plus for a blank only', () => {
    const hide = makeRedactor(['ab cd'])
    expect(hide('ab+cd')).toBe('***')
    expect(hide('++++++')).toBe('++++++')
    expect(makeRedactor(['abcd'])('++++, abc+')).toBe('++++, abc+')
  })

  it('takes characters that mean something in a pattern', () => {
    const hide = makeRedactor(['.*+?^$()|[]{2}'])
    expect(hide('a.*+?^$()|[]{2}b')).toBe('a***b')
    expect(hide('axxxxb')).toBe('axxxxb')
  })
})

describe('isMaskable', () => {
  it('refuses what the outputs of the gate hold, which the runner would drop', () => {
    for (const text of ['true', 'false', 'null', 'open', 'closed', '2026', '12345', 'abc', '']) {
      expect(isMaskable(text)).toBe(false)
    }
  })

  it('takes everything else of four characters or more', () => {
    for (const text of ['abcd', '123456', 'true!', 'xtrue', '12345x', 'x1234']) {
      expect(isMaskable(text)).toBe(true)
    }
  })
})
