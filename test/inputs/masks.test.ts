import { describe, expect, it } from 'vitest'
import { isMaskable, secretValues } from '../../src/inputs/masks.ts'
import { STATUSES } from '../../src/report/advice.ts'

describe('what the runner is told to mask', () => {
  it.each([
    ...['abc', '8080', '12345', 'true', 'http', 'https', 'Closed', 'GET', 'production', 'eu-west'],
    // What the outputs hold: the runner would drop them.
    ...['null', 'open', 'closed', 'version', 'capabilities', 'incomplete', 'not-checked', 'htfifo'],
  ])('is not %s', (text) => expect(isMaskable(text)).toBe(false))

  it.each([
    ...['p@ss', 't0ken', '123456', 'abcDEF', 'abcdefghijklm', 'Bearer abc', 'true '],
    ...['-abc', 'a.b.c', 'eu--west'],
  ])('is %s', (text) => expect(isMaskable(text)).toBe(true))

  it('is no word of a short status', () => {
    for (const status of Object.keys(STATUSES).filter((text) => text.length <= 12)) {
      expect(isMaskable(status), status).toBe(false)
    }
  })
})

it('secretValues are those of all headers but the ones that carry none', () => {
  expect(
    secretValues({
      authorization: 'Bearer x',
      cookie: 'a=b',
      'x-anything': 'c',
      'x-forwarded-proto': 'http',
      traceparent: '00-1-2-01',
    }),
  ).toEqual(['Bearer x', 'a=b', 'c'])
})

it.each([
  ...['accept-language', 'b3', 'baggage', 'content-type', 'date', 'dnt', 'forwarded', 'from'],
  ...['origin', 'pragma', 'referer', 'traceparent', 'tracestate', 'via', 'x-correlation-id'],
  ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'],
  ...['x-real-ip', 'x-request-id'],
])('%s says how a request travels, and is no secret', (name) => {
  expect(secretValues({ [name]: 'value', [`x-${name}`]: 'secret' })).toEqual(['secret'])
})
