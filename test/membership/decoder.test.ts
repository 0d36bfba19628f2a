import { describe, expect, it } from 'vitest'
import { AnswerError } from '../../src/exchange/exchange.ts'
import { makeDecoder } from '../../src/membership/decoder.ts'
import { MEMBERS } from '../support/raft-faults.ts'
import { encodeMembers, field } from '../support/raft-wire.ts'

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

  it('throws an error with a status', () => {
    expect(() => makeDecoder()(field(1, ''))).toThrow(AnswerError)
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
