import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests of the promises under load have the machine to themselves, after all others. */
const LOAD = ['test/bundle/load.test.ts']

/** Files that take long because they wait, the longest first. */
const WAITING = [
  'bundle/memory',
  'bundle/lookup',
  'bundle/canary/queue',
  'bundle/canary/calls',
  'bundle/wait',
  'bundle/never-green',
  'bundle/canary/addresses',
  'bundle/addresses',
  'store/ways-out',
  'bundle/late',
].map((name) => `/test/${name}.test.ts`)

/** Starts a file that waits with every second one that does not, so that neither cores nor the end of the run are idle. */
class Interleaved extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      WAITING.findIndex((name) => moduleId.endsWith(name))
    const waiting = files.filter((file) => rank(file) >= 0).sort((a, b) => rank(a) - rank(b))
    const others = files
      .filter((file) => rank(file) < 0)
      .sort((a, b) => a.moduleId.localeCompare(b.moduleId))
    const mixed = others.flatMap((file, index) =>
      index % 2 === 0 ? [...waiting.splice(0, 1), file] : [file],
    )
    return [...mixed, ...waiting]
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
    maxWorkers: 6,
    // A process for each file takes a tenth of all CPU time; what a test changes in its process, it undoes.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: Interleaved },
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
