import { describe, expect, it } from 'vitest'
import { AnswerError } from '../../src/exchange/exchange.ts'
import { MAX_MEMBERS, makeDecoder } from '../../src/membership/decoder.ts'
import type { Status } from '../../src/shared/status.ts'
import { MEMBERS } from '../support/raft-faults.ts'
import { encodeMembers, field } from '../support/raft-wire.ts'

const two = (...ids: readonly string[]) =>
  encodeMembers(ids.map((id) => ({ id, address: 'a:1', suffrage: 'voter' })))
const message = (id: string) => encodeMembers([{ id, address: 'a:1', suffrage: 'voter' }])

describe('decoding', () => {
  it('gives the members as plain values', () => {
    expect(makeDecoder()(encodeMembers(MEMBERS))).toStrictEqual(MEMBERS)
  })

  it('keeps a member without an address, and any suffrage', () => {
    const members = [{ id: '626985543730257215', address: '', suffrage: 'nonvoter' }]
    expect(makeDecoder()(encodeMembers(members))).toEqual(members)
  })

  it('keeps hostile text as it is', () => {
    const id = '\n::error::\u202e\0<b>'
    expect(makeDecoder()(message(id))[0]?.id).toBe(id)
  })

  it.each<[string, Uint8Array, Status, RegExp]>([
    ['without members', Buffer.alloc(0), 'unhealthy', /^it knows no members/],
    ['with a member without an id', two('n1', ''), 'malformed', /^member 2 of 2 has no id$/],
    [
      'that is cut short',
      message('n1').subarray(0, -1),
      'malformed',
      /^the answer cannot be decoded/,
    ],
    ['that is no protobuf', Buffer.from('<html>'), 'malformed', /^the answer cannot be decoded/],
    [
      'with more than 10,000 members',
      Buffer.concat(Array(MAX_MEMBERS + 1).fill(field(1, ''))),
      'too-large',
      /^it knows 10001 members, at most 10000 are read$/,
    ],
  ])('refuses an answer %s', (_, answer, status, words) => {
    const decode = () => makeDecoder()(answer)
    expect(decode).toThrow(AnswerError)
    expect(decode).toThrow(
      expect.objectContaining({ status, message: expect.stringMatching(words) }),
    )
  })

  it('takes 10,000 members, and does not count other fields among them', () => {
    const member = message('n1')
    const answer = Buffer.concat([...Array(MAX_MEMBERS).fill(member), field(9, 'later')])
    expect(makeDecoder()(answer)).toHaveLength(MAX_MEMBERS)
  })
})

describe('a decoder', () => {
  it('gives one list for equal answers, and another for any other', () => {
    const decode = makeDecoder()
    const first = decode(message('n1'))
    expect(decode(Buffer.from(message('n1')))).toBe(first)
    expect(decode(message('n2'))).not.toBe(first)
    expect(decode(message('n1'))).toBe(first)
  })

  it('tells apart what differs in one bit', () => {
    const decode = makeDecoder()
    expect(decode(message('é'))[0]?.id).toBe('é')
    expect(decode(message('è'))[0]?.id).toBe('è')
  })

  it('judges a bad answer each time', () => {
    const decode = makeDecoder()
    for (const _ of [1, 2]) expect(() => decode(Buffer.alloc(0))).toThrow(/no members/)
  })

  it('forgets, past 16 MiB', () => {
    const decode = makeDecoder()
    const first = decode(message('n1'))
    for (let index = 0; index < 20; index++) decode(message(`${index}`.padEnd(1_000_000, 'x')))
    expect(decode(message('n1'))).not.toBe(first)
    expect(decode(message('n1'))).toEqual(first)
  })
})
