import { parse, stringify } from 'yaml'

interface Job {
  strategy?: { matrix: Readonly<Record<string, readonly string[]>> }
  outputs?: Record<string, string>
  [key: string]: unknown
}

/**
 * Writes the job `name`, which has a matrix of one key, as one job for each value, and a job `name` that joins their
 * outputs and results the way GitHub does. For act, which keeps the outputs of the first job of a matrix only.
 */
export function unrollMatrix(text: string, name: string): string {
  const workflow: { jobs: Record<string, Job> } = parse(text)
  const job = workflow.jobs[name]
  const [key, values] = Object.entries(job?.strategy?.matrix ?? {})[0] ?? []
  if (job === undefined || key === undefined || values === undefined) {
    throw new Error(`the job ${name} has no matrix`)
  }
  const { [name]: _, ...others } = workflow.jobs
  const single = values.map((value) => {
    const strategy = { ...job.strategy, matrix: { [key]: [value] } }
    return [`${name}-${value}`, { ...job, strategy }] as const
  })
  const ids = single.map(([id]) => id)
  const joined: Job = {
    needs: ids,
    if: 'always()',
    'runs-on': 'ubuntu-latest',
    outputs: Object.fromEntries(
      Object.keys(job.outputs ?? {}).map((output) => [
        output,
        `\${{ ${ids.map((id) => `needs.${id}.outputs.${output}`).join(' || ')} }}`,
      ]),
    ),
    steps: [
      {
        run: `test "$RESULTS" = "${ids.map(() => 'success').join(' ')}"`,
        env: { RESULTS: ids.map((id) => `\${{ needs.${id}.result }}`).join(' ') },
      },
    ],
  }
  return stringify({
    ...workflow,
    jobs: { ...Object.fromEntries(single), [name]: joined, ...others },
  })
}
