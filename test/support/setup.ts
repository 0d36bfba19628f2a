import { vi } from 'vitest'

/**
 * Every report that a step puts out is held against the schema of its action, whatever a test is about; not where the
 * test breaks Node.js itself underneath the action (`NODE_OPTIONS`), so that no clock or string can be relied on.
 */
vi.mock(import('../../sample/runner.ts'), async (load) => {
  const runner = await load()
  return {
    ...runner,
    async runStep(...step: Parameters<typeof runner.runStep>) {
      const result = await runner.runStep(...step)
      const { report } = result.outputs
      if (report !== undefined && step[1]?.env?.['NODE_OPTIONS'] === undefined) {
        const { expectReport } = await import('./schema.ts')
        expectReport(JSON.parse(report), step[1]?.action)
      }
      return result
    },
  }
})
