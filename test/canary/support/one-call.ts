/**
 * Deletes a queue at the base URL that is its argument, and prints the answer with the paths of all files that were
 * opened after Node.js itself was up.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const opened: string[] = []
const note = (path: unknown) => void opened.push(String(path))
for (const api of [fs, fs.promises] as unknown as Record<string, unknown>[]) {
  for (const name of [
    'open',
    'openSync',
    'readFile',
    'readFileSync',
    'stat',
    'access',
    'existsSync',
  ]) {
    const original = api[name]
    if (typeof original !== 'function') continue
    api[name] = (...words: unknown[]) => {
      note(words[0])
      return Reflect.apply(original, api, words)
    }
  }
}
syncBuiltinESMExports()

const { open } = await import('./sqs-server.ts')
const [, , base = ''] = process.argv
const answer = await open(base).drop('http://n1/c.fifo', new AbortController().signal)
process.stdout.write(JSON.stringify({ answer, opened }))
