import { defineConfig } from 'vitest/config'

/** The unit tests of the mutated files; nothing that starts the bundle, which holds no mutant. */
export default defineConfig({
  test: {
    include: [
      'rounds/decision',
      'shared/duration',
      'inputs/headers',
      'inputs/inputs',
      'report/log',
      'inputs/partition-map',
      'inputs/peers',
      'shared/secrets',
      'shared/text',
      'rounds/groups',
      'rounds/verdict',
      'rounds/course',
    ].map((name) => `test/${name}.test.ts`),
    // A mutant that loops is found by the time limit of Stryker.
    testTimeout: 60_000,
  },
})
