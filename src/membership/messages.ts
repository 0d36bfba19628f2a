import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { ExchangeError } from '../exchange/exchange.ts'
import { type Leader, MAX_MEMBERS, type Member } from './types.ts'

/** The most characters of an id, an address or a suffrage. */
const MAX_TEXT = 255

/**
 * Decodes the answer to `/RaftAdmin/Configuration`: `repeated Member servers = 1`, a member being `string id = 1; string
 * address = 2; string suffrage = 3`. Throws an {@link ExchangeError}: `too-large` with more than 10,000 members;
 * `unhealthy` without any, since a node that has not joined a cluster does not even know itself; otherwise `malformed`.
 */
export function decodeMembers(message: Uint8Array): readonly Member[] {
  const members = decode(message, (reader) => {
    const members: Member[] = []
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag()
      if (field !== 1 || type !== WireType.LengthDelimited) reader.skip(type, field)
      else if (members.length < MAX_MEMBERS) members.push(readMember(reader, members.length + 1))
      else throw new ExchangeError('too-large', `it reports more than ${MAX_MEMBERS} members`)
    }
    return members
  })
  if (members.length === 0) {
    throw new ExchangeError('unhealthy', 'it knows no members: it has not joined a cluster')
  }
  return members
}

/** Decodes the answer to `/RaftAdmin/Status`: `string leader_id = 2; string leader_address = 3`. Throws `malformed`. */
export function decodeLeader(message: Uint8Array): Leader {
  const [, , id = '', address = ''] = decode(message, (reader) => readTexts(reader, reader.len))
  return { id, address }
}

/** Makes whatever the reader throws an {@link ExchangeError}. */
function decode<Result>(message: Uint8Array, read: (reader: BinaryReader) => Result): Result {
  try {
    return read(new BinaryReader(message))
  } catch (error) {
    if (error instanceof ExchangeError) throw error
    throw malformed(String(error))
  }
}

function readMember(reader: BinaryReader, number: number): Member {
  const length = reader.uint32()
  const [, id = '', address = '', suffrage = ''] = readTexts(reader, reader.pos + length)
  if (id === '') throw malformed(`member ${number} has no id`)
  return { id, address, suffrage }
}

/** Reads a message up to its end: the texts of the fields 1 to 3, each at the place of its number. */
function readTexts(reader: BinaryReader, end: number): readonly string[] {
  const texts = ['', '', '', '']
  while (reader.pos < end) {
    const [field, type] = reader.tag()
    if (field > 3 || type !== WireType.LengthDelimited) {
      reader.skip(type, field)
      continue
    }
    const text = reader.string(true)
    if (text.length > MAX_TEXT) throw malformed(`a text of more than ${MAX_TEXT} characters`)
    texts[field] = text
  }
  if (reader.pos > end) throw malformed('a field is longer than its message')
  return texts
}

const malformed = (detail: string) =>
  new ExchangeError('malformed', `the answer cannot be decoded (${detail})`)
