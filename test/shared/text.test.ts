import { describe, expect, it } from 'vitest'
import {
  allOf,
  cellText,
  isPrintable,
  listSome,
  logText,
  MAX_SHOWN,
  outputJson,
  plural,
  quote,
  showText,
} from '../../src/shared/text.ts'

describe('showText', () => {
  it('leaves ordinary text as it is, in any script', () => {
    for (const text of ['', 'kv01.internal:9324', 'größe 東京 🙂', '<b> & `x` | $(y)']) {
      expect(showText(text)).toBe(text)
    }
  })

  it.each([
    ['NUL', '\0', '\\u{0}'],
    ['line feed', '\n', '\\u{a}'],
    ['carriage return', '\r', '\\u{d}'],
    ['tab', '\t', '\\u{9}'],
    ['escape', '\x1b[2J', '\\u{1b}[2J'],
    ['C1 control', '\x9b', '\\u{9b}'],
    ['right-to-left override', '\u202e', '\\u{202e}'],
    ['isolate', '\u2066', '\\u{2066}'],
    ['zero width space', '\u200b', '\\u{200b}'],
    ['byte order mark', '\ufeff', '\\u{feff}'],
    ['soft hyphen', '\u00ad', '\\u{ad}'],
    ['no-break space', '\u00a0', '\\u{a0}'],
    ['ideographic space', '\u3000', '\\u{3000}'],
    ['line separator', '\u2028', '\\u{2028}'],
    ['paragraph separator', '\u2029', '\\u{2029}'],
    ['variation selector', '\ufe0f', '\\u{fe0f}'],
    ['tag character', '\u{e0041}', '\\u{e0041}'],
    ['Hangul filler', '\u3164', '\\u{3164}'],
    ['blank Braille', '\u2800', '\\u{2800}'],
    ['lone surrogate', '\ud800', '\\u{d800}'],
    ['private use', '\ue000', '\\u{e000}'],
  ])('makes a %s visible', (_, char, shown) => {
    expect(showText(`a${char}b`)).toBe(`a${shown}b`)
  })

  it('cuts after exactly so many UTF-16 units, escapes included', () => {
    expect(showText('abcde', 5)).toBe('abcde')
    expect(showText('abcdef', 5)).toBe('abcde…')
    expect(showText('a\n', 5)).toBe('a…')
    expect(showText('a\n', 6)).toBe('a\\u{a}')
    expect(showText('x'.repeat(MAX_SHOWN + 1))).toBe(`${'x'.repeat(MAX_SHOWN)}…`)
  })

  it('cuts no surrogate pair and no escape in half', () => {
    expect(showText('ab🙂c', 3)).toBe('ab…')
    expect(showText('ab🙂c', 4)).toBe('ab🙂…')
    expect(showText('\n\n', 7)).toBe('\\u{a}…')
  })
})

describe('isPrintable', () => {
  it('counts characters, not UTF-16 units', () => {
    expect(isPrintable('🙂'.repeat(100), 100)).toBe(true)
    expect(isPrintable('🙂'.repeat(101), 100)).toBe(false)
  })

  it('wants at least one character and none that is invisible', () => {
    expect(isPrintable('', 100)).toBe(false)
    expect(isPrintable('a b', 100)).toBe(true)
    expect(isPrintable('a\u200bb', 100)).toBe(false)
  })
})

describe('logText', () => {
  it.each([
    ['::error::x', '\\u{3a}:error::x'],
    ['  ::error::x', '  \\u{3a}:error::x'],
    ['\t::error::x', '\\u{9}\\u{3a}:error::x'],
    ['\u200b:\u200b:error::x', '\\u{200b}\\u{3a}\\u{200b}:error::x'],
    ['##[error]x', '##\\u{5b}error]x'],
    ['a ##[b]##[c]', 'a ##\\u{5b}b]##\\u{5b}c]'],
    ['###[error]', '###\\u{5b}error]'],
    ['#\u0488#\u{1d159}[error]', '#\u0488#\u{1d159}\\u{5b}error]'],
  ])('disarms %j', (text, shown) => {
    expect(logText(text)).toBe(shown)
  })

  it('leaves what is no command', () => {
    for (const text of ['a ::error::x', ':x:', ': :', '# #[x]', '#[x]', '[::1]:9324', 'a##']) {
      expect(logText(text)).toBe(text)
    }
  })

  it('is never longer than it says, however it is disarmed', () => {
    expect(logText('##['.repeat(200), 50).length).toBeLessThanOrEqual(51)
    expect(logText('abcdef', 5)).toBe('abcde…')
    expect(logText('abcde', 5)).toBe('abcde')
    expect(logText('abcd🙂', 5)).toBe('abcd…')
  })
})

describe('cellText', () => {
  it.each([
    ['', ''],
    ['a', '`a`'],
    ['a|b', '`a\\u{7c}b`'],
    ['`a``b', '`\\u{60}a\\u{60}\\u{60}b`'],
    ['a\\', '`a\\`'],
    [' a', '`  a `'],
    ['a ', '` a  `'],
    ['  ', '`\\u{20}\\u{20}`'],
    ['a\nb', '`a\\u{a}b`'],
  ])('shows %j as %j', (text, shown) => {
    expect(cellText(text)).toBe(shown)
  })

  it('is never longer than it says', () => {
    expect(cellText('|'.repeat(400), 60).length).toBeLessThanOrEqual(63)
    expect(cellText('abcdef', 5)).toBe('`abcde…`')
    expect(cellText('abcde', 5)).toBe('`abcde`')
  })
})

describe('outputJson', () => {
  it('keeps what every shell leaves alone and escapes all else', () => {
    const safe = 'AZaz09 -_.:/,=@+'
    expect(outputJson(safe)).toBe(`"${safe}"`)
    for (let code = 0; code < 0x250; code++) {
      const char = String.fromCharCode(code)
      if (safe.includes(char) || /[A-Za-z0-9]/.test(char)) continue
      expect(outputJson(char)).toBe(`"\\u${code.toString(16).padStart(4, '0')}"`)
    }
  })

  it('stays JSON of the same value', () => {
    const value = { a: ['"', '\\', '\\"', '$(x)`', '🙂\ud800', ''], 'k"$': null, n: [1.5, true] }
    const text = outputJson(value)
    expect(JSON.parse(text)).toEqual(value)
    expect(text).not.toMatch(/[$`!&|;<>()'\n]/)
  })

  it('takes long strings', () => {
    const text = '"\\$'.repeat(100_000)
    expect(JSON.parse(outputJson(text))).toBe(text)
  })
})

it('plural adds an s to all but one', () => {
  expect([0, 1, 2].map((count) => plural(count, 'node'))).toEqual(['nodes', 'node', 'nodes'])
})

describe('listSome', () => {
  it.each([
    [[], 2, ''],
    [['a'], 2, 'a'],
    [['a', 'b'], 2, 'a and b'],
    [['a', 'b', 'c'], 3, 'a, b and c'],
    [['a', 'b', 'c'], 2, 'a, b and 1 more'],
    [['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'], 2, 'a, b and 7 more'],
    [['a', 'b', 'c'], 1, 'a and 2 more'],
    [['a', 'b'], 0, '2 more'],
  ])('writes %j, at most %i, as %j', (texts, max, written) => {
    expect(listSome(texts, max)).toBe(written)
  })
})

it('allOf says how many all are', () => {
  expect([1, 2, 3, 40].map((count) => allOf(count, 'node'))).toEqual([
    'the only node',
    'both nodes',
    'all 3 nodes',
    'all 40 nodes',
  ])
})

it('quote shows a harmless piece of a text', () => {
  expect(quote('a\u202eb')).toBe('"a\\u{202e}b"')
  expect(quote('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`)
  expect(quote('x'.repeat(61))).toBe(`"${'x'.repeat(60)}…"`)
})
