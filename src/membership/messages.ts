import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { ExchangeError } from '../exchange/exchange.ts'
import { type Leader, MAX_MEMBERS, type Member } from './types.ts'

/** The most characters of an id, an address or a suffrage. */
const MAX_TEXT = 255
/** To the letter: without `ignoreBOM`, an id that starts with a byte order mark would become another id. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decodes the answer to `/RaftAdmin/Configuration`: `repeated Member servers = 1`, a member being `string id = 1; string
 * address = 2; string suffrage = 3`. Throws an {@link ExchangeError}: `too-large` with more than 10,000 members;
 * `unhealthy` without any, since a node that has not joined a cluster does not even know itself; otherwise `malformed`.
 */
export function decodeMembers(message: Uint8Array): readonly Member[] {
  const members: Member[] = []
  readFields(message, (field, reader) => {
    if (field !== 1) return false
    if (members.length === MAX_MEMBERS) {
      throw new ExchangeError('too-large', `it reports more than ${MAX_MEMBERS} members`)
    }
    members.push(decodeMember(reader.bytes(), members.length + 1))
    return true
  })
  if (members.length === 0) {
    throw new ExchangeError('unhealthy', 'it knows no members: it has not joined a cluster')
  }
  return members
}

/** Decodes the answer to `/RaftAdmin/Status`: `string leader_id = 2; string leader_address = 3`. Throws `malformed`. */
export function decodeLeader(message: Uint8Array): Leader {
  const [, id = '', address = ''] = decodeTexts(message, [2, 3])
  return { id, address }
}

function decodeMember(message: Uint8Array, number: number): Member {
  const [, id = '', address = '', suffrage = ''] = decodeTexts(message, [1, 2, 3])
  if (id === '') throw malformed(`member ${number} has no id`)
  return { id, address, suffrage }
}

/** The texts of these fields, behind one that is empty, in their order. */
function decodeTexts(message: Uint8Array, fields: readonly number[]): readonly string[] {
  const texts: string[] = ['']
  readFields(message, (field, reader) => {
    const place = fields.indexOf(field)
    if (place < 0) return false
    const bytes = reader.bytes()
    const text = UTF8.decode(bytes)
    if (text.length > MAX_TEXT) throw malformed(`a text of more than ${MAX_TEXT} characters`)
    texts[place + 1] = text
    return true
  })
  return texts
}

/** Walks through a message; `take` reads a field that it knows and returns true. */
function readFields(
  message: Uint8Array,
  take: (field: number, reader: BinaryReader) => boolean,
): void {
  try {
    const reader = new BinaryReader(message)
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag()
      if (type !== WireType.LengthDelimited || !take(field, reader)) reader.skip(type, field)
    }
  } catch (error) {
    if (error instanceof ExchangeError) throw error
    throw malformed(String(error))
  }
}

const malformed = (detail: string) =>
  new ExchangeError('malformed', `the answer cannot be decoded (${detail})`)
