import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/shared/duration.ts'

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['1ms', 1],
    ['500ms', 500],
    ['3s', 3_000],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['1h1m1s1ms', 3_661_001],
    ['1.5s', 1_500],
    ['0.25h', 900_000],
    ['2us', 0.002],
    ['2µs', 0.002],
    ['2μs', 0.002],
    ['2ns', 0.000002],
    ['90s1m', 150_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9)
  })

  it.each([
    '',
    '0',
    '3',
    's',
    'ms',
    '-3s',
    '+3s',
    '3 s',
    ' 3s',
    '3s ',
    '3S',
    '3sec',
    '3d',
    '1e3s',
    '1.s',
    '.5s',
    '1..5s',
    '1,5s',
    '3s5',
    '3sx2m',
    'x3s',
    'Infinitys',
    'NaNs',
    '٣s',
    '0x3s',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull()
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [0.4, '0ms'],
    [12.6, '13ms'],
    [999.4, '999ms'],
    [999.6, '1s'],
    [1_000, '1s'],
    [1_500, '1.5s'],
    [3_000, '3s'],
    [59_960, '1m'],
    [60_000, '1m'],
    [90_000, '1m30s'],
    [90_500, '1m30.5s'],
    [3_600_000, '1h'],
    [3_601_000, '1h1s'],
    [5_400_000, '1h30m'],
    [86_400_000, '24h'],
    [3_661_200, '1h1m1.2s'],
  ])('writes %d as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})
