import { defineConfig } from 'vitest/config'

/** The unit tests of the mutated files; nothing that starts the bundle, which holds no mutant. */
export default defineConfig({
  test: {
    include: [
      'decision',
      'duration',
      'headers',
      'inputs',
      'log',
      'partition-map',
      'peers',
      'secrets',
      'text',
      'verdict',
      'watch',
    ].map((name) => `test/${name}.test.ts`),
    // A mutant that loops is found by the time limit of Stryker.
    testTimeout: 60_000,
  },
})
