import { describe, expect, it } from 'vitest'
import { ExchangeError } from '../../src/exchange/exchange.ts'
import { decodeLeader, decodeMembers } from '../../src/membership/messages.ts'
import { MAX_MEMBERS } from '../../src/membership/types.ts'
import type { Status } from '../../src/shared/status.ts'
import { MEMBERS } from '../support/raft-faults.ts'
import { encodeMembers, field } from '../support/raft-wire.ts'

const one = (id: string, address = 'a:1', suffrage = 'voter') =>
  encodeMembers([{ id, address, suffrage }])

describe('an answer with members', () => {
  it('gives them as they are', () => {
    expect(decodeMembers(encodeMembers(MEMBERS))).toStrictEqual(MEMBERS)
  })

  it.each([
    ['an id without an address, and any suffrage', '626985543730257215', '', 'nonvoter'],
    ['hostile text', '\n::error::\u202e\0<b>', 'a', ''],
    ['a byte order mark, so that no two ids become one', '\ufeffn1', '\ufeffa:1', '\ufeff'],
    ['255 characters', 'é'.repeat(255), 'a'.repeat(255), 's'.repeat(255)],
  ])('keeps %s', (_, id, address, suffrage) => {
    expect(decodeMembers(one(id, address, suffrage))).toEqual([{ id, address, suffrage }])
  })

  it('may have 10,000 of them, and fields of later versions', () => {
    const answer = Buffer.concat([...Array(MAX_MEMBERS).fill(one('n1')), field(9, 'later')])
    expect(decodeMembers(answer)).toHaveLength(MAX_MEMBERS)
  })

  it.each<[string, Uint8Array, Status, RegExp]>([
    ['none', Buffer.alloc(0), 'unhealthy', /^it knows no members: it has not joined a cluster$/],
    [
      'one without an id',
      Buffer.concat([one('n1'), one('')]),
      'malformed',
      /\(member 2 has no id\)$/,
    ],
    ['an id of 256 characters', one('é'.repeat(256)), 'malformed', /more than 255 characters/],
    ['an address of 256', one('n1', 'a'.repeat(256)), 'malformed', /more than 255 characters/],
    ['a suffrage of 256', one('n1', '', 's'.repeat(256)), 'malformed', /more than 255 characters/],
    ['an id of 1 MiB', one('x'.repeat(1_048_000)), 'malformed', /more than 255 characters/],
    [
      'an id that is not UTF-8',
      field(1, field(1, Buffer.from([0xff]))),
      'malformed',
      /encoded data/,
    ],
    ['an end that is missing', one('n1').subarray(0, -1), 'malformed', /premature EOF/],
    ['no protobuf in it', Buffer.from('<html>'), 'malformed', /^the answer cannot be decoded/],
    ['groups in groups', Buffer.alloc(500_000, 0x7b), 'malformed', /^the answer cannot be decoded/],
    [
      '10,001 of them',
      Buffer.concat(Array(MAX_MEMBERS + 1).fill(one('n1'))),
      'too-large',
      /^it reports more than 10000 members$/,
    ],
  ])('is refused with %s', (_, answer, status, words) => {
    const decode = () => decodeMembers(answer)
    expect(decode).toThrow(ExchangeError)
    expect(decode).toThrow(
      expect.objectContaining({ status, message: expect.stringMatching(words) }),
    )
  })
})

describe('an answer with a leader', () => {
  it('gives its id and address, whatever else it says', () => {
    const answer = Buffer.concat([
      field(1, 'leader'),
      field(3, 'a:1'),
      field(2, 'n1'),
      Buffer.from([32, 7]),
    ])
    expect(decodeLeader(answer)).toEqual({ id: 'n1', address: 'a:1' })
  })

  it('has empty texts where there is none', () => {
    expect(decodeLeader(Buffer.alloc(0))).toEqual({ id: '', address: '' })
  })

  it('is refused where it cannot be decoded', () => {
    expect(() => decodeLeader(field(2, 'x'.repeat(256)))).toThrow(/more than 255 characters/)
    expect(() => decodeLeader(Buffer.from([0x12, 5]))).toThrow(/^the answer cannot be decoded/)
  })
})
