import { fromBinary } from '@bufbuild/protobuf'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { AnswerError } from '../exchange/exchange.ts'
import { undecodable } from './call-failure.ts'
import type { Member } from './membership.ts'
import { ConfigurationResponseSchema } from './raft-admin_pb.ts'

/** The most members that an answer may hold. */
export const MAX_MEMBERS = 10_000
/** How many bytes of answers are remembered together with what they mean. */
const MAX_REMEMBERED_BYTES = 16_777_216

/** Reads the message of an answer; throws an {@link AnswerError} with the reason where it is not as it must be. */
export type Decode = (message: Uint8Array) => readonly Member[]

/**
 * Makes a {@link Decode} that decodes equal answers once and gives the same list for them: the nodes of a cluster agree
 * nearly always, and decoding costs more than all else of a call. It remembers up to 16 MiB of answers.
 *
 * An answer is `too-large` with more than 10,000 members, `malformed` where it is not the message that was asked for
 * or a member has no id, and `unhealthy` without any member: a node that has not joined a cluster answers OK and
 * knows nobody, not even itself. Any suffrage is kept as it is.
 */
export function makeDecoder(): Decode {
  const remembered = new Map<string, readonly Member[]>()
  let bytes = 0
  return (message) => {
    const key = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString(
      'latin1',
    )
    const known = remembered.get(key)
    if (known !== undefined) return known
    const members = decodeMembers(message)
    if (bytes + key.length > MAX_REMEMBERED_BYTES) {
      remembered.clear()
      bytes = 0
    }
    remembered.set(key, members)
    bytes += key.length
    return members
  }
}

function decodeMembers(message: Uint8Array): readonly Member[] {
  const members = read(message)
  if (members.length === 0) {
    throw new AnswerError('unhealthy', 'it knows no members: it has not joined a cluster')
  }
  const nameless = members.findIndex(({ id }) => id === '')
  if (nameless >= 0) {
    throw new AnswerError('malformed', `member ${nameless + 1} of ${members.length} has no id`)
  }
  return members
}

function read(message: Uint8Array): readonly Member[] {
  try {
    const count = countMembers(message)
    if (count > MAX_MEMBERS) {
      throw new AnswerError(
        'too-large',
        `it knows ${count} members, at most ${MAX_MEMBERS} are read`,
      )
    }
    const { servers } = fromBinary(ConfigurationResponseSchema, message, {
      readUnknownFields: false,
    })
    return servers.map(({ id, address, suffrage }) => ({ id, address, suffrage }))
  } catch (error) {
    if (error instanceof AnswerError) throw error
    throw undecodable(error)
  }
}

/** Counts without decoding: an empty member takes two bytes on the wire and a hundred in memory. */
function countMembers(message: Uint8Array): number {
  const reader = new BinaryReader(message)
  let count = 0
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (field === ConfigurationResponseSchema.field.servers.number) count++
    reader.skip(type, field)
  }
  return count
}
