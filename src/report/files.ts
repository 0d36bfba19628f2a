import { randomUUID } from 'node:crypto'
import { appendFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@actions/core'
import { logText } from '../shared/text.ts'

/**
 * Makes the function that writes the job summary, each time in place of what it wrote before. Where that is not possible,
 * it warns. Not with the toolkit, whose summary builder escapes nothing.
 */
export function makeSummaryWriter(): (markdown: string) => void {
  let start: number | null = null
  return (markdown) => {
    const path = process.env['GITHUB_STEP_SUMMARY'] ?? ''
    if (path === '') {
      core.warning('The job summary could not be written: GITHUB_STEP_SUMMARY is not set')
      return
    }
    try {
      if (start === null) start = statSync(path).size
      else truncateSync(path, start)
      appendFileSync(path, markdown)
    } catch (error) {
      warn('job summary', path, error, 'GITHUB_STEP_SUMMARY')
    }
  }
}

/** Writes a report into the runner's temporary directory and returns its path; empty, with a warning, where it cannot. */
export function writeReport(name: string, json: string): string {
  const folder = process.env['RUNNER_TEMP'] || tmpdir()
  try {
    const path = join(folder, `${name}-${randomUUID()}.json`)
    writeFileSync(path, json)
    return path
  } catch (error) {
    warn('report file', folder, error, 'RUNNER_TEMP')
    return ''
  }
}

/** Tells the code of an error only, since nothing here hides secrets. */
function warn(what: string, path: string, error: unknown, variable: string): void {
  const { code } = Object(error) as { code?: unknown }
  const reason = typeof code === 'string' ? code : 'an unknown error'
  core.warning(`The ${what} could not be written: ${reason} at ${logText(path)} (${variable})`)
}
