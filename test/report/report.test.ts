import { expect, it } from 'vitest'
import { NOTHING_POLLED, render } from '../../src/report/report.ts'
import { refuse } from '../../src/rounds/rounds.ts'
import { makePeer, makeResult, makeRound } from '../support/rounds.ts'
import { makeContext, makeMembership, makeUnlisted, makeVerdict } from '../support/verdicts.ts'

it('the outputs count, name who blocks, and tell the membership', () => {
  const membership = makeMembership({
    members: [makeUnlisted('n4'), makeUnlisted('n5'), makeUnlisted('n4', { address: 'x:1' })],
  })
  const results = makeRound('dns', 'advertises', 'missing-capability')
  const { outputs } = render(makeVerdict(results, { membership, rounds: 3 }), makeContext(), 1)
  const { report, ...others } = outputs
  expect(others).toEqual({
    'peer-count': 3,
    'advertising-count': 1,
    'blocking-peers': '["n1","n3"]',
    membership: 'incomplete',
    'unlisted-members': '["n4","n5"]',
    rounds: 3,
    'checked-at': '2026-11-23T12:00:00.000Z',
  })
})

it('the outputs of a run that polled nothing are set as well', () => {
  const { outputs } = render(refuse(['a'], 'x'), NOTHING_POLLED, 1)
  expect(outputs).toMatchObject({
    'peer-count': 0,
    'blocking-peers': '[]',
    membership: 'not-checked',
    'unlisted-members': '[]',
    rounds: 0,
    'checked-at': '',
  })
})

it('the report file is the whole report, also where the output is not', () => {
  const results = Array.from({ length: 5_000 }, (_, at) => makeResult('dns', { name: `n${at}` }))
  const { outputs, reportFile } = render(makeVerdict(results), makeContext(), 1)
  expect(JSON.parse(String(outputs['report'])).peersOmitted).toBe(5_000)
  expect(JSON.parse(reportFile).peers).toHaveLength(5_000)
})

it.each(['x', 'é', '🙂', '\u{10ffff}', '\0', '"'])(
  'all outputs together stay below 512 Ki characters, whatever is full of %j',
  (char) => {
    const text = char.repeat(100 / char.length)
    const members = Array.from({ length: 1_000 }, (_, at) =>
      makeUnlisted(`${at}${text}`, { knownBy: Array<string>(20).fill(text) }),
    )
    const sizeOf = (peers: number, errors: number) => {
      const results = Array.from({ length: peers }, (_, at) =>
        makeResult('malformed', {
          peer: makePeer(`${at}${text}`.slice(0, 100)),
          error: text.repeat(errors),
        }),
      )
      const verdict = makeVerdict(results, { membership: makeMembership({ members }) })
      const { outputs } = render(verdict, makeContext(), 1)
      expect(() => JSON.parse(String(outputs['report']))).not.toThrow()
      return Object.entries(outputs).join().length
    }
    for (const [peers, errors] of [
      [3_000, 1],
      [150, 1],
      [1, 500],
      [1, 4_000],
    ] as const) {
      expect(sizeOf(peers, errors)).toBeLessThan(512 * 1_024 - 8_192)
    }
  },
)
