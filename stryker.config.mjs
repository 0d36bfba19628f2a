/**
 * Mutation testing of what decides and of what makes text safe, with the unit tests alone: `npm run mutate`, about 40
 * minutes on two cores. Constants of a module are tried with all tests each; `--ignoreStatic` leaves them out, and takes half
 * of the time.
 *
 * What survives was looked at, and is one of these:
 * - What only saves work, such as the early return and the first slice in text.ts, or a cut before a cut: the result is the
 *   same, it takes longer.
 * - Defaults and guards that only the type checker needs, such as `?? []`, `?.`, `first === undefined` and the groups of a
 *   pattern that matched.
 * - Checks whose result a later check repeats in other words: an empty entry or one with `@` in address.ts is refused by the
 *   pattern of a host as well; isPort compares the number again; `^` or `$` beside a pattern that takes all up to the end.
 * - `\s` for `\s+` in secrets.ts, which makes empty parts that are dropped as too short.
 * - A name of an input of more than 60 characters, or one that is nearest to several, in known.ts; a few bytes of room in
 *   summary.ts.
 */
import { ROOMS } from './vitest.mutation.config.ts'

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  mutate: [
    `src/{${ROOMS.join(',')}}/*.ts`,
    'src/exchange/{addresses,failure}.ts',
    // What reads the environment, writes outputs, opens connections or paces exchanges: the tests of the bundles try these.
    '!src/inputs/{certificates,proxies}.ts',
    '!src/membership/{membership,raft-call}.ts',
    '!src/report/{files,log,report}.ts',
    '!src/rounds/{round,rounds}.ts',
    '!src/canary/{canary,cluster,sqs,sqs-answers,sqs-client}.ts',
    // Words alone.
    '!src/report/statuses.ts',
    '!src/canary/*advice.ts',
  ],
  thresholds: { high: 95, low: 90, break: 90 },
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, allowEmojis: false },
  concurrency: 2,
  timeoutMS: 10_000,
}
