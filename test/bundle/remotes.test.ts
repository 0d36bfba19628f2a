import { expect, it } from 'vitest'
import { startNode } from '../../sample/cluster.ts'
import { runStep } from '../../sample/runner.ts'

it('warns of two names that end at one node, in log and summary, and stays open', async () => {
  const node = await startNode('ready')
  const port = node.address.split(':')[1]
  const step = await runStep({ peers: `n1=127.0.0.1:${port}, n2=localhost:${port}` })
  await node.close()
  const warning = `n1 and n2 both reached 127.0.0.1:${port}; one node may have been asked twice`
  expect(step.stdout).toContain(`::warning::${warning}\n`)
  expect(step.summary).toContain(warning)
  expect(step.code).toBe(0)
})
