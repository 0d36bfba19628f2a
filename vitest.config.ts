import { defineConfig } from 'vitest/config'

/** Tests of the promises under load have the machine to themselves, after all others. */
const LOAD = ['test/bundle/load.test.ts', 'test/bundle/memory.test.ts']

/** Tests that need signals, namespaces, /dev/full, openssl or more loopback addresses than one. */
const LINUX_ONLY = [
  ...LOAD,
  'test/bundle/canary/*.test.ts',
  'test/exchange/resolver.test.ts',
  'test/step/step.test.ts',
  'test/store/ways-out.test.ts',
  ...[
    'addresses',
    'cancel',
    'faults',
    'groups',
    'late',
    'lookup',
    'machines',
    'never-green',
    'outputs',
    'proxy',
    'reasons',
    'sweep',
    'tls',
  ].map((name) => `test/bundle/${name}.test.ts`),
]

const onLinux = process.platform === 'linux'
if (!onLinux) console.warn(`NOT RUN on ${process.platform}: ${LINUX_ONLY.join(', ')}`)

export default defineConfig({
  test: {
    // Most tests wait for a process or a clock, so that more of them run than there are cores.
    maxWorkers: 4,
    // A process for each file takes a tenth of all CPU time; what a test changes in its process, it undoes.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: 'test/support/setup.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'behaviour',
          include: ['test/**/*.test.ts'],
          exclude: onLinux ? LOAD : LINUX_ONLY,
        },
      },
      {
        extends: true,
        test: {
          name: 'load',
          include: onLinux ? LOAD : [],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
