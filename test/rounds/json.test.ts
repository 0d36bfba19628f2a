import { describe, expect, it } from 'vitest'
import { countKeys, decodeUtf8, describeValue, parseJson } from '../../src/rounds/json.ts'

it.each([
  ['{"status":1}', 1],
  ['{"STATUS":1,"status" : 2}', 2],
  ['{"\\u017ftatus":1,"st\\u0061tus":2}', 2],
  ['{"x":{"status":1},"y":[{"status":1}]}', 0],
  ['{"x":"status","y":"\\":","status":"{"}', 1],
  ['{"x":"}","z":[[]],"status":1}', 1],
  ['["status"]', 0],
])('keys are counted in the outermost object, in any spelling: %s', (json, count) => {
  expect(countKeys(json, 'status')).toBe(count)
})

describe('text', () => {
  it('is decoded to the letter', () => {
    expect(decodeUtf8(Buffer.from('\ufeffé'))).toBe('\ufeffé')
  })

  it.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]]])(
    'is none where it is not UTF-8: %j',
    (bytes) => {
      expect(decodeUtf8(Buffer.from(bytes))).toBeNull()
    },
  )
})

it('what is wrong with JSON is told without the text itself', () => {
  expect(parseJson('{"a":[1]}')).toEqual({ a: [1] })
  for (const text of ['hunter2', '{"x":hunter2}', `{"x":"${'y'.repeat(50)}hunter2`, '"hunter2']) {
    const wrong = parseJson(text)
    expect(wrong).toBeInstanceOf(SyntaxError)
    expect(String(wrong)).not.toContain('unter2')
  }
})

it.each([
  [undefined, 'missing'],
  [null, 'null'],
  [[], 'an array'],
  [{}, 'an object'],
  ['', 'a string'],
  [1, 'a number'],
  [false, 'a boolean'],
])('%j is %s in words', (value, words) => {
  expect(describeValue(value)).toBe(words)
})
