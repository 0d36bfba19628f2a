/**
 * Mutation testing of what decides and of what makes text safe, with the unit tests alone: `npm run mutate`.
 * It takes about ten minutes; constants of a module are tried with all tests each (`--ignoreStatic` leaves them out).
 *
 * What survives in the files that decide, read inputs or make text safe was looked at, and is one of these:
 * - Limits that only save work: the early return and the first slice in text.ts, the first slice in the annotation
 *   of log.ts, the plain strings in outputJson. The result is the same, it only takes longer.
 * - Defaults that only the type checker needs, where a pattern that matched always has all its groups: json.ts
 *   (no Error from JSON.parse), duration.ts, partition-map.ts, address.ts (`?? []`, `scheme = ''`, `first === undefined`).
 * - Checks whose result a later check repeats in other words: an empty entry or one with `@` in address.ts is refused
 *   by the pattern of a host as well, and the words of a problem that is not shown are never read; isPort compares
 *   the number again; `^` or `$` beside a pattern that takes everything up to the end.
 * - A key too many in topLevelKeys of json.ts: strings and brackets that do not change how often a field is there.
 * - Values that are never read: the fallback of expected-peers in values.ts, the results before the first round in
 *   course.ts. And a guard for the type checker in partition-map.ts, which is true wherever it is reached.
 * - `\s` for `\s+` in secrets.ts, which makes empty parts that are dropped as too short.
 */
import { ROOMS } from './vitest.mutation.config.ts'

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  mutate: [
    `src/{${ROOMS.join(',')}}/*.ts`,
    // What reads the environment, writes outputs, starts exchanges or paces them: the tests of the bundle try these.
    '!src/inputs/{certificates,proxies}.ts',
    '!src/report/report.ts',
    '!src/rounds/{pace,rounds}.ts',
    // Words alone, and each of them would be tried with all tests.
    '!src/report/advice.ts',
  ],
  thresholds: { high: 95, low: 90, break: 90 },
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, allowEmojis: false },
  concurrency: 2,
  timeoutMS: 20_000,
}
