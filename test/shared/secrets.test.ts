import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeRedactor } from '../../src/shared/secrets.ts'

const SECRET = 'p4s/s"w\\rd+<é?'
const redact = (text: string) => makeRedactor([SECRET])(text)
const lowerHex = (text: string) => text.replace(/%../g, (byte) => byte.toLowerCase())

describe('makeRedactor', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON as Go writes it', 'p4s/s\\"w\\\\rd+\\u003cé?'],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a URL in lower-case escapes', lowerHex(encodeURIComponent(SECRET))],
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

  it('hides each word of a value, because a peer may echo the token alone', () => {
    const hide = makeRedactor(['Bearer abcdefgh'])
    expect(hide('x abcdefgh y')).toBe('x *** y')
    expect(hide('Bearer abcdefgh')).toBe('***')
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

  it('hides two that begin alike, and one that lies across another', () => {
    const start = 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.'
    const hide = makeRedactor([`${start}aaaaaa-longer`, `${start}bbbb`, 'bbbb-cccc'])
    expect(hide(`<${start}bbbb>`)).toBe('<***>')
    expect(hide(`<${start}bbbb-cccc>`)).toBe('<***>')
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

  it('hides one that repeats itself', () => {
    expect(makeRedactor(['a'.repeat(65_536)])('a'.repeat(16_384))).toBe('***')
    expect(makeRedactor([`${'ab'.repeat(20)}X`])(`${'ab'.repeat(25)}X!`)).toBe('***!')
  })

  it('takes half a surrogate pair', () => {
    expect(makeRedactor(['abc\ud800def'])('<abc\ud800def>')).toBe('<***>')
  })

  it('takes characters that mean something in a pattern', () => {
    const hide = makeRedactor(['.*+?^$()|[]{2}'])
    expect(hide('a.*+?^$()|[]{2}b')).toBe('a***b')
    expect(hide('axxxxb')).toBe('axxxxb')
  })
})
