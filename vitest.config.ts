import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests of the promises under load have the machine to themselves, after all others. */
const LOAD = ['test/bundle/load.test.ts']

/** Files that take long, most of them to wait; started first, so that no core is idle while the last of them ends. */
const LONG = [
  'bundle/lookup',
  'bundle/memory',
  'bundle/never-green',
  'bundle/canary/queue',
  'bundle/canary/calls',
  'bundle/canary/addresses',
  'bundle/addresses',
  'bundle/late',
  'store/ways-out',
  'canary/proof.property',
].map((name) => `/test/${name}.test.ts`)

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(name))
      return at < 0 ? LONG.length : at
    }
    return files.toSorted((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId))
  }
}

/** Tests that need signals, namespaces, /dev/full, openssl or more loopback addresses than one. */
const LINUX_ONLY = [
  ...LOAD,
  'test/bundle/memory.test.ts',
  'test/bundle/canary/*.test.ts',
  'test/exchange/resolver.test.ts',
  'test/step/step.test.ts',
  'test/store/ways-out.test.ts',
  ...[
    'addresses',
    'cancel',
    'descriptors',
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
    sequence: { sequencer: LongFirst },
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
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
