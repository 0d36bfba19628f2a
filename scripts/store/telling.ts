import type { Outcome } from './stage.ts'

/** A scene that was played, or was not because something is missing. */
export interface Told {
  readonly title: string
  readonly outcome: Outcome | { readonly missing: string }
  readonly seconds: number
}

/** How many were played, how many went wrong, and whether that is a success: something was played, and all as expected. */
export function count(told: readonly Told[]) {
  const played = told.flatMap(({ outcome }) => ('missing' in outcome ? [] : [outcome]))
  const wrong = played.filter(({ differences }) => differences.length > 0).length
  return {
    played: played.length,
    wrong,
    unplayed: told.length - played.length,
    good: played.length > 0 && wrong === 0,
  }
}

/** A line for a scene; below it, where it did not go as expected, what differs and what the step logged. */
export function describeScene({ title, outcome, seconds }: Told): string {
  if ('missing' in outcome) return `– ${title}: not played, ${outcome.missing}`
  const { seen, differences, log } = outcome
  const line = `${title}: ${seen} (${seconds.toFixed(1)} s)`
  if (differences.length === 0) return `✓ ${line}`
  const logged = log.trimEnd() === '' ? [] : log.trimEnd().split(/\r\n|[\r\n]/)
  const below = [...differences, ...logged.map((text) => `│ ${text}`)]
  return [`✗ ${line}`, ...below.map((text) => `    ${text}`)].join('\n')
}

/** The last line. */
export function describeAll(told: readonly Told[], seconds: number): string {
  const { played, wrong, unplayed } = count(told)
  if (played === 0)
    return unplayed === 0 ? 'no scene has that text in its title' : 'nothing was played'
  const verdict = wrong === 0 ? 'all as expected' : `${wrong} NOT as expected`
  const left = unplayed === 0 ? '' : `, ${unplayed} not played`
  return `${played} scenes in ${seconds.toFixed(0)} s, ${verdict}${left}`
}

/** The scenes as a Markdown table. */
export function describeTable(told: readonly Told[]): string {
  const rows = told.map(({ title, outcome, seconds }) => {
    const missing = 'missing' in outcome
    const differences = missing ? [] : outcome.differences
    const sign = missing ? '–' : differences.length === 0 ? '✓' : '✗'
    const seen = missing ? [`not played, ${outcome.missing}`] : [outcome.seen, ...differences]
    const cells = [sign, title, seen.map(escapeCell).join('<br>'), `${seconds.toFixed(1)} s`]
    return `| ${cells.join(' | ')} |`
  })
  return ['| | scene | seen | time |', '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}

const escapeCell = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '\\|')
