import type { Verdict } from '../rounds/rounds.ts'
import { cellText } from '../shared/text.ts'
import { findAll, REASONS } from './findings.ts'
import { table } from './markdown.ts'

/** The table of members that are not listed or not confirmed, in Markdown; empty where the list is whole or was not checked. */
export function membershipTable({ membership }: Verdict): string {
  const { findings, more } = findAll(membership)
  if (findings.length === 0) return ''
  const rows = findings.map(({ reason, who, address, detail }) => [
    cellText(who),
    cellText(address),
    `❌&nbsp;${REASONS[reason].words}`,
    cellText(detail),
  ])
  const rest = more > 0 ? `\n\nAnd ${more} more; the report file holds all of them.` : ''
  const header = ['Member or node', 'Raft address', 'Membership', 'Detail']
  return table(header, rows) + rest
}

/** What the verdict rests on besides the answers of the nodes, in one plain sentence; empty where the list is not confirmed. */
export function basis({ membership, results }: Verdict): string {
  if (results.length === 0) return ''
  if (membership === null) {
    return "Membership was not checked (raft-port is not set): the list is the workflow's word."
  }
  const nodes = results.length === 1 ? 'the only node' : `all ${results.length} nodes`
  return membership.state === 'complete'
    ? `Membership confirmed by ${nodes}, before and after.`
    : ''
}
