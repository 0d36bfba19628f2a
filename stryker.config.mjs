/**
 * Mutation testing of what decides and of what makes text safe, with the unit tests alone: `npm run mutate`, about 40
 * minutes on two cores. Constants of a module are tried with all tests each; `--ignoreStatic` leaves them out, and takes half
 * of the time.
 *
 * What survives was looked at, and is one of these:
 * - What only saves work: the early return and the first slice in text.ts, the first slice in the annotation of lines.ts,
 *   the plain strings in outputJson, what comparison.ts and decoder.ts remember. The result is the same, it takes longer.
 * - Defaults and guards that only the type checker needs, such as `?? []`, `?.`, `first === undefined` and the groups of a
 *   pattern that matched: json-list.ts, duration.ts, partition-map.ts, address.ts, url.ts, host.ts, doubts.ts, body.ts,
 *   assignment.ts, union.ts, raft-address.ts, roster.ts, round.ts.
 * - Checks whose result a later check repeats in other words: an empty entry or one with `@` in address.ts is refused by the
 *   pattern of a host as well; isPort compares the number again; `^` or `$` beside a pattern that takes all up to the end.
 * - A key too many in topLevelKeys of body.ts: strings and brackets that do not change how often a field is there.
 * - Values that are never read: the fallback of expected-peers in values.ts, the round before the first in course.ts.
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
    // What reads the environment, writes outputs, starts exchanges or paces them: the tests of the bundle try these.
    '!src/inputs/{certificates,proxies}.ts',
    '!src/membership/{call,question,session}.ts',
    '!src/report/{log,report}.ts',
    '!src/rounds/{pace,rounds}.ts',
    // Generated.
    '!src/membership/raft-admin_pb.ts',
    // Words alone.
    '!src/report/advice.ts',
  ],
  thresholds: { high: 95, low: 90, break: 90 },
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, allowEmojis: false },
  concurrency: 2,
  timeoutMS: 10_000,
}
