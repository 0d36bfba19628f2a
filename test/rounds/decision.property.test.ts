import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, MAX_BODY_BYTES } from '../../src/exchange/exchange.ts'
import { decide } from '../../src/rounds/decision.ts'
import { pollLoop } from '../../src/rounds/loop.ts'
import { judge } from '../../src/rounds/verdict.ts'
import { answerWith } from '../support/answers.ts'
import { FUZZ } from '../support/fuzz.ts'
import { makeResult } from '../support/rounds.ts'
import { serverPasses } from '../support/server-model.ts'
import { GOOD } from '../support/servers.ts'

/** Keys and strings near the ones that count. */
const word = fc.constantFrom(
  ...['ok', 'OK', 'htfifo', 'HTFIFO', 'htfifo ', 'status', 'Status', 'ſtatus', 'capabilities'],
  ...['CAPABILITIES', 'capabilitie\u017f', '__proto__', 'length', '0', '', '\ufeff', '\u0000'],
)
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.constantFrom(null, true, false, 0, -1.5e300),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(word, tie('value')), { maxLength: 5 }).map((pairs) => new Map(pairs)),
  ),
})).value

/** Writes a value as JSON; a map becomes an object, with its keys as often as they are there. */
function write(value: unknown): string {
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${write(key)}:${write(item)}`).join(',')}}`
  }
  return Array.isArray(value) ? `[${value.map(write).join(',')}]` : JSON.stringify(value)
}

/** Objects with the fields that count, in several spellings, several times, in any order. */
const nearlyGood = fc
  .array(
    fc.oneof(
      fc.constantFrom('"status":"ok"', '"capabilities":["htfifo"]'),
      fc.tuple(word, json).map(([key, value]) => `${write(key)}:${write(value)}`),
      fc.array(word, { maxLength: 3 }).map((list) => `"capabilities":${write(list)}`),
    ),
    { maxLength: 5 },
  )
  .map((fields) => Buffer.from(`{${fields.join(',')}}`))

/** A good answer with a few bytes changed, taken out, put in, or cut off, or padded to the limit. */
const mutation = fc
  .array(
    fc.record({
      at: fc.nat(GOOD.length),
      cut: fc.constantFrom(0, 0, 1, 2, 5, 50),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc.constantFrom(
          '"',
          ',',
          '\\u0068',
          '\\',
          ' ',
          '\n',
          'null',
          '[',
          '}',
          '\ufeff',
          '\0',
          'é',
        ),
      ),
    }),
    { maxLength: 3 },
  )
  .chain((edits) => fc.tuple(fc.constant(edits), fc.constantFrom(0, 0, 0, 1_023, 1_024, 1_025)))
  .map(([edits, size]) => {
    let bytes = Buffer.from(GOOD)
    for (const { at, cut, put } of edits) {
      const piece = typeof put === 'string' ? Buffer.from(put) : put
      bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + cut)])
    }
    const pad = Buffer.alloc(Math.max(0, size - bytes.length), ' ')
    return Buffer.concat([bytes, pad])
  })

const body: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: mutation },
  { weight: 3, arbitrary: nearlyGood },
  { weight: 1, arbitrary: json.map((value) => Buffer.from(write(value))) },
  { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 1_100 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)) },
)
const httpStatus = fc.oneof(
  { weight: 6, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 999 }) },
)
const answer: fc.Arbitrary<Answer> = fc.record({
  httpStatus,
  body,
  head: fc.record({
    location: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    age: fc.option(fc.oneof(fc.constant('0'), fc.string()), { nil: undefined, freq: 1 }),
    warning: fc.option(fc.oneof(fc.constant('110 - "stale"'), fc.string()), {
      nil: undefined,
      freq: 1,
    }),
    'cache-status': fc.option(fc.constantFrom('a; hit', 'a; fwd=miss'), {
      nil: undefined,
      freq: 1,
    }),
    'content-encoding': fc.option(fc.constantFrom('identity', 'gzip', ''), {
      nil: undefined,
      freq: 1,
    }),
  }),
  proxy: fc.constantFrom(null, 'proxy:3128'),
})
const good = answerWith(GOOD)

describe('the decision about any answer', () => {
  it('is advertises only where the poller of the server passes the peer as well', () => {
    let passed = 0
    fc.assert(
      fc.property(answer, (given) => {
        if (decide(given, 'htfifo').status !== 'advertises') return
        passed++
        expect(serverPasses(given.httpStatus, given.body, 'htfifo')).toBe(true)
      }),
      FUZZ,
    )
    // Otherwise nothing was tested.
    expect(passed).toBeGreaterThan(FUZZ.numRuns / 100)
  })

  it('is advertises only for a 200 of at most 1,024 bytes, and names no list otherwise', () => {
    fc.assert(
      fc.property(answer, (given) => {
        const { status, capabilities, error } = decide(given, 'htfifo')
        if (status === 'advertises') {
          expect(given.httpStatus).toBe(200)
          expect(given.body.length).toBeLessThanOrEqual(MAX_BODY_BYTES)
          expect(capabilities).toContain('htfifo')
        }
        if (status === 'missing-capability') expect(capabilities).not.toContain('htfifo')
        expect(capabilities !== null).toBe(
          ['advertises', 'missing-capability', 'unhealthy'].includes(status),
        )
        expect(error === '').toBe(['advertises', 'missing-capability'].includes(status))
        if (given.httpStatus !== 200) expect(['redirect', 'http-error']).toContain(status)
      }),
      FUZZ,
    )
  })

  it('is advertises for every well-formed list that holds the capability', () => {
    const list = fc.array(fc.string(), { maxLength: 10 })
    fc.assert(
      fc.property(list, list, fc.string({ minLength: 1 }), (before, after, capability) => {
        const capabilities = [...before, capability, ...after]
        const text = JSON.stringify({ capabilities, status: 'ok' })
        fc.pre(text.length <= 300)
        const given = { ...good, body: Buffer.from(text) }
        expect(decide(given, capability)).toEqual({ status: 'advertises', capabilities, error: '' })
        expect(serverPasses(200, given.body, capability)).toBe(true)
      }),
      FUZZ,
    )
  })

  it('does not depend on what the answer before was', () => {
    fc.assert(
      fc.property(answer, answer, (one, other) => {
        const first = decide(one, 'htfifo')
        decide(other, 'htfifo')
        expect(decide(one, 'htfifo')).toEqual(first)
      }),
      { ...FUZZ, numRuns: Math.ceil(FUZZ.numRuns / 10) },
    )
  })
})

/** Whether the gate opens for a single round in which peers give these answers. */
async function gate(answers: readonly Answer[]): Promise<boolean> {
  const results = answers.map((given, index) => {
    const { status, error } = decide(given, 'htfifo')
    return makeResult(status, { name: `n${index}`, error })
  })
  const run = await pollLoop({
    waitMs: 0,
    intervalMs: 1,
    stableRounds: 1,
    signal: new AbortController().signal,
    poll: async () => ({ results, membership: null, warnings: [], checkedAt: '' }),
    pause: async () => undefined,
    now: () => 0,
    onRound: () => undefined,
  })
  return judge(run, { capability: 'htfifo', stableRounds: 1 }, false).open
}

describe('the gate', () => {
  const answers = fc.array(fc.oneof(fc.constant(good), answer), { maxLength: 12 })

  it('opens exactly for lists with peers, all of which advertise', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (list) => {
        const all = list.every((item) => decide(item, 'htfifo').status === 'advertises')
        expect(await gate(list)).toBe(list.length > 0 && all)
      }),
      FUZZ,
    )
  })

  it('stays closed by one bad peer, whatever good peers are added, removed or moved', async () => {
    const bad = answer.filter(({ httpStatus: status, body: bytes }) => {
      return !serverPasses(status, bytes, 'htfifo')
    })
    const counts = fc.nat(30)
    await fc.assert(
      fc.asyncProperty(bad, counts, counts, async (wrong, before, after) => {
        const goods = (count: number) => Array<Answer>(count).fill(good)
        expect(await gate([...goods(before), wrong, ...goods(after)])).toBe(false)
        expect(await gate([...goods(before + 1), ...goods(after)])).toBe(true)
      }),
      FUZZ,
    )
  })
})

describe('the model of the server', () => {
  it.each([
    [true, GOOD],
    [true, '{"Status":"bad","Capabilities":["a","htfifo"]}'],
    [true, '{"capabilities":[],"capabilities":["htf\\u0069fo",null]}'],
    [true, '{"capabilities":["htfifo"]}'],
    [false, '{"capabilities":["htfifo"],"CAPABILITIES":[]}'],
    [false, '{"status":1,"capabilities":["htfifo"]}'],
    [false, '{"capabilities":["htfifo",1]}'],
    [false, '["htfifo"]'],
    [false, `${GOOD}x`],
    [false, `${GOOD.trim().slice(0, -1)}${' '.repeat(1_024)}}`],
    [false, 'ok'],
    [false, ''],
    [false, 'null'],
  ])('says %s for %j', (passes, text) => {
    expect(serverPasses(200, Buffer.from(text), 'htfifo')).toBe(passes)
    expect(serverPasses(201, Buffer.from(text), 'htfifo')).toBe(false)
  })
})
