import { describe, expect, it } from 'vitest'
import { adviceOn, STATUSES } from '../../src/report/statuses.ts'
import { renderSummary } from '../../src/report/summary.ts'
import {
  type Change,
  type PeerResult,
  refuse,
  type TimelineEntry,
} from '../../src/rounds/rounds.ts'
import type { Status } from '../../src/shared/status.ts'
import { makeResult, makeRound } from '../support/rounds.ts'
import {
  makeContext,
  makeEntry,
  makeMembership,
  makeUnlisted,
  makeVerdict,
} from '../support/verdicts.ts'

const render = (results: readonly PeerResult[], rest: Parameters<typeof makeVerdict>[1] = {}) =>
  renderSummary(makeVerdict(results, rest), makeContext(), 1_500)

/** The names in the first column of the table of peers, in their order. */
const namesIn = (summary: string) =>
  [...summary.matchAll(/^\| `(n\d+)` \|/gm)].map(([, name]) => name)

describe('the whole summary', () => {
  it('of an open gate', () => {
    const changes: Change[] = [{ name: 'n1', from: null, to: 'dns' }]
    const timeline = [makeEntry({ atMs: 20, advertising: 0, total: 1, changes })]
    const verdict = makeVerdict(makeRound('advertises'), {
      membership: makeMembership(),
      rounds: 3,
      warnings: ['careful'],
    })
    const context = makeContext({
      timeline: { timeline, timelineOmitted: 0 },
      queues: [{ queue: 'a.fifo', groups: ['1', '2'] }],
    })
    expect(
      renderSummary(verdict, context, 1_500),
    ).toBe(`## ✅ htfifo gate OPEN: the only node advertises \`htfifo\`.

Every node runs a binary that knows the partitioned layout. Whether the cluster serves a partitioned queue has not been tried; that is what the canary action does. Membership confirmed by the only node (1 group), before and after.

- ⚠️ \`careful\`

| Node | Address | Status | Capabilities | Latency |
| --- | --- | --- | --- | --- |
| \`n1\` | \`n1.internal\` | ✅&nbsp;ready | \`htfifo\` | 2ms |

### Timeline

Rounds in which something changed:

| Round | After | Advertise | Changed |
| --- | --- | --- | --- |
| 1 | 20ms | 0 of 1 | ❓&nbsp;\`n1\` DNS lookup failed |

### Partition map

| Queue | Partitions | Raft groups |
| --- | --- | --- |
| \`a.fifo\` | 2 | \`1, 2\` |

The map names 2 Raft groups. Groups that it does not name are not protected from a leader with an older binary. The gate cannot know whether the cluster has these groups: compare them with its \`--raftGroups\`.

Checked at 2026-11-23 12:00:00 UTC, 3 rounds in 1.5s. This is a snapshot: a node with an old binary may still join later.
`)
  })

  it('of a closed gate', () => {
    const results = [
      makeResult('advertises', { capabilities: ['a', 'htfifo'] }),
      makeResult('missing-capability', { name: 'n2' }),
      makeResult('legacy', { name: 'n3' }),
    ]
    expect(
      render(results),
    ).toBe(`## ⛔ htfifo gate CLOSED: 2 of 3 nodes are not ready for \`htfifo\`: 2 old.

Do not enable \`htfifo\`: a node with an old binary can lose messages.

| Node | Address | Status | Capabilities | Latency | Detail |
| --- | --- | --- | --- | --- | --- |
| \`n1\` | \`n1.internal\` | ✅&nbsp;ready | \`a\`, \`htfifo\` | 2ms |  |
| \`n2\` | \`n2.internal\` | ❌&nbsp;capability missing | none | 2ms |  |
| \`n3\` | \`n3.internal\` | ❌&nbsp;old binary |  | 2ms | \`why legacy\` |

### What to do

- **capability missing** (\`missing-capability\`, 1 node): ${adviceOn('missing-capability', 'htfifo')}
- **old binary** (\`legacy\`, 1 node): ${STATUSES.legacy.advice}

Checked at 2026-11-23 12:00:00 UTC, in 1.5s. Membership was not checked (raft-port is not set): the list is taken on trust. This is a snapshot: a node with an old binary may still join later.
`)
  })

  it('of inputs that are wrong', () => {
    const verdict = refuse(['peers: found no peers'], 'htfifo')
    expect(renderSummary(verdict, makeContext({ checkedAt: null }), 1)).toBe(
      `## ⛔ htfifo gate CLOSED: nothing was polled, 1 problem with the inputs.

Do not enable \`htfifo\`: nothing is known about the nodes. Correct what is listed here, then run the gate again.

- \`peers: found no peers\`
`,
    )
  })

  it('of a list that is not confirmed', () => {
    const membership = makeMembership({ members: [makeUnlisted('n4')] })
    const lines = render(makeRound('advertises'), { membership }).split('\n')
    expect(lines[0]).toBe(
      '## ⛔ htfifo gate CLOSED: the only node advertises `htfifo`, but the cluster has a member that is not in the list: `n4 (n4:50051, voter)`.',
    )
    expect(lines.slice(4, 7)).toEqual([
      '| Member or node | Raft address | Membership | Detail |',
      '| --- | --- | --- | --- |',
      '| `n4` | `n4:50051` | ❌&nbsp;not in the list | `voter, known by n1` |',
    ])
    expect(lines.join('\n')).toMatch(/### What to do\n\n- \*\*not in the list\*\* \(`unlisted`\): /)
  })
})

describe('the table of peers', () => {
  it('shows each reason once', () => {
    const error = 'connection refused (connect ECONNREFUSED 10.0.0.1:9324)'
    expect(render([makeResult('refused', { error })])).toContain(
      '| ❓&nbsp;connection refused | 2ms | `connect ECONNREFUSED 10.0.0.1:9324` |',
    )
  })

  it('has no empty columns', () => {
    expect(render(makeRound('advertises', 'missing-capability'))).toContain(
      '| Node | Address | Status | Capabilities | Latency |\n',
    )
    expect(render(makeRound('dns', 'legacy'))).toContain(
      '| Node | Address | Status | Latency | Detail |\n',
    )
  })

  it('has a row for each address that blocks, and the reason in that row alone', () => {
    const addresses = [
      { address: '10.0.0.1:9324', status: 'advertises', error: '' },
      { address: '10.0.0.2:9324', status: 'legacy', error: 'old' },
      { address: '10.0.0.3:9324', status: 'refused', error: 'connection refused' },
    ] as const
    const summary = render([makeResult('legacy', { error: 'reason', addresses })])
    expect(summary.split('\n').slice(4, 9)).toEqual([
      '| Node | Address | Status | Latency | Detail |',
      '| --- | --- | --- | --- | --- |',
      '| `n1` | `n1.internal` | ❌&nbsp;old binary | 2ms | 2 of 3 addresses not ready |',
      '| ↳ | `10.0.0.2:9324` | ❌&nbsp;old binary |  | `old` |',
      '| ↳ | `10.0.0.3:9324` | ❓&nbsp;connection refused |  |  |',
    ])
    expect(summary).toMatch(/^- \*\*old binary\*\* \(`legacy`, 1 node\): /m)
    expect(summary).toMatch(/^- \*\*connection refused\*\* \(`refused`, 1 node\): /m)
  })

  it('is in the order of the input up to twenty rows, and has blocking ones first past that', () => {
    const statuses = Array<Status>(21).fill('advertises').with(7, 'dns').with(8, 'malformed')
    const names = (count: number) =>
      namesIn(render(makeRound(...statuses.slice(0, count - 1), 'legacy')))
    expect(names(20)).toEqual(Array.from({ length: 20 }, (_, at) => `n${at + 1}`))
    expect(names(21).slice(0, 5)).toEqual(['n21', 'n9', 'n8', 'n1', 'n2'])
  })

  it('shows the first eight capabilities and counts the others', () => {
    const capabilities = Array.from({ length: 10 }, (_, index) => `c${index}`)
    const summary = render([makeResult('missing-capability', { capabilities })])
    expect(summary).toContain('`c7`, and 2 more |')
  })
})

describe('what to do', () => {
  it('is told once for each reason that occurred, old nodes first, with the number of nodes', () => {
    const summary = render(makeRound('dns', 'cached', 'advertises', 'dns', 'legacy'))
    expect(
      [...summary.matchAll(/^- \*\*[^*]+\*\* \(([^)]*)\)/gm)].map(([, about]) => about),
    ).toEqual(['`legacy`, 1 node', '`cached`, 1 node', '`dns`, 2 nodes'])
  })

  it.each(Object.keys(STATUSES) as Status[])(
    'is told for %s, unless there is nothing to do',
    (status) => {
      const summary = render(makeRound(status))
      expect(summary).toContain(`&nbsp;${STATUSES[status].words} |`)
      expect(summary).toContain(adviceOn(status, 'htfifo'))
      expect(summary.includes('What to do')).toBe(status !== 'advertises')
    },
  )

  it.each(['malformed', 'too-large', 'redirect', 'cached', 'http-error'] as const)(
    'is to exempt the node where a proxy may have answered, %s',
    (status) => {
      expect(STATUSES[status].advice).toMatch(/proxy.* `no_proxy`, by name/)
    },
  )

  it('says nothing of HT-FIFO where another capability is asked for', () => {
    for (const statuses of [['advertises'], Object.keys(STATUSES)] as Status[][]) {
      const summary = render(makeRound(...statuses), { capability: 'other' })
      expect(summary).not.toMatch(/HT-FIFO|partition|lose messages/)
    }
  })
})

it('lists show their first fifty items', () => {
  const problems = Array.from({ length: 60 }, (_, index) => `problem ${index}`)
  const summary = renderSummary(refuse(problems, 'x'), makeContext(), 1)
  expect(summary).toContain('- `problem 49`\n- and 10 more\n')
})

describe('the timeline', () => {
  const tell = (timeline: readonly TimelineEntry[], timelineOmitted = 0, rounds = 99) => {
    const context = makeContext({ timeline: { timeline, timelineOmitted } })
    return renderSummary(makeVerdict(makeRound('dns'), { rounds }), context, 1)
  }

  it('tells when each node came up or fell back, and where the membership changed', () => {
    const summary = tell(
      [
        makeEntry({
          atMs: 1_000,
          membership: 'unknown',
          changes: [
            { name: 'n1', from: null, to: 'advertises' },
            { name: 'n2', from: null, to: 'legacy' },
            { name: 'n3', from: null, to: 'unhealthy' },
          ],
        }),
        makeEntry({
          round: 4,
          atMs: 4_000,
          advertising: 2,
          membership: 'unknown',
          changes: [
            { name: 'n1', from: 'advertises', to: 'refused' },
            { name: 'n2', from: 'legacy', to: 'advertises' },
          ],
        }),
        makeEntry({ round: 95, atMs: 95_000, advertising: 3, membership: 'complete' }),
      ],
      7,
    )
    expect(summary).toContain(`### Timeline

Rounds in which something changed:

| Round | After | Advertise | Changed |
| --- | --- | --- | --- |
| 1 | 1s | 1 of 3 | ❌&nbsp;\`n2\` old binary<br>❗&nbsp;\`n3\` unhealthy<br>membership unknown |
| 4 | 4s | 2 of 3 | ❓&nbsp;\`n1\` ready → connection refused<br>✅&nbsp;\`n2\` old binary → ready |
| 95 | 1m35s | 3 of 3 | membership complete |

7 more rounds with changes are not shown.

`)
  })

  it('shows the first twenty changes of a round, and counts the others', () => {
    const changes = Array.from({ length: 23 }, (_, at): Change => {
      return { name: `n${at + 1}`, from: null, to: 'dns' }
    })
    const last = (count: number) =>
      / \| ([^|]*) \|\n\n/
        .exec(
          tell([makeEntry({ changes: changes.slice(0, count) })]).split('Timeline')[1] ?? '',
        )?.[1]
        ?.split('<br>')
        .slice(19)
    expect(last(20)).toEqual(['❓&nbsp;`n20` DNS lookup failed'])
    expect(last(23)).toEqual(['❓&nbsp;`n20` DNS lookup failed', 'and 3 more'])
  })

  it('is left out after a single round', () => {
    expect(tell([makeEntry()], 0, 1)).not.toContain('Timeline')
  })
})

it('the partition map shows a hundred queues, and counts the groups of all', () => {
  const tell = (count: number) => {
    const queues = Array.from({ length: count }, (_, at) => ({
      queue: `q${at}.fifo`,
      groups: ['1', `${at + 2}`],
    }))
    return renderSummary(makeVerdict(makeRound('advertises')), makeContext({ queues }), 1)
  }
  expect(tell(100)).not.toContain('more queues')
  expect(tell(142)).toContain(
    '| `q99.fifo` | 2 | `1, 101` |\n\nAnd 42 more queues.\n\nThe map names 143 Raft groups.',
  )
})

describe('the size of the summary', () => {
  it('holds all rows that fit, blocking peers first, and counts the others', () => {
    const results = Array.from({ length: 20_000 }, (_, index) =>
      makeResult(index === 19_999 ? 'dns' : 'advertises', { name: `n${index}` }),
    )
    const summary = render(results)
    const names = namesIn(summary)
    expect(names[0]).toBe('n19999')
    expect(summary).toContain(`\n\nAnd ${20_000 - names.length} more; see the report file`)
    expect(Buffer.byteLength(summary)).toBeLessThan(1_048_576)
    expect(Buffer.byteLength(summary)).toBeGreaterThan(980_000)
  })

  it.each(['|', '🙂', '\u202e', '`', 'é', '€'])('is under 1 MiB whatever is full of %j', (char) => {
    const text = char.repeat(1_200)
    const address = { address: text, status: 'dns', error: text } as const
    const addresses = Array.from({ length: 32 }, () => address)
    const hostile = {
      name: text,
      error: text,
      addresses,
      capabilities: Array<string>(300).fill(text),
    }
    const results = Array<PeerResult>(3_000).fill(makeResult('malformed', hostile))
    const member = makeUnlisted(text, { address: text, suffrage: text, knownBy: [text] })
    const changes = results.map(
      () => ({ name: text, from: 'unhealthy', to: 'missing-capability' }) as const,
    )
    const timeline = Array.from({ length: 50 }, (_, index) =>
      makeEntry({ round: index + 2, changes }),
    )
    const queues = Array.from({ length: 10_000 }, (_, index) => ({
      queue: `${index}${'q'.repeat(70)}.fifo`,
      groups: Array.from({ length: 32 }, () => '18446744073709551615'),
    }))
    const verdict = makeVerdict(results, {
      capability: text,
      // More than a run can have at the same time.
      problems: Array<string>(500).fill(text),
      warnings: Array<string>(500).fill(text),
      membership: makeMembership({ members: Array(2_000).fill(member) }),
      rounds: 99,
    })
    const context = makeContext({ timeline: { timeline, timelineOmitted: 0 }, queues })
    const summary = renderSummary(verdict, context, 1)
    expect(Buffer.byteLength(summary)).toBeLessThan(1_000_000)
    expect(summary).toMatch(/And \d+ more; see the report file/)
  })
})
