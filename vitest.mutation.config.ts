import { defineConfig } from 'vitest/config'

/** The modules whose files are pure, or nearly so. */
export const ROOMS = ['canary', 'inputs', 'membership', 'report', 'rounds', 'shared']

/** The unit tests of the mutated files; nothing that starts the bundle, which holds no mutant. */
export default defineConfig({
  test: {
    include: [`test/{${ROOMS.join(',')}}/*.test.ts`, 'test/exchange/{addresses,failure}.test.ts'],
    exclude: [
      '**/*.hostile.test.ts',
      '**/*.property.test.ts',
      // Over real sockets.
      'test/canary/{proof.http,sqs}.test.ts',
      'test/membership/{membership,raft-call}.test.ts',
      'test/rounds/round.test.ts',
    ],
    // A mutant that loops is found by the time limit of Stryker.
    testTimeout: 60_000,
  },
})
