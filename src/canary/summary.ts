import { cellText, showFirst } from '../shared/text.ts'
import { REASONS, type Reason } from './advice.ts'
import type { Problem } from './findings.ts'
import { describePlaces, headline } from './lines.ts'
import type { Placement } from './placement.ts'
import { durationLine, groupTable, nodeTable, partitionTable } from './tables.ts'
import type { Verdict } from './verdict.ts'

/** How many problems the summary lists. */
const MAX_LISTED = 50
const MAX_WORDS = 500
const MAX_NAME = 200

/** The job summary in GitHub-flavoured Markdown, far under 1 MiB. Foreign text stands in code spans only. */
export function renderSummary(verdict: Verdict): string {
  const { proven, problems, warnings, findings } = verdict
  const sections = [
    `## ${proven ? '✅' : '⛔'} htfifo canary ${headline(verdict, (text) => cellText(text, MAX_NAME))}`,
    consequence(verdict),
    list(problems, ''),
    list(warnings, '⚠️ '),
    ...(findings === null ? [] : [groupTable, partitionTable, nodeTable].map((t) => t(findings))),
    adviceList([...problems, ...warnings]),
    findings === null ? '' : durationLine(findings),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

/** What a proof is worth, by where the leaders were. */
const HOLDS: Readonly<Record<Placement, string>> = {
  spread: 'This holds for the placement of the leaders in the table below.',
  single:
    'This holds only while one node leads every group. The next election may change that, and with it what works.',
  'one-group': 'The cluster has one Raft group, so an election changes nothing in the layout.',
  'not-checked':
    'This holds for the current leaders only, which are not known: set `raft-port` to have them checked.',
}

/** The reasons after which a real queue would do harm. */
const LOSSES: ReadonlySet<Reason> = new Set([
  'receive-refused',
  'missing',
  'twice',
  'out-of-order',
  'foreign-message',
])

/** What the verdict means for whoever is about to release. */
function consequence({ proven, findings, placement, problems }: Verdict): string {
  if (proven) return `The cluster serves a partitioned queue. ${HOLDS[placement]}`
  if (findings === null && !problems.some(({ reason }) => reason === 'crashed')) {
    return 'Nothing was created.'
  }
  return problems.some(({ reason }) => LOSSES.has(reason))
    ? 'Do not enable partitioning: a partitioned queue may lose messages or stop delivering them.'
    : 'Do not enable partitioning until the canary is proven.'
}

const list = (problems: readonly Problem[], mark: string): string =>
  showFirst(problems, MAX_LISTED, (problem) => {
    const { step, reason, words, command } = problem
    const place = describePlaces([problem], (text) => cellText(text, MAX_NAME))
    const help = command === '' ? '' : `\n  - ${cellText(command, 1_000)}`
    return `${mark}**${step}**${place}: ${REASONS[reason].words}: ${cellText(words, MAX_WORDS)}${help}`
  })
    .map((item) => `- ${item}`)
    .join('\n')

function adviceList(problems: readonly Problem[]): string {
  const reasons = [...new Set(problems.map(({ reason }) => reason))]
  const items = reasons.map((reason) => {
    const { words, advice } = REASONS[reason]
    return `- **${words}** (\`${reason}\`): ${advice}`
  })
  return items.length === 0 ? '' : ['### What to do', '', ...items].join('\n')
}
