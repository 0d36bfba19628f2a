import { describe, expect, it } from 'vitest'
import { encodeBlocking, encodeUnlisted, membershipState } from '../../src/report/outputs.ts'
import { refuse } from '../../src/rounds/verdict.ts'
import { makeMembership, makeResult, makeRound, makeVerdict } from '../support/rounds.ts'

describe('encodeBlocking', () => {
  it('is the names of the peers that do not advertise, in their order', () => {
    const verdict = makeVerdict(makeRound('dns', 'advertises', 'missing-capability'))
    expect(encodeBlocking(verdict)).toBe('["n1","n3"]')
    expect(encodeBlocking(makeVerdict(makeRound('advertises')))).toBe('[]')
    expect(encodeBlocking(makeVerdict([]))).toBe('[]')
  })

  it('holds nothing that a shell would run', () => {
    const verdict = makeVerdict([makeResult('dns', { name: '$(id)' })])
    expect(encodeBlocking(verdict)).toBe('["\\u0024\\u0028id\\u0029"]')
  })

  it('is bounded, and counts what it leaves out', () => {
    const results = Array.from({ length: 5_000 }, (_, at) =>
      makeResult('dns', { name: `${at} ${'x'.repeat(95)}` }),
    )
    const text = encodeBlocking(makeVerdict(results))
    expect(text.length).toBeLessThan(256 * 1_024 + 32)
    const names: string[] = JSON.parse(text)
    expect(names[0]).toMatch(/^0 x/)
    expect(names.at(-1)).toBe(`and ${5_001 - names.length} more`)
    expect(names.length).toBeGreaterThan(2_000)
  })
})

describe('encodeUnlisted', () => {
  const member = { address: 'a', suffrage: 'voter', listed: false, knownBy: ['n1'] }
  const encode = (ids: readonly string[]) => {
    const members = [...makeMembership({}).members, ...ids.map((id) => ({ ...member, id }))]
    return encodeUnlisted(makeVerdict([], { membership: makeMembership({ members }) }))
  }

  it('is the Raft ids of members that are not in the list, each once', () => {
    expect(encode(['n4', 'n5', 'n4'])).toBe('["n4","n5"]')
    expect(encode([])).toBe('[]')
    expect(encodeUnlisted(makeVerdict([]))).toBe('[]')
  })

  it('holds nothing that a shell would run', () => {
    expect(encode(['$(id)'])).toBe('["\\u0024\\u0028id\\u0029"]')
  })

  it('is bounded by number and by length, and counts what it leaves out', () => {
    const text = encode(Array.from({ length: 10_000 }, (_, at) => `${at} ${'x'.repeat(95)}`))
    expect(text.length).toBeLessThan(128 * 1_024 + 32)
    const ids: string[] = JSON.parse(text)
    expect(ids.length).toBeGreaterThan(1_000)
    expect(ids.at(-1)).toBe(`and ${10_001 - ids.length} more`)
    expect(JSON.parse(encode(['🙂'.repeat(400_000), 'n5']))).toEqual([`${'🙂'.repeat(150)}…`, 'n5'])
  })
})

describe('membershipState', () => {
  it.each(['complete', 'incomplete', 'unknown'] as const)('tells %s', (state) => {
    const membership = makeMembership({ state })
    expect(membershipState(makeVerdict([], { membership }))).toBe(state)
  })

  it('tells that nothing was checked', () => {
    expect(membershipState(makeVerdict(makeRound('advertises')))).toBe('not-checked')
    expect(membershipState(refuse(['a'], 'x'))).toBe('not-checked')
  })
})
