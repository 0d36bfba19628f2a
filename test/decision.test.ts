import { describe, expect, it } from 'vitest'
import { type Answer, decide } from '../src/decision.ts'

const GOOD = '{"status":"ok","capabilities":["htfifo"]}\n'

const answer = (body: string | Uint8Array, rest: Partial<Answer> = {}): Answer => ({
  httpStatus: 200,
  location: null,
  body: typeof body === 'string' ? Buffer.from(body) : body,
  ...rest,
})
const statusOf = (body: string | Uint8Array, rest: Partial<Answer> = {}) =>
  decide(answer(body, rest), 'htfifo').status

/** A good body, padded with blanks to exactly so many bytes. */
const padded = (bytes: number) => GOOD.trim().padEnd(bytes)

describe('a peer advertises', () => {
  it.each([
    ['the body of a ready node', GOOD],
    ['more capabilities and fields', '{"capabilities":["a","htfifo","b"],"status":"ok","x":[{}]}'],
    ['exactly 1,024 bytes', padded(1_024)],
  ])('with %s', (_, body) => {
    expect(statusOf(body)).toBe('advertises')
  })
})

describe('a peer does not advertise', () => {
  it.each([
    ['missing-capability', '{"status":"ok","capabilities":[]}'],
    ['missing-capability', '{"status":"ok","capabilities":["HTFIFO"," htfifo","htfifo2"]}'],
    ['legacy', 'ok\n'],
    ['legacy', 'ok'],
    ['unhealthy', '{"status":"starting","capabilities":["htfifo"]}'],
    ['malformed', ''],
    ['malformed', 'OK\n'],
    ['malformed', '{"status":"ok","capabilities":["htfifo"]'],
    ['malformed', `\ufeff${GOOD}`],
    ['malformed', `${GOOD}${GOOD}`],
    ['malformed', 'null'],
    ['malformed', '["htfifo"]'],
    ['malformed', '{"capabilities":["htfifo"]}'],
    ['malformed', '{"status":true,"capabilities":["htfifo"]}'],
    ['malformed', '{"status":"ok"}'],
    ['malformed', '{"status":"ok","capabilities":"htfifo"}'],
    ['malformed', '{"status":"ok","capabilities":{"0":"htfifo"}}'],
    ['malformed', '{"status":"ok","capabilities":["htfifo",1]}'],
    ['malformed', '{"status":"ok","capabilities":["htfifo"],"CAPABILITIES":[]}'],
    ['malformed', '{"status":"ok","STATUS":"bad","capabilities":["htfifo"]}'],
    ['too-large', padded(1_025)],
  ])('%s: %j', (status, body) => {
    expect(statusOf(body)).toBe(status)
  })
})
