import { ExchangeError, type Failure } from '../exchange/exchange.ts'
import type { Peer } from '../inputs/inputs.ts'
import { MAX_MEMBERS, type Member } from './types.ts'

/** Whether an answer came before the poll or after it. */
export type When = 'before' | 'after'
const BIT: Readonly<Record<When, number>> = { before: 1, after: 2 }

/** A Raft address of a peer, and what became of asking it. */
export interface Question {
  readonly peer: Peer
  readonly raftAddress: string
  /** The IP addresses and ports that were asked. */
  readonly remotes: Set<string>
  /** The first reason why the members were not reported; null as long as there is none. */
  failure: Failure | null
}

/** A member, and which questions reported it when. */
export interface Row {
  readonly member: Member
  /** For each question 1 for before, 2 for after, 3 for both, 0 for neither. */
  readonly seen: Uint8Array
}

/** All answers of one round, merged as they come; nothing else is kept of an answer. */
export interface Union {
  readonly questions: readonly Question[]
  readonly rows: ReadonlyMap<string, Row>
  /** The rows of these members. Throws an {@link ExchangeError}, `too-large`, where a round would have more than 10,000. */
  rowsOf(members: readonly Member[]): readonly Row[]
  /** Notes in these rows that a question reported their members. */
  add(question: number, when: When, rows: readonly Row[]): void
}

/** An empty union for the Raft addresses of these peers. */
export function makeUnion(peers: readonly Peer[]): Union {
  const questions = peers.flatMap((peer) =>
    peer.raftAddresses.map(
      (raftAddress): Question => ({ peer, raftAddress, remotes: new Set(), failure: null }),
    ),
  )
  const rows = new Map<string, Row>()
  return {
    questions,
    rows,
    rowsOf: (members) =>
      members.map((member) => {
        const key = keyOf(member)
        const known = rows.get(key)
        if (known !== undefined) return known
        if (rows.size === MAX_MEMBERS) {
          const words = `all peers together report more than ${MAX_MEMBERS} members`
          throw new ExchangeError('too-large', words)
        }
        const row = { member, seen: new Uint8Array(questions.length) }
        rows.set(key, row)
        return row
      }),
    add(question, when, reported) {
      for (const { seen } of reported) seen[question] = (seen[question] ?? 0) | BIT[when]
    },
  }
}

/** Two members are one only if all that is reported of them is equal. */
const keyOf = ({ id, address, suffrage }: Member): string =>
  `${id.length}:${address.length}:${id}${address}${suffrage}`

/** The number of each question's Raft group, from 1: questions that reported a member in common are of one group; 0 for no answer. */
export function numberGroups({ questions, rows }: Union): readonly number[] {
  // For each question the place of one that stands for its group, or -1 for no answer.
  const groups = new Int32Array(questions.length).fill(-1)
  for (const { seen } of rows.values()) {
    let group = -1
    seen.forEach((bits, place) => {
      if (bits === 0) return
      const own = groups[place] ?? -1
      if (group < 0) group = own < 0 ? place : own
      if (own < 0) groups[place] = group
      else if (own !== group) groups.set(groups.map((other) => (other === own ? group : other)))
    })
  }
  const order = [...new Set(groups)].filter((group) => group >= 0)
  return [...groups].map((group) => order.indexOf(group) + 1)
}
