import { defineConfig } from 'vitest/config'

/** The rooms whose files are pure. */
export const ROOMS = ['inputs', 'membership', 'report', 'rounds', 'shared']

/** The unit tests of the mutated files; nothing that starts the bundle, which holds no mutant. */
export default defineConfig({
  test: {
    include: [`test/{${ROOMS.join(',')}}/*.test.ts`],
    exclude: ['**/*.hostile.test.ts', '**/*.property.test.ts'],
    // A mutant that loops is found by the time limit of Stryker.
    testTimeout: 60_000,
  },
})
