import { describe, expect, it } from 'vitest'
import { REASONS, type Reason } from '../../src/canary/advice.ts'
import { renderSummary } from '../../src/canary/summary.ts'
import { judge, refuse } from '../../src/canary/verdict.ts'
import { LOG_ATTACKS, SUMMARY_ATTACKS } from '../support/hostile.ts'
import { checkSummary, findElements, renderHtml, walk } from '../support/html.ts'
import { sample } from '../support/sampling.ts'
import { twoGroups } from './support/fake-cluster.ts'
import { hostileFindings, makeFindings, makeProblem } from './support/findings.ts'

const summaryOf = (overrides = {}) =>
  renderSummary(judge(makeFindings(overrides), { cancelled: false }))
/** The lines of a table under a heading. */
const tableUnder = (summary: string, heading: string) =>
  summary.split(`### ${heading}\n\n`)[1]?.split('\n\n')[0]?.split('\n')

it('says in one sentence what was proven, and shows who leads', () => {
  const summary = summaryOf()
  expect(summary).toMatch(/^## ✅ htfifo canary PROVEN: 12 messages went through 4 partitions/)
  expect(tableUnder(summary, 'Who leads')).toEqual([
    '| Raft group of | Leader before | Leader after |',
    '| --- | --- | --- |',
    '| `10.0.0.1:50051`, `10.0.0.2:50051`, `10.0.0.3:50051` | `n1` at `10.0.0.1:50051` | `n1` at `10.0.0.1:50051` |',
    '| `10.0.0.1:50061`, `10.0.0.2:50061`, `10.0.0.3:50061` | `n2` at `10.0.0.2:50061` | `n2` at `10.0.0.2:50061` |',
  ])
  expect(summary).not.toContain('### What to do')
})

it('has a row for each partition and one for each node', () => {
  const summary = summaryOf()
  const partitions = tableUnder(summary, 'Partitions')
  expect(partitions).toHaveLength(6)
  expect(partitions?.[2]).toMatch(
    /^\| ✅&nbsp;0 \| `run-1-\d+` \| 3 of 3 \| `n1`, `n2`, `n3` \| 3 of 3 \| .* \| in order \| \d+ms \|$/,
  )
  const nodes = tableUnder(summary, 'Nodes')
  expect(nodes).toHaveLength(5)
  expect(nodes?.[2]).toMatch(/^\| ✅&nbsp;`n1` \| `http:\/\/n1:9324` \| yes \| 4 \| \d+ \|$/)
})

it('shows the Raft groups of a map', () => {
  const { partitions } = makeFindings()
  const mapped = partitions.map((partition) => ({ ...partition, raftGroup: '11' }))
  expect(tableUnder(summaryOf({ partitions: mapped }), 'Partitions')?.[2]).toContain('| `11` |')
})

it('says what failed, where, and what to do', () => {
  const { nodes } = makeFindings()
  const summary = summaryOf({
    problems: [makeProblem(), makeProblem({ reason: 'missing', words: '2 of 3 did not come' })],
    nodes: nodes.map((node, index) => ({ ...node, error: index === 2 ? 'it broke' : '' })),
  })
  expect(summary).toMatch(/^## ⛔ htfifo canary NOT PROVEN at the step receive: sends succeed/)
  expect(summary).toContain('Do not enable partitioning')
  expect(summary).toContain('- **receive** (node `n2`, partition 1): sends succeed')
  expect(tableUnder(summary, 'Nodes')?.[2]).toMatch(/^\| ❌&nbsp;`n3` .* `it broke` \|$/)
  expect(summary).toContain(`(\`receive-refused\`): ${REASONS['receive-refused'].advice}`)
  expect(summary).toContain('(`missing`)')
})

it('has the commands that help', () => {
  const leaders = { before: twoGroups(1, 1), after: twoGroups(1, 1) }
  expect(summaryOf({ leaders })).toContain(
    '  - `RAFTADMIN_ALLOW_INSECURE=true raftadmin 10.0.0.1:50061 leadership_transfer_to_server n2 10.0.0.2:50061`',
  )
  expect(summaryOf({ queueLeft: true, deleteCommand: 'delete it' })).toContain('  - `delete it`')
})

it('marks a leader that changed', () => {
  const leaders = { before: twoGroups(1, 2), after: twoGroups(1, 3) }
  const summary = summaryOf({ leaders })
  expect(tableUnder(summary, 'Who leads')?.[3]).toContain('| ⚠️ `n3` at')
  expect(summary).toContain('- ⚠️ **placement**: leaders changed during the run')
})

it('tells bad inputs and a closed gate, with nothing created', () => {
  const summary = renderSummary(refuse('inputs', ['queue: found x'], 'inputs'))
  expect(summary).toContain('NOT PROVEN at the step inputs')
  expect(summary).toContain('Nothing was created.')
  expect(summary).toContain('`queue: found x`')
  expect(summary).not.toContain('### Nodes')
})

it('stays far below 1 MiB with 5,000 nodes and groups and the longest texts', () => {
  const long = '|'.repeat(1_200)
  const { nodes, partitions } = makeFindings()
  const [node] = nodes
  const [partition] = partitions
  if (node === undefined || partition === undefined) throw new Error('no node or partition')
  const transfers = Array.from({ length: 100 }, (_, place) => ({
    place,
    node: long + place,
    at: 0,
  }))
  const summary = summaryOf({
    problems: Array(100).fill(makeProblem({ words: long, node: long, command: long })),
    notices: Array(100).fill(makeProblem({ words: long, node: long, command: long })),
    nodes: Array(5_000).fill({ ...node, name: long, url: long, error: long }),
    partitions: Array(32).fill({
      ...partition,
      raftGroup: long,
      messageGroup: long,
      sent: transfers,
      received: transfers,
    }),
    leaders: {
      before: Array.from({ length: 5_000 }, (_, index) => {
        const leader = { id: long, address: long + index }
        return { raftAddress: long + index, node: long, member: null, leader, error: '' }
      }),
      after: null,
    },
  })
  expect(Buffer.byteLength(summary)).toBeLessThan(700_000)
  expect(summary).toContain('And 4900 more; see the report file (`report-path`).')
})

it('has advice for each reason that holds no HTML and stands in one item', () => {
  const reasons = Object.keys(REASONS) as Reason[]
  const tree = renderHtml(summaryOf({ problems: reasons.map((reason) => makeProblem({ reason })) }))
  const list = findElements(tree, 'ul').at(-1)
  expect(findElements(list ?? tree, 'li')).toHaveLength(reasons.length)
  for (const item of findElements(list ?? tree, 'li')) {
    walk(item, (node) => {
      if (node.type === 'element') expect(['li', 'strong', 'code']).toContain(node.tagName)
    })
  }
})

// Of what is meant for the log a part: rendering takes long.
describe.each([...SUMMARY_ATTACKS, ...sample(4, LOG_ATTACKS)])('%j in the summary', (attack) => {
  it('is text in code elements, and nothing else, wherever it stands', () => {
    const tree = checkSummary(renderSummary(judge(hostileFindings(attack), { cancelled: false })))
    const tables = findElements(tree, 'table')
    expect(tables.map((table) => findElements(table, 'tr').length)).toEqual([3, 2, 2])
  })
})

it.each([
  [
    'spread',
    { before: twoGroups(1, 2), after: twoGroups(1, 2) },
    'the placement of the leaders in the table',
  ],
  [
    'single',
    { before: twoGroups(1, 1), after: twoGroups(1, 1) },
    'only while one node leads every group',
  ],
  ['not-checked', { before: null, after: null }, 'which are not known'],
])('says what a proof is worth where the leaders are %s', (_, leaders, words) => {
  expect(summaryOf({ leaders })).toContain(words)
})
