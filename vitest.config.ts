import { defineConfig } from 'vitest/config'

/** Tests of the promises under load have the machine to themselves, after all others. */
const LOAD = ['test/bundle/load.test.ts', 'test/bundle/many.test.ts']

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'behaviour', include: ['test/**/*.test.ts'], exclude: LOAD },
      },
      {
        extends: true,
        test: {
          name: 'load',
          include: LOAD,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
