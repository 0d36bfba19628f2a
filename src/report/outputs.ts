import { blockingPeers, unlistedMembers, type Verdict } from '../rounds/rounds.ts'
import { keepWithin, outputJson } from '../shared/text.ts'
import { cut } from './membership-json.ts'

/** The most that the `blocking-peers` output takes, in bytes. */
const MAX_BLOCKING_BYTES = 256 * 1_024
/** The most that the `unlisted-members` output takes, in bytes. */
const MAX_UNLISTED_BYTES = 128 * 1_024

/** Serializes the names of the peers that keep the gate closed, for the `blocking-peers` output. */
export const encodeBlocking = (verdict: Verdict): string =>
  encodeTexts(
    blockingPeers(verdict).map(({ peer }) => peer.name),
    MAX_BLOCKING_BYTES,
  )

/** Serializes the Raft ids of the members that are not in the list, each once, for the `unlisted-members` output. */
export function encodeUnlisted({ membership }: Verdict): string {
  const ids = unlistedMembers(membership).map(({ id }) => cut(id))
  return encodeTexts([...new Set(ids)], MAX_UNLISTED_BYTES)
}

/** As many texts as fit, and how many more there are. */
function encodeTexts(texts: readonly string[], maxBytes: number): string {
  const items = texts.map((text) => outputJson(text))
  const kept = keepWithin(maxBytes, items, (item) => item.length + 1)
  if (kept.length < items.length) kept.push(`"and ${items.length - kept.length} more"`)
  return `[${kept.join(',')}]`
}

/** The `membership` output. */
export const membershipState = ({ membership }: Verdict): string =>
  membership?.state ?? 'not-checked'
