import { vi } from 'vitest'

/** Every report that a step puts out is held against docs/report.schema.json, whatever a test is about. */
vi.mock(import('../../sample/runner.ts'), async (load) => {
  const runner = await load()
  return {
    ...runner,
    async runStep(...step: Parameters<typeof runner.runStep>) {
      const result = await runner.runStep(...step)
      const { report } = result.outputs
      if (report !== undefined) {
        const { expectReport } = await import('./schema.ts')
        expectReport(JSON.parse(report))
      }
      return result
    },
  }
})
